#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The messages of the extended query protocol, as the engine takes them.
namespace firedrill::sim::postgres {

/// A format code of the wire: any other is refused (22023).
inline constexpr std::int16_t kTextFormat = 0;
inline constexpr std::int16_t kBinaryFormat = 1;

/// An empty name is the unnamed one's, here and below.
struct ParseRequest {
  std::string statement;
  std::string sql;
  std::vector<std::uint32_t> parameter_types;  ///< oids; 0, or left out: to be found out
};

/// Format codes: none (all are text), one for all, or one for each.
struct BindRequest {
  std::string portal;
  std::string statement;
  std::vector<std::int16_t> parameter_formats;
  std::vector<std::optional<std::string>> parameters;  ///< nothing: NULL
  std::vector<std::int16_t> result_formats;
};

struct DescribeRequest {
  bool is_portal = false;
  std::string name;
};

struct ExecuteRequest {
  std::string portal;
  std::int32_t most_rows = 0;  ///< 0, or less: all
};

struct CloseRequest {
  bool is_portal = false;
  std::string name;
};

/// The end of the implicit transaction.
struct SyncRequest {};

using ExtendedRequest = std::variant<ParseRequest, BindRequest, DescribeRequest, ExecuteRequest,
                                     CloseRequest, SyncRequest>;

}  // namespace firedrill::sim::postgres
