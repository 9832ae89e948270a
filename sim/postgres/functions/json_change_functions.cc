#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "sim/postgres/functions/json_functions.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/array_shape.h"

namespace firedrill::sim::postgres {

namespace {

[[noreturn]] void fail_parameter(std::string message) {
  fail(sqlstate::kInvalidParameterValue, std::move(message));
}

Json::Members copied(std::span<const JsonMember> members) {
  return {members.begin(), members.end()};
}

Json::Elements copied(std::span<const Json> elements) {
  return {elements.begin(), elements.end()};
}

/// What is no array is one of one element.
Json::Elements as_elements(const Json& json) {
  return json.is_array() ? copied(json.elements()) : Json::Elements{json};
}

Value concatenate(Call& call) {
  const Json& left = call[0].as<Json>();
  const Json& right = call[1].as<Json>();
  if (left.is_object() && right.is_object()) {
    Json::Members members = copied(left.members());
    members.insert(members.end(), right.members().begin(), right.members().end());
    return Value::boxed(Json::object(std::move(members)));
  }
  Json::Elements elements = as_elements(left);
  const Json::Elements more = as_elements(right);
  elements.insert(elements.end(), more.begin(), more.end());
  return Value::boxed(Json::array(std::move(elements)));
}

void check_no_scalar(const Json& json, std::string_view act) {
  if (json.is_scalar()) fail_parameter("cannot " + std::string(act) + " scalar");
}

const Array& one_dimensional(const Value& value) {
  const Array& array = value.as<Array>();
  if (array.dimensions.size() > 1) fail_subscript_count();
  return array;
}

Json without_keys(const Json& json, const std::set<std::string>& keys) {
  check_no_scalar(json, "delete from");
  if (json.is_object()) {
    Json::Members members = copied(json.members());
    std::erase_if(members, [&](const JsonMember& member) { return keys.contains(member.key); });
    return Json::object(std::move(members));
  }
  Json::Elements elements = copied(json.elements());
  std::erase_if(elements, [&](const Json& element) {
    return element.is_string() && keys.contains(element.string());
  });
  return Json::array(std::move(elements));
}

Value delete_key(Call& call) {
  return Value::boxed(without_keys(call[0].as<Json>(), {call[1].text()}));
}

Value delete_keys(Call& call) {
  std::set<std::string> keys;
  for (const Value& key : one_dimensional(call[1]).elements) {
    if (!key.is_null()) keys.insert(key.text());
  }
  return Value::boxed(without_keys(call[0].as<Json>(), keys));
}

Value delete_element(Call& call) {
  const Json& json = call[0].as<Json>();
  check_no_scalar(json, "delete from");
  if (json.is_object()) fail_parameter("cannot delete from object using integer index");
  const auto count = static_cast<std::int64_t>(json.size());
  std::int64_t index = call[1].integer();
  if (index < 0) index += count;
  if (index < 0 || index >= count) return call[0];
  Json::Elements elements = copied(json.elements());
  elements.erase(elements.begin() + index);
  return Value::boxed(Json::array(std::move(elements)));
}

enum class Change { create, replace, remove, insert_before, insert_after };

/// One change at the end of a path, as PostgreSQL's setPath() makes it.
class PathChange {
 public:
  PathChange(Change change, const Row& path, const Json* replacement)
      : change_(change), path_(path), replacement_(replacement) {}

  Json apply(const Json& json, std::size_t level = 0) const {
    check(level < path_.size(), "the path goes on");
    if (path_[level].is_null()) {
      fail("22004", "path element at position " + std::to_string(level + 1) + " is null");
    }
    if (json.is_object()) return in_object(json, level);
    if (json.is_array()) return in_array(json, level);
    return json;
  }

 private:
  bool is_last(std::size_t level) const { return level + 1 == path_.size(); }
  bool is_insert() const {
    return change_ == Change::insert_before || change_ == Change::insert_after;
  }
  bool adds() const { return is_insert() || change_ == Change::create; }

  Json in_object(const Json& json, std::size_t level) const {
    const std::string& key = path_[level].text();
    const auto found = std::ranges::find(json.members(), key, &JsonMember::key);
    const auto place = found - json.members().begin();
    Json::Members members = copied(json.members());
    if (found == json.members().end()) {
      if (adds() && is_last(level)) members.push_back({key, *replacement_});
    } else if (!is_last(level)) {
      JsonMember& member = members[static_cast<std::size_t>(place)];
      member.value = apply(member.value, level + 1);
    } else if (is_insert()) {
      throw SqlError{.sqlstate = std::string(sqlstate::kInvalidParameterValue),
                     .message = "cannot replace existing key",
                     .hint = "Try using the function jsonb_set to replace key value."};
    } else if (change_ == Change::remove) {
      members.erase(members.begin() + place);
    } else {
      members[static_cast<std::size_t>(place)].value = *replacement_;
    }
    return Json::object(std::move(members));
  }

  std::int64_t index_at(std::size_t level) const {
    const std::string& text = path_[level].text();
    const auto index = path_index(text);
    if (index) return *index;
    fail(sqlstate::kInvalidTextRepresentation, "path element at position " +
                                                   std::to_string(level + 1) +
                                                   " is not an integer: \"" + text + "\"");
  }

  Json in_array(const Json& json, std::size_t level) const {
    Json::Elements elements = copied(json.elements());
    const auto count = static_cast<std::int64_t>(elements.size());
    std::int64_t index = index_at(level);
    if (index < 0) index += count;
    const bool is_before = index < 0;
    const auto place = elements.begin() + std::clamp<std::int64_t>(index, 0, count);
    if (!is_before && place != elements.end()) {
      if (is_last(level)) {
        change_element(elements, place);
      } else {
        *place = apply(*place, level + 1);
      }
    } else if (adds() && is_last(level)) {
      elements.insert(place, *replacement_);
    }
    return Json::array(std::move(elements));
  }

  void change_element(Json::Elements& elements, Json::Elements::iterator place) const {
    switch (change_) {
      case Change::create:
      case Change::replace: *place = *replacement_; return;
      case Change::remove: elements.erase(place); return;
      case Change::insert_before: elements.insert(place, *replacement_); return;
      case Change::insert_after: elements.insert(place + 1, *replacement_); return;
    }
  }

  Change change_;
  const Row& path_;
  const Json* replacement_;
};

Value change_path(const Call& call, Change change, std::string_view act) {
  const Row& path = one_dimensional(call[1]).elements;
  const Json& json = call[0].as<Json>();
  check_no_scalar(json, act);
  const bool may_add = change != Change::replace && change != Change::remove;
  if (path.empty() || (json.size() == 0 && !may_add)) return call[0];
  const Json* replacement = call.size() > 2 ? &call[2].as<Json>() : nullptr;
  return Value::boxed(PathChange(change, path, replacement).apply(json));
}

Value set(Call& call) {
  const bool creates = call.size() < 4 || call[3].boolean();
  return change_path(call, creates ? Change::create : Change::replace, "set path in");
}

Value insert(Call& call) {
  const bool is_after = call.size() > 3 && call[3].boolean();
  return change_path(call, is_after ? Change::insert_after : Change::insert_before, "set path in");
}

Value delete_path(Call& call) {
  return change_path(call, Change::remove, "delete path in");
}

Json without_nulls(const Json& json) {
  if (json.is_scalar()) return json;
  if (json.is_array()) {
    Json::Elements elements;
    for (const Json& element : json.elements()) elements.push_back(without_nulls(element));
    return Json::array(std::move(elements));
  }
  Json::Members members;
  for (const JsonMember& member : json.members()) {
    if (!member.value.is_null()) members.push_back({member.key, without_nulls(member.value)});
  }
  return Json::object(std::move(members));
}

Value strip_nulls(Call& call) {
  return Value::boxed(without_nulls(call[0].as<Json>()));
}

constexpr FunctionRow kRows[] = {
    {"jsonb_concat", "jsonb jsonb", "jsonb", concatenate},
    {"jsonb_delete", "jsonb text", "jsonb", delete_key},
    {"jsonb_delete", "jsonb int4", "jsonb", delete_element},
    {"jsonb_delete_path", "jsonb _text", "jsonb", delete_path},
    {"jsonb_set", "jsonb _text jsonb", "jsonb", set},
    {"jsonb_set", "jsonb _text jsonb bool", "jsonb", set},
    {"jsonb_insert", "jsonb _text jsonb", "jsonb", insert},
    {"jsonb_insert", "jsonb _text jsonb bool", "jsonb", insert},
    {"jsonb_strip_nulls", "jsonb", "jsonb", strip_nulls},
};

constexpr OperatorRow kOperators[] = {
    {"||", "jsonb", "jsonb", "jsonb", concatenate}, {"-", "jsonb", "text", "jsonb", delete_key},
    {"-", "jsonb", "_text", "jsonb", delete_keys},  {"-", "jsonb", "int4", "jsonb", delete_element},
    {"#-", "jsonb", "_text", "jsonb", delete_path},
};

}  // namespace

FunctionFamily json_change_part() {
  return {.functions = kRows, .operators = kOperators};
}

}  // namespace firedrill::sim::postgres
