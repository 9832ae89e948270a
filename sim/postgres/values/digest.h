#pragma once

#include <string>
#include <string_view>

namespace firedrill::sim::postgres {

// Digests as their bytes: 16, 28, 32, 48, 64.
std::string md5(std::string_view bytes);
std::string sha224(std::string_view bytes);
std::string sha256(std::string_view bytes);
std::string sha384(std::string_view bytes);
std::string sha512(std::string_view bytes);

/// Two lower-case digits for each byte.
std::string to_hex(std::string_view bytes);

}  // namespace firedrill::sim::postgres
