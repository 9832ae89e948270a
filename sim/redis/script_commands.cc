#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/script_host.h"

namespace firedrill::sim::redis {

namespace {

RedisReply run_script(Call& call, bool by_sha) {
  const auto key_count = parse_integer(call.args[2]);
  if (!key_count) return error(errors::kNotInteger);
  if (*key_count > static_cast<std::int64_t>(call.args.size()) - 3) {
    return error("ERR Number of keys can't be greater than number of args");
  }
  if (*key_count < 0) return error("ERR Number of keys can't be negative");
  const auto keys = static_cast<std::size_t>(*key_count);
  const Arguments words = call.args.subspan(3);
  ScriptHost& host = call.state.scripts();
  return by_sha ? host.evalsha(call.args[1], words.first(keys), words.subspan(keys))
                : host.eval(call.args[1], words.first(keys), words.subspan(keys));
}

RedisReply eval(Call& call) {
  return run_script(call, false);
}
RedisReply evalsha(Call& call) {
  return run_script(call, true);
}

RedisReply unknown_subcommand(Call& call) {
  return RedisReply::error("ERR unknown subcommand '" + std::string(call.args[1].substr(0, 128)) +
                           "'. Try SCRIPT HELP.");
}

RedisReply script(Call& call) {
  const auto what = call.args[1];
  const std::size_t words = call.args.size();
  if (equals_ignoring_case(what, "load")) {
    if (words != 3) return wrong_arity("script|load");
    return call.state.scripts().load(call.args[2]);
  }
  if (equals_ignoring_case(what, "exists")) {
    if (words < 3) return wrong_arity("script|exists");
    std::vector<RedisReply> known;
    for (const auto sha : call.args.subspan(2)) {
      known.push_back(RedisReply::of(call.state.scripts().knows(sha) ? 1 : 0));
    }
    return RedisReply::array(std::move(known));
  }
  if (equals_ignoring_case(what, "flush")) {
    const bool known = words == 2 || (words == 3 && (equals_ignoring_case(call.args[2], "sync") ||
                                                     equals_ignoring_case(call.args[2], "async")));
    if (!known) return error("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
    call.state.scripts().flush();
    return ok();
  }
  if (equals_ignoring_case(what, "kill")) {
    if (words != 2) return wrong_arity("script|kill");
    return error("NOTBUSY No scripts in execution right now.");
  }
  return unknown_subcommand(call);
}

constexpr CommandSpec kCommands[] = {
    {"eval", -3, kNoScript, eval},
    {"evalsha", -3, kNoScript, evalsha},
    {"script", -2, kNoScript, script},
};

}  // namespace

std::span<const CommandSpec> script_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
