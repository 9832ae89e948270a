#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/values/json.h"

namespace firedrill::sim::postgres {

/// A value of type json, which is its text: here with what stands where. Views point into the text
/// that was parsed. All of an object's fields are there, in their order, duplicates too.
struct JsonNode {
  Json::Type type = Json::Type::null;
  std::string_view text;
  std::string decoded;             ///< of a string
  std::vector<std::string> keys;   ///< of an object, as many as children
  std::vector<JsonNode> children;  ///< of an object or an array

  bool is_object() const { return type == Json::Type::object; }
  bool is_array() const { return type == Json::Type::array; }
  bool is_scalar() const { return !is_object() && !is_array(); }
};

/// `decodes`: strings are decoded, and refused where they cannot be. Throws as parse_json().
JsonNode parse_json_document(std::string_view text, bool decodes);

}  // namespace firedrill::sim::postgres
