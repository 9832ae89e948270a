#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "traces/scenario.h"

namespace firedrill::traces {

/// Inclusive.
struct Bounds {
  std::int64_t low;
  std::int64_t high;
};

/// The file's text. Throws InputError.
std::string read_text(const std::filesystem::path& file);

/// The document; `file` is its name in errors. A syntax error names line and column; a key that an
/// object has twice is an error. Throws InputError.
nlohmann::json parse_json(const std::string& text, const std::string& file);

/// A value in a JSON document and the way to it, for strict reading: every accessor says what it
/// expects, and throws InputError where it finds something else, or nothing. It refers to the
/// document, which must outlive it.
class JsonValue {
 public:
  JsonValue(const nlohmann::json& document, std::string_view file);

  /// This is an object, and has no keys but these (some may be absent).
  void only(std::initializer_list<std::string_view> keys) const;

  bool has(std::string_view key) const;

  bool is_list() const;

  /// How many members this object has.
  std::size_t members() const;

  /// A member of an object. It may be absent: whoever then reads it says what was expected.
  JsonValue at(std::string_view key) const;

  /// This is an array of so many values. Throws where it is none or its length is out of bounds.
  std::size_t size(Bounds bounds) const;

  /// An element of an array. Precondition: index < size().
  JsonValue at(std::size_t index) const;

  bool boolean() const;
  std::int64_t integer(Bounds bounds) const;
  std::string text(std::size_t longest) const;
  std::string one_of(std::span<const std::string> names) const;
  std::string one_of(std::initializer_list<std::string_view> names) const;
  std::uint64_t hex64() const;                ///< "0x" and 16 lower-case hex digits
  Range range(Bounds bounds) const;           ///< a whole number or [low, high]
  Duration nanoseconds(Bounds bounds) const;  ///< a whole number

  /// Throws: "FILE: PATH: expected EXPECTED, got ...".
  [[noreturn]] void expected(std::string_view what) const;

  /// Throws: "FILE: PATH: WHAT".
  [[noreturn]] void wrong(std::string_view what) const;

 private:
  JsonValue(const nlohmann::json* value, std::string_view file, std::string path);

  const nlohmann::json* value_;  ///< nullptr where the member is absent
  std::string_view file_;
  std::string path_;
};

}  // namespace firedrill::traces
