#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sim/postgres/values/text_search.h"

namespace firedrill::sim::postgres {

/// Reads lexemes as tsvector's input has them: word, 'quoted word', with positions and weights.
/// Within a tsquery they end before operators, and have no positions.
class TsLexemeReader {
 public:
  /// `whole` is what errors quote.
  TsLexemeReader(std::string_view text, std::string_view whole, bool in_query)
      : text_(text), whole_(whole), in_query_(in_query) {}

  std::optional<TsLexeme> next();
  /// How much has been read, in bytes.
  std::size_t at() const { return at_; }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char here() const { return at_end() ? '\0' : text_[at_]; }
  [[noreturn]] void fail_syntax() const;
  bool is_operator() const;
  void copy();
  void copy_escaped();
  void read_quoted();
  void read_plain();
  void read_positions();
  TsPosition read_position();

  std::string_view text_;
  std::string_view whole_;
  bool in_query_;
  std::size_t at_ = 0;
  TsLexeme lexeme_;
};

}  // namespace firedrill::sim::postgres
