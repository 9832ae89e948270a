#include "sim/redis/command.h"

#include <algorithm>
#include <array>
#include <cctype>

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
    for (const auto family : {generic_commands(),
                              string_commands(),
                              hash_commands(),
                              expire_commands(),
                              scan_commands(),
                              list_commands(),
                              blocking_list_commands(),
                              set_operation_commands(),
                              set_commands(),
                              sorted_set_commands(),
                              sorted_set_range_commands(),
                              sorted_set_operation_commands(),
                              sorted_set_pop_commands(),
                              stream_commands(),
                              script_commands(),
                              transaction_commands(),
                              connection_commands(),
                              pubsub_commands(),
                              client_commands(),
                              config_commands(),
                              server_commands(),
                              command_commands(),
                              cluster_commands()}) {
      for (const CommandSpec& spec : family) add(spec);
    }
    std::sort(rows_.begin(), rows_.end(),
              [](const CommandSpec* a, const CommandSpec* b) { return a->name < b->name; });
  }

  const CommandSpec* find(std::string_view name) const {
    if (name.size() > kLongestName) return nullptr;
    for (std::size_t slot = hash(name);; slot = (slot + 1) % kTable) {
      const CommandSpec* spec = slots_[slot];
      if (spec == nullptr || equals_ignoring_case(name, spec->name)) return spec;
    }
  }

  std::span<const CommandSpec* const> rows() const { return rows_; }

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
    rows_.push_back(&spec);
  }

  std::array<const CommandSpec*, kTable> slots_{};
  std::vector<const CommandSpec*> rows_;
};

const CommandTable& table() {
  static const CommandTable the_table;
  return the_table;
}

}  // namespace

const CommandSpec* find_command(std::string_view name) {
  return table().find(name);
}

const CommandSpec* find_command(Arguments words) {
  if (words.empty()) return nullptr;
  const CommandSpec* spec = find_command(words[0]);
  if (spec == nullptr || spec->subcommands.empty() || words.size() < 2) return spec;
  for (const CommandSpec& part : spec->subcommands) {
    if (equals_ignoring_case(words[1], part.name.substr(spec->name.size() + 1))) return &part;
  }
  return nullptr;
}

std::span<const CommandSpec* const> all_commands() {
  return table().rows();
}

void find_keys(const CommandSpec& spec, Arguments args, std::vector<std::size_t>& positions) {
  positions.clear();
  if (spec.find_keys != nullptr) return spec.find_keys(args, positions);
  if (spec.keys.first == 0) return;
  const auto size = static_cast<std::int64_t>(args.size());
  const std::int64_t last = spec.keys.last < 0 ? size + spec.keys.last : spec.keys.last;
  for (std::int64_t i = spec.keys.first; i <= last && i < size; i += spec.keys.step) {
    positions.push_back(static_cast<std::size_t>(i));
  }
}

namespace {

/// The number that the text begins with, as atoi() reads it: numbers of keys are read so before the
/// command itself is.
std::int32_t leading_number(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size());
  text.remove_prefix(begin);
  const bool has_sign = text.starts_with('-') || text.starts_with('+');
  const bool is_negative = text.starts_with('-');
  if (has_sign) text.remove_prefix(1);
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') break;
    if (__builtin_mul_overflow(number, 10, &number)) return is_negative ? 0 : -1;
    if (__builtin_add_overflow(number, c - '0', &number)) return is_negative ? 0 : -1;
  }
  return static_cast<std::int32_t>(is_negative ? -number : number);
}

}  // namespace

void find_counted_keys(Arguments args, std::size_t count_at, std::vector<std::size_t>& positions) {
  const std::int64_t count = count_at < args.size() ? leading_number(args[count_at]) : 0;
  if (count < 1 || count > static_cast<std::int64_t>(args.size() - count_at - 1)) return;
  for (std::size_t i = 1; i <= static_cast<std::size_t>(count); ++i) {
    positions.push_back(count_at + i);
  }
}

RedisReply wrong_arity(std::string_view name) {
  return RedisReply::error("ERR wrong number of arguments for '" + std::string(name) + "' command");
}

RedisReply bad_subcommand(Arguments words) {
  std::string parent(words[0]);
  for (char& c : parent) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return RedisReply::error("ERR unknown subcommand or wrong number of arguments for '" +
                           std::string(words[1].substr(0, 128)) + "'. Try " + parent + " HELP.");
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

}  // namespace firedrill::sim::redis
