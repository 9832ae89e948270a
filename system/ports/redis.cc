#include "system/ports/redis.h"

namespace firedrill {

namespace {

std::vector<std::string> eval_command(std::string_view verb, std::string_view script,
                                      const std::vector<std::string>& keys,
                                      const std::vector<std::string>& args) {
  std::vector<std::string> command;
  command.reserve(3 + keys.size() + args.size());
  command.emplace_back(verb);
  command.emplace_back(script);
  command.emplace_back(std::to_string(keys.size()));
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), args.begin(), args.end());
  return command;
}

}  // namespace

boost::asio::awaitable<Outcome<RedisReply>> Redis::eval(const RedisScript& script,
                                                        std::vector<std::string> keys,
                                                        std::vector<std::string> args,
                                                        Instant deadline) {
  Outcome<RedisReply> outcome =
      co_await call(eval_command("EVALSHA", script.sha1, keys, args), deadline);
  const bool unknown_script = outcome.has_value() && outcome.value().is_error() &&
                              outcome.value().text.starts_with("NOSCRIPT");
  if (!unknown_script) co_return outcome;
  co_return co_await call(eval_command("EVAL", script.source, keys, args), deadline);
}

}  // namespace firedrill
