#include "sim/postgres/values/json.h"

#include <algorithm>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "system/domain/check.h"

namespace firedrill::sim::postgres {

namespace {

bool key_before(std::string_view left, std::string_view right) {
  return left.size() != right.size() ? left.size() < right.size() : left < right;
}

int sign_of(bool is_less, bool is_greater) {
  return is_less ? -1 : is_greater ? 1 : 0;
}

template <class T>
int order_of(const T& left, const T& right) {
  return sign_of(left < right, right < left);
}

int compare_elements(const Json& left, const Json& right);

int compare_arrays_of_json(const Json& left, const Json& right) {
  if (left.size() != right.size()) return order_of(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    const int order = compare_elements(left.elements()[i], right.elements()[i]);
    if (order != 0) return order;
  }
  return 0;
}

int compare_objects(const Json& left, const Json& right) {
  if (left.size() != right.size()) return order_of(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    const JsonMember& ours = left.members()[i];
    const JsonMember& theirs = right.members()[i];
    if (const int order = order_of(ours.key, theirs.key); order != 0) return order;
    if (const int order = compare_elements(ours.value, theirs.value); order != 0) return order;
  }
  return 0;
}

int compare_elements(const Json& left, const Json& right) {
  if (left.type() != right.type()) return order_of(left.type(), right.type());
  switch (left.type()) {
    case Json::Type::null: return 0;
    case Json::Type::string: return order_of(left.string(), right.string());
    case Json::Type::number: return compare_numerics(left.number(), right.number());
    case Json::Type::boolean: return order_of(left.boolean(), right.boolean());
    case Json::Type::array: return compare_arrays_of_json(left, right);
    case Json::Type::object: return compare_objects(left, right);
  }
  return 0;
}

/// At the top PostgreSQL keeps a scalar as an array of one, and compares lengths before it looks
/// at anything else: an empty array comes before all scalars.
int compare_scalar_with_array(const Json& array) {
  return array.size() == 0 ? 1 : -1;
}

}  // namespace

Json Json::of(bool truth) {
  return Json(Content(truth));
}

Json Json::of(Numeric number) {
  return Json(Content(std::move(number)));
}

Json Json::of(std::string text) {
  return Json(Content(std::move(text)));
}

Json Json::array(Elements elements) {
  std::size_t depth = 1;
  for (const Json& element : elements) depth = std::max(depth, element.depth_ + 1);
  if (depth > kMaxDepth) fail_nesting();
  return Json(Content(std::make_shared<const Elements>(std::move(elements))), depth);
}

Json Json::object(Members members) {
  std::ranges::stable_sort(members, key_before, &JsonMember::key);
  // From the back, so that the last one of a key is met first.
  const auto gone =
      std::unique(members.rbegin(), members.rend(),
                  [](const JsonMember& a, const JsonMember& b) { return a.key == b.key; });
  members.erase(members.begin(), gone.base());
  std::size_t depth = 1;
  for (const JsonMember& member : members) depth = std::max(depth, member.value.depth_ + 1);
  if (depth > kMaxDepth) fail_nesting();
  return Json(Content(std::make_shared<const Members>(std::move(members))), depth);
}

bool Json::boolean() const {
  check(type() == Type::boolean, "the JSON value is a boolean");
  return std::get<bool>(content_);
}

const Numeric& Json::number() const {
  check(type() == Type::number, "the JSON value is a number");
  return std::get<Numeric>(content_);
}

const std::string& Json::string() const {
  check(is_string(), "the JSON value is a string");
  return std::get<std::string>(content_);
}

std::span<const Json> Json::elements() const {
  check(is_array(), "the JSON value is an array");
  return *std::get<std::shared_ptr<const Elements>>(content_);
}

std::span<const JsonMember> Json::members() const {
  check(is_object(), "the JSON value is an object");
  return *std::get<std::shared_ptr<const Members>>(content_);
}

std::size_t Json::size() const {
  return is_array() ? elements().size() : members().size();
}

const Json* Json::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const auto found = std::ranges::lower_bound(members(), key, key_before, &JsonMember::key);
  return found != members().end() && found->key == key ? &found->value : nullptr;
}

const Json* Json::at(std::int64_t index) const {
  if (!is_array()) return nullptr;
  const auto count = static_cast<std::int64_t>(size());
  const std::int64_t place = index < 0 ? index + count : index;
  if (place < 0 || place >= count) return nullptr;
  return &elements()[static_cast<std::size_t>(place)];
}

int compare_json(const Json& left, const Json& right) {
  if (left.is_scalar() && right.is_array()) return compare_scalar_with_array(right);
  if (left.is_array() && right.is_scalar()) return -compare_scalar_with_array(left);
  return compare_elements(left, right);
}

}  // namespace firedrill::sim::postgres
