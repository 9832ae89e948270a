#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "system/domain/check.h"

namespace firedrill::sim::postgres {

/// How a value is kept. Which SQL type it is of, the plan knows (see catalog/types.h).
enum class Kind : std::uint8_t {
  null,
  boolean,
  integer,    ///< int2, int4, int8, oid; date (days), time, timestamp, timestamptz (us): since
              ///< 2000-01-01; enums (the label's oid)
  real,       ///< float4, float8
  text,       ///< text, varchar, char, name, json; bytea and uuid (16) as their bytes
  numeric,    ///< values/numeric.h
  interval,   ///< values/interval.h
  array,      ///< values/array.h
  json,       ///< jsonb: values/json.h
  record,     ///< Record, below
  ts_vector,  ///< values/text_search.h
  ts_query,
};

/// What a value holds that does not fit into a word. Never changed once it is in a Value; shared by
/// all copies of it, within one engine: the count is not atomic.
class Object {
 public:
  explicit Object(Kind kind) : kind_(kind) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;
  Kind kind() const { return kind_; }

 private:
  friend class Value;
  mutable std::uint32_t references_ = 0;
  Kind kind_;
};

/// A T as an Object.
template <class T, Kind kKind>
class Boxed final : public Object {
 public:
  explicit Boxed(T held) : Object(kKind), content(std::move(held)) {}
  const T content;
};

/// Which kind a T is kept as: specialised beside each such T.
template <class T>
inline constexpr Kind kind_of = Kind::null;
template <>
inline constexpr Kind kind_of<std::string> = Kind::text;

/// One SQL value; copying costs a count. Default: NULL.
class Value {
 public:
  Value() noexcept = default;
  Value(const Value& other) noexcept : kind_(other.kind_), word_(other.word_) { hold(); }
  Value(Value&& other) noexcept
      : kind_(std::exchange(other.kind_, Kind::null)), word_(other.word_) {}
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Value() { drop(); }

  static Value of(bool truth) {
    Value value(Kind::boolean);
    value.word_.integer = truth ? 1 : 0;
    return value;
  }
  static Value of(std::int64_t number) {
    Value value(Kind::integer);
    value.word_.integer = number;
    return value;
  }
  static Value of(std::int32_t number) { return of(static_cast<std::int64_t>(number)); }
  static Value of(double number) {
    Value value(Kind::real);
    value.word_.real = number;
    return value;
  }
  static Value of(std::string text) { return boxed(std::move(text)); }
  static Value of(std::string_view text) { return boxed(std::string(text)); }
  static Value of(const char* text) { return boxed(std::string(text)); }
  /// A Numeric, an Interval, an Array, ...
  template <class T>
  static Value boxed(T content) {
    static_assert(kind_of<T> != Kind::null, "specialise kind_of<T>");
    Value value(kind_of<T>);
    value.word_.object = new Boxed<T, kind_of<T>>(std::move(content));
    value.hold();
    return value;
  }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }

  // Of the kind that is meant, else a bug.
  bool boolean() const {
    check(kind_ == Kind::boolean, "the value is a boolean");
    return word_.integer != 0;
  }
  std::int64_t integer() const {
    check(kind_ == Kind::integer, "the value is an integer");
    return word_.integer;
  }
  double real() const {
    check(kind_ == Kind::real, "the value is a real");
    return word_.real;
  }
  const std::string& text() const { return as<std::string>(); }
  template <class T>
  const T& as() const {
    check(kind_ == kind_of<T>, "the value is of the kind that is asked for");
    return static_cast<const Boxed<T, kind_of<T>>*>(word_.object)->content;
  }

  void swap(Value& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(word_, other.word_);
  }

 private:
  union Word {
    std::int64_t integer = 0;
    double real;
    const Object* object;
  };

  explicit Value(Kind kind) : kind_(kind) {}
  bool is_boxed() const { return kind_ >= Kind::text; }
  void hold() const {
    if (is_boxed()) ++word_.object->references_;
  }
  void drop() {
    if (is_boxed() && --word_.object->references_ == 0) delete word_.object;
  }

  Kind kind_ = Kind::null;
  Word word_;
};

/// The values of a row, in the order of its columns.
using Row = std::vector<Value>;

/// A composite value. `types` are TypeIds of the columns (see catalog/types.h).
struct Record {
  std::vector<std::uint32_t> types;
  std::vector<std::string> names;
  Row values;
};
template <>
inline constexpr Kind kind_of<Record> = Kind::record;

}  // namespace firedrill::sim::postgres
