#include "sim/redis/command.h"

#include <array>

#include "sim/redis/numbers.h"
#include "system/domain/check.h"

namespace firedrill::sim::redis {

namespace {

constexpr std::size_t kTable = 1024;
constexpr std::size_t kLongestName = 32;

/// Every command by its name. Built once, never changed.
class CommandTable {
 public:
  CommandTable() {
    for (const auto family :
         {generic_commands(), string_commands(), hash_commands(), set_commands(),
          sorted_set_commands(), stream_commands(), script_commands()}) {
      for (const CommandSpec& spec : family) add(spec);
    }
  }

  const CommandSpec* find(std::string_view name) const {
    if (name.size() > kLongestName) return nullptr;
    for (std::size_t slot = hash(name);; slot = (slot + 1) % kTable) {
      const CommandSpec* spec = slots_[slot];
      if (spec == nullptr || equals_ignoring_case(name, spec->name)) return spec;
    }
  }

 private:
  static std::size_t hash(std::string_view name) {
    std::size_t state = name.size();
    for (const char c : name) state = state * 31 + (static_cast<unsigned char>(c) | 0x20U);
    return (state ^ (state >> 10)) % kTable;
  }

  void add(const CommandSpec& spec) {
    check(find(spec.name) == nullptr, "a command stands in the table once");
    std::size_t slot = hash(spec.name);
    while (slots_[slot] != nullptr) slot = (slot + 1) % kTable;
    slots_[slot] = &spec;
  }

  std::array<const CommandSpec*, kTable> slots_{};
};

RedisReply unknown_command(Arguments words) {
  std::string text = "ERR unknown command '";
  text.append(words.empty() ? "" : words[0].substr(0, 128)).append("', with args beginning with: ");
  std::size_t quoted = 0;
  for (std::size_t i = 1; i < words.size() && quoted < 128; ++i) {
    const std::string_view part = words[i].substr(0, 128 - quoted);
    text.append("'").append(part).append("' ");
    quoted += part.size() + 3;
  }
  for (char& c : text) {
    if (c == '\r' || c == '\n') c = ' ';
  }
  return RedisReply::error(std::move(text));
}

}  // namespace

const CommandSpec* find_command(std::string_view name) {
  static const CommandTable table;
  return table.find(name);
}

RedisReply wrong_arity(std::string_view name) {
  return RedisReply::error("ERR wrong number of arguments for '" + std::string(name) + "' command");
}

RedisReply invalid_expire(std::string_view name) {
  return RedisReply::error("ERR invalid expire time in '" + std::string(name) + "' command");
}

ExpiryArgument parse_expiry(std::string_view text, std::int64_t unit_ms, bool relative,
                            std::int64_t now_ms) {
  using Problem = ExpiryArgument::Problem;
  const auto value = parse_integer(text);
  if (!value) return {Problem::not_integer};
  std::int64_t at = 0;
  if (__builtin_mul_overflow(*value, unit_ms, &at)) return {Problem::out_of_range};
  if (relative && __builtin_add_overflow(at, now_ms, &at)) return {Problem::out_of_range};
  return {Problem::none, at};
}

RedisReply execute(EngineState& state, Arguments words) {
  const CommandSpec* spec = words.empty() ? nullptr : find_command(words[0]);
  if (spec == nullptr) return unknown_command(words);
  if (!spec->accepts(words.size())) return wrong_arity(spec->name);
  Call call{state, words};
  return spec->handler(call);
}

}  // namespace firedrill::sim::redis
