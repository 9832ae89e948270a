#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/copy_options.h"

/// COPY's lines: of text, and of CSV.
namespace firedrill::sim::postgres {

/// Cuts data that comes in pieces into lines.
class CopyLines {
 public:
  /// Appends more of the data; false: there is no more.
  using More = std::function<bool(std::string& data)>;

  CopyLines(const CopyOptions& options, More more) : options_(options), more_(std::move(more)) {}

  /// The next line, without its end; false: there is none. What comes after "\." is read, and
  /// thrown away. Throws 22P04 and 22021.
  bool next(std::string& line);
  /// Of the line that is, or was last, read: from 1.
  std::uint64_t number() const { return number_; }

 private:
  enum class End : std::uint8_t { unknown, newline, carriage_return, both };

  /// Whether so many bytes are there, beyond what is read.
  bool has(std::size_t count);
  bool read_line(std::string& line);
  bool end_of_line(char letter);
  bool is_end_of_data();
  void skip_rest();
  [[noreturn]] void fail_end(std::string_view letter) const;

  const CopyOptions& options_;
  More more_;
  std::string data_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0;
  End end_ = End::unknown;
  bool is_over_ = false;
};

/// The values of a line; nothing: NULL. Throws 22P04 and 22021.
std::vector<std::optional<std::string>> copy_fields(const CopyOptions& options,
                                                    std::string_view line);

/// Appends one value (nothing: NULL) as COPY TO writes it. `is_alone`: the line has no other.
void append_copy_field(const CopyOptions& options, std::string& line,
                       const std::optional<std::string>& value, bool is_quoted, bool is_alone);

}  // namespace firedrill::sim::postgres
