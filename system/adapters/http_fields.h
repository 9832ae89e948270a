#pragma once

#include <string>

#include "system/adapters/http_text.h"
#include "system/ports/network.h"

namespace firedrill::adapters {

/// From Beast's fields to ours and back. Templates, because Beast itself is for .cc files alone: it
/// takes ten seconds to compile.
template <class Fields>
Headers to_headers(const Fields& fields) {
  Headers headers;
  for (const auto& field : fields) {
    std::string name(field.name_string());
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    // The first field of a name counts, and an empty value is a value.
    bool known = false;
    for (const auto& [key, value] : headers.all()) known = known || key == name;
    if (!known) headers.set(std::move(name), std::string(field.value()));
  }
  return headers;
}

template <class Fields>
void put_headers(const Headers& headers, Fields* fields) {
  for (const auto& [name, value] : headers.all()) {
    if (!is_framing_field(name)) fields->set(name, safe_field_value(value));
  }
}

}  // namespace firedrill::adapters
