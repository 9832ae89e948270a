#pragma once

#include <string>
#include <string_view>

namespace firedrill::sim::postgres {

/// Both of bytea's forms: "\x6162", and "ab\000". Throws 22023, 22P02.
std::string parse_bytea(std::string_view text);
/// As bytea_output = hex has it.
std::string print_bytea(std::string_view bytes);

/// 16 bytes. Throws 22P02.
std::string parse_uuid(std::string_view text);
std::string print_uuid(std::string_view bytes);

// What encode() and decode() do. Decoding throws 22023; the escape form, 22P02.
std::string decode_hex(std::string_view text);
std::string encode_base64(std::string_view bytes);
std::string decode_base64(std::string_view text);
std::string encode_escape(std::string_view bytes);
std::string decode_escape(std::string_view text);

}  // namespace firedrill::sim::postgres
