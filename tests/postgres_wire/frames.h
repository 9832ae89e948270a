#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Messages of PostgreSQL's protocol 3.0, as clients make and read them.
namespace firedrill::test {

struct Frame {
  char type = '\0';
  std::string body;
};

/// Takes all whole messages from the beginning of `bytes`. Throws std::runtime_error for what no
/// server may say: another type, a length that cannot be.
std::vector<Frame> take_frames(std::string& bytes);

/// What a client sees of a message, on one line: "C SELECT 1", "D 1|NULL", "E ERROR 42601 ...".
/// BackendKeyData has no numbers, server_version no packager.
std::string line_of(const Frame& frame);
std::string lines_of(const std::vector<Frame>& frames);

// What clients send.
std::string message(char type, std::string_view body = {});
std::string startup(const std::vector<std::string>& names_and_values = {"user", "postgres"},
                    std::uint32_t version = 3U << 16U);
/// With the length before it.
std::string packet(std::string_view body);
std::string int16(int value);
std::string int32(std::int64_t value);
std::string zero_ended(std::string_view text);

std::string query(std::string_view sql);
std::string parse(std::string_view name, std::string_view sql,
                  const std::vector<std::uint32_t>& types = {});
using Parameters = std::vector<std::optional<std::string>>;
std::string bind_portal(std::string_view portal, std::string_view statement,
                        const Parameters& parameters = {}, const std::vector<int>& formats = {},
                        const std::vector<int>& result_formats = {});
std::string describe(char kind, std::string_view name);
std::string execute(std::string_view portal, int most_rows = 0);
std::string close(char kind, std::string_view name);
std::string sync();

}  // namespace firedrill::test
