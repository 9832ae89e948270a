#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/script_host.h"

namespace firedrill::sim::redis {

namespace {

struct Variant {
  bool by_sha = false;
  bool read_only = false;
};

RedisReply run_script(Call& call, Variant variant) {
  if (variant.by_sha && call.args[1].size() != ScriptHost::kShaLength) {
    return error(errors::kNoScript);
  }
  const auto key_count = parse_integer(call.args[2]);
  if (!key_count) return error(errors::kNotInteger);
  if (*key_count > static_cast<std::int64_t>(call.args.size()) - 3) {
    return error("ERR Number of keys can't be greater than number of args");
  }
  if (*key_count < 0) return error("ERR Number of keys can't be negative");
  const auto count = static_cast<std::size_t>(*key_count);
  const Arguments keys = call.args.subspan(3, count);
  const Arguments values = call.args.subspan(3 + count);
  ScriptHost& host = call.state.scripts();
  return variant.by_sha ? host.evalsha(call.args[1], keys, values, variant.read_only)
                        : host.eval(call.args[1], keys, values, variant.read_only);
}

RedisReply eval(Call& call) {
  return run_script(call, {});
}
RedisReply eval_ro(Call& call) {
  return run_script(call, {.read_only = true});
}
RedisReply evalsha(Call& call) {
  return run_script(call, {.by_sha = true});
}
RedisReply evalsha_ro(Call& call) {
  return run_script(call, {.by_sha = true, .read_only = true});
}

/// EVAL script numkeys key...
void find_script_keys(Arguments args, std::vector<std::size_t>& positions) {
  find_counted_keys(args, 2, positions);
}

RedisReply load(Call& call) {
  return call.state.scripts().load(call.args[2]);
}

RedisReply exists(Call& call) {
  std::vector<RedisReply> known;
  for (const auto sha : call.args.subspan(2)) {
    known.push_back(RedisReply::of(call.state.scripts().knows(sha) ? 1 : 0));
  }
  return RedisReply::array(std::move(known));
}

RedisReply flush(Call& call) {
  const std::size_t words = call.args.size();
  const bool known = words == 2 || (words == 3 && (equals_ignoring_case(call.args[2], "sync") ||
                                                   equals_ignoring_case(call.args[2], "async")));
  if (!known) return error("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
  call.state.scripts().flush();
  return ok();
}

RedisReply kill(Call& call) {
  EngineState& state = call.state;
  if (!state.in_script) return error("NOTBUSY No scripts in execution right now.");
  if (state.caller->is(Session::kFromPrimary)) {
    return error(
        "UNKILLABLE The busy script was sent by a master instance in the context of replication "
        "and cannot be killed.");
  }
  if (state.script.has_written) {
    return error(
        "UNKILLABLE Sorry the script already executed write commands against the dataset. You can "
        "either wait the script termination or kill the server in a hard way using the SHUTDOWN "
        "NOSAVE command.");
  }
  state.script.killed = true;
  return ok();
}

constexpr CommandSpec kScript[] = {
    {"script|load", 3, kNoScript | kStale, load},
    {"script|exists", -3, kNoScript, exists},
    {"script|flush", -2, kNoScript, flush},
    {"script|kill", 2, kNoScript | kAllowBusy, kill},
};

constexpr std::uint16_t kEval = kNoScript | kStale;

constexpr CommandSpec kCommands[] = {
    {"eval", -3, kEval | kMayReplicate, eval, kNoKeys, find_script_keys},
    {"eval_ro", -3, kEval, eval_ro, kNoKeys, find_script_keys},
    {"evalsha", -3, kEval | kMayReplicate, evalsha, kNoKeys, find_script_keys},
    {"evalsha_ro", -3, kEval, evalsha_ro, kNoKeys, find_script_keys},
    {"script", -2, kRead, nullptr, kNoKeys, nullptr, kScript},
};

}  // namespace

std::span<const CommandSpec> script_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
