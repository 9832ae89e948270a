#include <string>
#include <utility>

#include "sim/postgres/functions/json_functions.h"
#include "sim/postgres/values/array.h"

namespace firedrill::sim::postgres {

namespace {

[[noreturn]] void fail_arguments(std::string message, std::string hint) {
  throw SqlError{.sqlstate = std::string(sqlstate::kInvalidParameterValue),
                 .message = std::move(message),
                 .hint = std::move(hint)};
}

Value to_json_call(Call& call) {
  return Value::of(to_json_text(call.environment, argument_type(call, 0), call[0]));
}

Value to_json_pretty(Call& call) {
  return Value::of(
      to_json_text(call.environment, argument_type(call, 0), call[0], call[1].boolean()));
}

Value to_jsonb_call(Call& call) {
  return Value::boxed(to_json(call.environment, argument_type(call, 0), call[0]));
}

Json argument_json(const Call& call, std::size_t index) {
  return to_json(call.environment, argument_type(call, index), call[index]);
}

std::string argument_text(const Call& call, std::size_t index) {
  return to_json_text(call.environment, argument_type(call, index), call[index]);
}

std::string argument_key(const Call& call, std::size_t index) {
  return to_json_key(call.environment, argument_type(call, index), call[index]);
}

void check_pairs(const Call& call, std::string_view function) {
  if (call.size() % 2 == 0) return;
  fail_arguments("argument list must have even number of elements",
                 "The arguments of " + std::string(function) +
                     " must consist of alternating keys and values.");
}

Value jsonb_build_object(Call& call) {
  check_pairs(call, "jsonb_build_object()");
  Json::Members members;
  for (std::size_t i = 0; i < call.size(); i += 2) {
    if (call[i].is_null()) {
      fail(sqlstate::kInvalidParameterValue,
           "argument " + std::to_string(i + 1) + ": key must not be null");
    }
    members.push_back({argument_key(call, i), argument_json(call, i + 1)});
  }
  return Value::boxed(Json::object(std::move(members)));
}

Value jsonb_build_array(Call& call) {
  Json::Elements elements;
  for (std::size_t i = 0; i < call.size(); ++i) elements.push_back(argument_json(call, i));
  return Value::boxed(Json::array(std::move(elements)));
}

Value json_build_object(Call& call) {
  check_pairs(call, "json_build_object()");
  std::string text = "{";
  for (std::size_t i = 0; i < call.size(); i += 2) {
    if (call[i].is_null()) {
      fail_arguments("argument " + std::to_string(i + 1) + " cannot be null",
                     "Object keys should be text.");
    }
    if (i > 0) text += ", ";
    text += quote_json(argument_key(call, i)) + " : " + argument_text(call, i + 1);
  }
  return Value::of(text + "}");
}

Value json_build_array(Call& call) {
  std::string text = "[";
  for (std::size_t i = 0; i < call.size(); ++i) {
    if (i > 0) text += ", ";
    text += argument_text(call, i);
  }
  return Value::of(text + "]");
}

using Pair = std::pair<std::string, Value>;

std::string object_key(const Value& key) {
  if (key.is_null()) fail("22004", "null value not allowed for object key");
  return key.text();
}

/// {key, value, key, value}, or {{key, value}, {key, value}}.
std::vector<Pair> pairs_of(const Array& array) {
  if (array.dimensions.size() > 2) fail("2202E", "wrong number of array subscripts");
  if (array.dimensions.size() == 2 && array.dimensions[1].length != 2) {
    fail("2202E", "array must have two columns");
  }
  if (array.elements.size() % 2 != 0) fail("2202E", "array must have even number of elements");
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < array.elements.size(); i += 2) {
    pairs.emplace_back(object_key(array.elements[i]), array.elements[i + 1]);
  }
  return pairs;
}

std::vector<Pair> pairs_of(const Array& keys, const Array& values) {
  if (keys.dimensions.size() > 1 || keys.dimensions.size() != values.dimensions.size()) {
    fail("2202E", "wrong number of array subscripts");
  }
  if (keys.elements.size() != values.elements.size()) fail("2202E", "mismatched array dimensions");
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < keys.elements.size(); ++i) {
    pairs.emplace_back(object_key(keys.elements[i]), values.elements[i]);
  }
  return pairs;
}

std::vector<Pair> pairs_of(const Call& call) {
  const Array& first = call[0].as<Array>();
  return call.size() > 1 ? pairs_of(first, call[1].as<Array>()) : pairs_of(first);
}

Value jsonb_object(Call& call) {
  Json::Members members;
  for (Pair& pair : pairs_of(call)) {
    members.push_back(
        {std::move(pair.first), pair.second.is_null() ? Json() : Json::of(pair.second.text())});
  }
  return Value::boxed(Json::object(std::move(members)));
}

Value json_object(Call& call) {
  std::string text = "{";
  for (const auto& [key, value] : pairs_of(call)) {
    if (text.size() > 1) text += ", ";
    text += quote_json(key) + " : " + (value.is_null() ? "null" : quote_json(value.text()));
  }
  return Value::of(text + "}");
}

constexpr FunctionRow kRows[] = {
    {"to_json", "anyelement", "json", to_json_call},
    {"to_jsonb", "anyelement", "jsonb", to_jsonb_call},
    {"row_to_json", "record", "json", to_json_call},
    {"row_to_json", "record bool", "json", to_json_pretty},
    {"array_to_json", "anyarray", "json", to_json_call},
    {"array_to_json", "anyarray bool", "json", to_json_pretty},
    {"jsonb_build_object", "variadic any", "jsonb", jsonb_build_object, false},
    {"jsonb_build_object", "", "jsonb", jsonb_build_object, false},
    {"jsonb_build_array", "variadic any", "jsonb", jsonb_build_array, false},
    {"jsonb_build_array", "", "jsonb", jsonb_build_array, false},
    {"json_build_object", "variadic any", "json", json_build_object, false},
    {"json_build_object", "", "json", json_build_object, false},
    {"json_build_array", "variadic any", "json", json_build_array, false},
    {"json_build_array", "", "json", json_build_array, false},
    {"jsonb_object", "_text", "jsonb", jsonb_object},
    {"jsonb_object", "_text _text", "jsonb", jsonb_object},
    {"json_object", "_text", "json", json_object},
    {"json_object", "_text _text", "json", json_object},
};

}  // namespace

FunctionFamily json_build_part() {
  return {.functions = kRows};
}

}  // namespace firedrill::sim::postgres
