#include "sim/postgres/settings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/time_settings.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {

constexpr auto kSettings = std::to_array<Setting>({
    {"application_name", ""},
    {"bytea_output", "hex"},
    {"client_connection_check_interval", "0"},
    {"client_encoding", "UTF8"},
    {"client_min_messages", "notice"},
    {"DateStyle", "ISO, MDY"},
    {"deadlock_timeout", "1s"},
    {"default_text_search_config", "pg_catalog.simple"},
    {"default_transaction_isolation", "read committed"},
    {"default_transaction_read_only", "off"},
    {"extra_float_digits", "1"},
    {"in_hot_standby", "off"},
    {"idle_in_transaction_session_timeout", "0"},
    {"idle_session_timeout", "0"},
    {"integer_datetimes", "on"},
    {"IntervalStyle", "postgres"},
    {"is_superuser", "on"},
    {"lock_timeout", "0"},
    {"max_connections", "100"},
    {"search_path", "\"$user\", public"},
    {"server_encoding", "UTF8"},
    {"server_version", "15.18"},
    {"server_version_num", "150018"},
    {"session_authorization", "postgres"},
    {"standard_conforming_strings", "on"},
    {"statement_timeout", "0"},
    {"synchronous_commit", "on"},
    {"TimeZone", "UTC"},
    {"transaction_isolation", "read committed"},
    {"transaction_read_only", "off"},
});

constexpr std::string_view kCantChange = "55P02";

/// Of these the server itself tells.
constexpr std::array kInternal = {"in_hot_standby",       "integer_datetimes", "is_superuser",
                                  "server_encoding",      "server_version",    "server_version_num",
                                  "session_authorization"};

/// Those that the model follows at some values only, in lower case. The others of
/// extra_float_digits print as 1 does; else all of them mean the first.
struct Modelled {
  std::string_view name;
  std::vector<std::string_view> values;
};
const std::array<Modelled, 7>& modelled() {
  static const std::array<Modelled, 7> kModelled = {
      Modelled{"bytea_output", {"hex"}},
      Modelled{"DateStyle", {"iso", "iso, mdy", "iso,mdy", "mdy", "iso, us", "us"}},
      Modelled{"default_text_search_config", {"pg_catalog.simple", "simple"}},
      Modelled{"extra_float_digits", {"1", "2", "3"}},
      Modelled{"IntervalStyle", {"postgres"}},
      Modelled{"standard_conforming_strings", {"on", "true", "yes", "1"}},
      Modelled{"TimeZone", {"utc"}}};
  return kModelled;
}

/// As SHOW has it. Texts are UTF-8, and bytes are not converted.
std::string client_encoding_of(std::string_view value) {
  std::string plain;
  for (const char letter : ascii_lower(value)) {
    if (is_ascii_letter(letter) || is_ascii_digit(letter)) plain += letter;
  }
  if (plain == "utf8" || plain == "unicode") return "UTF8";
  if (plain == "sqlascii") return "SQL_ASCII";
  static constexpr std::array kOthers = {"latin1", "iso88591", "win1252", "latin9", "euc_jp"};
  if (std::ranges::find(kOthers, plain) != kOthers.end()) {
    unsupported("client_encoding \"" + std::string(value) + "\"");
  }
  fail(sqlstate::kInvalidParameterValue,
       "invalid value for parameter \"client_encoding\": \"" + std::string(value) + "\"");
}

}  // namespace

std::span<const Setting> known_settings() {
  return kSettings;
}

const Setting* find_setting(std::string_view name) {
  const auto* found = std::ranges::find_if(kSettings, [&](const Setting& setting) {
    return std::ranges::equal(setting.name, name, [](unsigned char a, unsigned char b) {
      return std::tolower(a) == std::tolower(b);
    });
  });
  return found != kSettings.end() ? found : nullptr;
}

std::string normal_value(const Setting& setting, std::string_view value) {
  if (setting.name == "client_encoding") return client_encoding_of(value);
  if (is_time_setting(setting.name)) return normal_time(setting.name, value);
  if (std::ranges::find(kInternal, setting.name) != kInternal.end()) {
    fail(kCantChange, "parameter \"" + std::string(setting.name) + "\" cannot be changed");
  }
  const auto* const known = std::ranges::find(modelled(), setting.name, &Modelled::name);
  if (known == modelled().end()) return std::string(value);
  if (std::ranges::find(known->values, ascii_lower(value)) == known->values.end()) {
    unsupported(std::string(setting.name) + " \"" + std::string(value) + "\"");
  }
  return std::string(setting.name == "extra_float_digits" ? value : setting.value);
}

}  // namespace firedrill::sim::postgres
