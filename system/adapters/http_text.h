#pragma once

#include <string>
#include <string_view>

namespace firedrill::adapters {

/// A field's value as it may go out: control characters, with which a value could begin a field of
/// its own, become spaces.
std::string safe_field_value(std::string_view value);

/// A request target as it may go out: spaces, control characters and bytes beyond ASCII are
/// percent-encoded; an empty one is "/".
std::string safe_target(std::string_view target);

/// Fields that say how the message is framed, in lower case: the adapter's business alone.
bool is_framing_field(std::string_view name);

}  // namespace firedrill::adapters
