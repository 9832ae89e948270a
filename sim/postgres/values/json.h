#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/value.h"

namespace firedrill::sim::postgres {

struct JsonMember;

/// A jsonb: an immutable tree, whose copies share what they contain. Default: null.
class Json {
 public:
  /// In the order in which jsonb sorts them.
  enum class Type : std::uint8_t { null, string, number, boolean, array, object };
  using Elements = std::vector<Json>;
  using Members = std::vector<JsonMember>;

  /// How many arrays and objects there may be within each other. PostgreSQL gets to 14522 arrays,
  /// or 13066 objects, on the 2 MB of its own stack, before it says the same. Here what goes
  /// through a tree runs on the stack of a Fiber, and takes up to 1.4 KB a level where sanitizers
  /// are on: this is a third of it, and leaves the rest to the statement around.
  static constexpr std::size_t kMaxDepth = 256;

  Json() = default;
  static Json of(bool truth);
  static Json of(Numeric number);
  static Json of(std::string text);
  /// This and object() throw 54001 above kMaxDepth.
  static Json array(Elements elements);
  /// Sorted by jsonb's rule (shorter keys first, then by bytes); of equal keys the last one stays.
  static Json object(Members members);

  Type type() const { return static_cast<Type>(content_.index()); }
  bool is_object() const { return type() == Type::object; }
  bool is_array() const { return type() == Type::array; }
  bool is_string() const { return type() == Type::string; }
  bool is_null() const { return type() == Type::null; }
  bool is_scalar() const { return !is_object() && !is_array(); }

  // Of the type that is meant, else a bug.
  bool boolean() const;
  const Numeric& number() const;
  const std::string& string() const;
  std::span<const Json> elements() const;
  std::span<const JsonMember> members() const;

  /// Of an array or an object.
  std::size_t size() const;
  /// The value of an object's key; null: it has no such key, or is no object.
  const Json* find(std::string_view key) const;
  /// An array's element, from 0, or from -1 at its end; null: there is none, or it is no array.
  const Json* at(std::int64_t index) const;

 private:
  // In the order of Type.
  using Content = std::variant<std::monostate, std::string, Numeric, bool,
                               std::shared_ptr<const Elements>, std::shared_ptr<const Members>>;
  explicit Json(Content content, std::size_t depth = 0)
      : content_(std::move(content)), depth_(depth) {}

  Content content_;
  std::size_t depth_ = 0;  ///< of a scalar 0; of a container one more than its deepest one's
};

struct JsonMember {
  std::string key;
  Json value;
};

template <>
inline constexpr Kind kind_of<Json> = Kind::json;

/// Throws 22P02 where the text is not JSON, 22P05 where it has \u0000, 54001 where it is nested
/// too deeply.
Json parse_json(std::string_view text);

/// Throws where the text may not become a value of type json, which keeps it as it is.
void check_json_text(std::string_view text);

/// As jsonb is written: {"a": 1, "b": [1, 2]}.
std::string print_json(const Json& json);

/// With four blanks for each level, as jsonb_pretty() does.
std::string print_json_indented(const Json& json);

/// `text` in quotes, escaped as JSON wants it.
std::string quote_json(std::string_view text);

/// jsonb's btree order: <0, 0, >0.
int compare_json(const Json& left, const Json& right);

}  // namespace firedrill::sim::postgres
