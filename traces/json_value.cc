#include "traces/json_value.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

namespace firedrill::traces {
namespace {

using Json = nlohmann::json;

std::string within(Bounds bounds) {
  if (bounds.low == std::numeric_limits<std::int64_t>::min()) return "";
  return " within " + std::to_string(bounds.low) + ".." + std::to_string(bounds.high);
}

/// For an error message: one line, not too long.
std::string shown(const Json& value) {
  constexpr std::size_t kLongest = 60;
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kLongest) text = text.substr(0, kLongest - 3) + "...";
  return text;
}

std::string listed(auto begin, auto end) {
  std::string text;
  for (auto name = begin; name != end; ++name) {
    if (!text.empty()) text += ", ";
    text += *name;
  }
  return text;
}

bool is_whole(const Json& value, Bounds bounds) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return false;
  }
  const auto number = value.get<std::int64_t>();
  return bounds.low <= number && number <= bounds.high;
}

/// "12:7", counted from 1. `byte` is the parser's: one past the last byte that it read.
std::string place_of(const std::string& text, std::size_t byte) {
  const std::size_t end = std::min(byte == 0 ? 0 : byte - 1, text.size());
  const auto before = std::string_view(text).substr(0, end);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 == 0
  return std::to_string(line) + ":" + std::to_string(end - start + 1);
}

/// The parser's reason, without the exception's name and the place in front.
std::string reason_of(const std::string& what) {
  std::size_t start = what.find("] ");
  start = start == std::string::npos ? 0 : start + 2;
  const std::size_t column = what.find(", column ");
  if (column != std::string::npos) start = what.find(": ", column) + 2;
  return what.substr(start);
}

/// Throws where an object has a key twice, which the parser would pass over in silence.
class NoKeyTwice {
 public:
  explicit NoKeyTwice(const std::string& file) : file_(file) {}

  void see(Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event != Json::parse_event_t::key) return;
    if (!keys_.back().insert(parsed.get<std::string>()).second) {
      throw InputError(file_ + ": the key " + shown(parsed) + " is there twice in one object");
    }
  }

 private:
  const std::string& file_;
  std::vector<std::set<std::string>> keys_;  // of the open objects
};

}  // namespace

std::string read_text(const std::filesystem::path& file) {
  const auto closing = [](std::FILE* stream) { std::fclose(stream); };
  const std::unique_ptr<std::FILE, decltype(closing)> stream(std::fopen(file.c_str(), "rb"));
  const auto cannot = [&] {
    return InputError(file.string() + ": cannot be read: " + std::strerror(errno));
  };
  if (!stream) throw cannot();
  std::string text;
  char buffer[1 << 16];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, stream.get())) {
    text.append(buffer, got);
  }
  if (std::ferror(stream.get()) != 0) throw cannot();
  return text;
}

nlohmann::json parse_json(const std::string& text, const std::string& file) {
  NoKeyTwice keys(file);
  try {
    return Json::parse(text, [&keys](int, Json::parse_event_t event, Json& parsed) {
      keys.see(event, parsed);
      return true;
    });
  } catch (const Json::parse_error& error) {
    throw InputError(file + ":" + place_of(text, error.byte) + ": " + reason_of(error.what()));
  } catch (const Json::exception& error) {  // a number that no double holds
    throw InputError(file + ": " + reason_of(error.what()));
  }
}

JsonValue::JsonValue(const nlohmann::json& document, std::string_view file)
    : JsonValue(&document, file, "") {}

JsonValue::JsonValue(const nlohmann::json* value, std::string_view file, std::string path)
    : value_(value), file_(file), path_(std::move(path)) {}

void JsonValue::wrong(std::string_view what) const {
  const std::string path = path_.empty() ? "/" : path_;
  throw InputError(std::string(file_) + ": " + path + ": " + std::string(what));
}

void JsonValue::expected(std::string_view what) const {
  wrong("expected " + std::string(what) + ", got " + (value_ ? shown(*value_) : "nothing"));
}

void JsonValue::only(std::initializer_list<std::string_view> keys) const {
  if (!value_ || !value_->is_object()) expected("an object");
  for (const auto& [key, member] : value_->items()) {
    if (std::ranges::find(keys, key) != keys.end()) continue;
    wrong("unknown key " + shown(Json(key)) + ", expected one of " +
          listed(keys.begin(), keys.end()));
  }
}

bool JsonValue::has(std::string_view key) const {
  return value_ && value_->is_object() && value_->contains(key);
}

bool JsonValue::is_list() const {
  return value_ && value_->is_array();
}

std::size_t JsonValue::members() const {
  if (!value_ || !value_->is_object()) expected("an object");
  return value_->size();
}

JsonValue JsonValue::at(std::string_view key) const {
  if (!value_ || !value_->is_object()) expected("an object");
  const auto found = value_->find(key);
  return {found == value_->end() ? nullptr : &*found, file_, path_ + "/" + std::string(key)};
}

std::size_t JsonValue::size(Bounds bounds) const {
  const auto fits = [&] {
    const auto length = static_cast<std::int64_t>(value_->size());
    return bounds.low <= length && length <= bounds.high;
  };
  if (!value_ || !value_->is_array() || !fits()) {
    expected("a list of" + within(bounds) + " values");
  }
  return value_->size();
}

JsonValue JsonValue::at(std::size_t index) const {
  return {&value_->at(index), file_, path_ + "/" + std::to_string(index)};
}

bool JsonValue::boolean() const {
  if (!value_ || !value_->is_boolean()) expected("true or false");
  return value_->get<bool>();
}

std::int64_t JsonValue::integer(Bounds bounds) const {
  if (!value_ || !is_whole(*value_, bounds)) expected("a whole number" + within(bounds));
  return value_->get<std::int64_t>();
}

std::string JsonValue::text(std::size_t longest) const {
  if (!value_ || !value_->is_string() || value_->get_ref<const std::string&>().size() > longest) {
    expected("a text of at most " + std::to_string(longest) + " bytes");
  }
  return value_->get<std::string>();
}

std::string JsonValue::one_of(std::span<const std::string> names) const {
  if (value_ && value_->is_string()) {
    const auto& text = value_->get_ref<const std::string&>();
    if (std::ranges::find(names, text) != names.end()) return text;
  }
  expected("one of " + listed(names.begin(), names.end()));
}

std::string JsonValue::one_of(std::initializer_list<std::string_view> names) const {
  const std::vector<std::string> owned(names.begin(), names.end());
  return one_of(owned);
}

std::uint64_t JsonValue::hex64() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto text = value_ && value_->is_string() ? value_->get<std::string>() : std::string();
  const bool shaped = text.size() == 18 && text.starts_with("0x") &&
                      text.find_first_not_of(kDigits, 2) == std::string::npos;
  if (!shaped) expected("\"0x\" and 16 lower-case hex digits");
  return std::stoull(text, nullptr, 16);
}

Range JsonValue::range(Bounds bounds) const {
  const std::string wanted = "a whole number or [low, high]" + within(bounds);
  if (!value_) expected(wanted);
  if (is_whole(*value_, bounds)) return {value_->get<std::int64_t>(), value_->get<std::int64_t>()};
  if (!value_->is_array() || value_->size() != 2 || !is_whole((*value_)[0], bounds) ||
      !is_whole((*value_)[1], bounds)) {
    expected(wanted);
  }
  const Range range{(*value_)[0].get<std::int64_t>(), (*value_)[1].get<std::int64_t>()};
  if (range.low > range.high) expected("[low, high] with low <= high");
  return range;
}

Duration JsonValue::nanoseconds(Bounds bounds) const {
  return Duration(integer(bounds));
}

}  // namespace firedrill::traces
