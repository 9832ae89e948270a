#include "tests/conformance/redis/both.h"

#include <chrono>
#include <stdexcept>

#include "tests/support/redis_text.h"

namespace firedrill::test {

namespace {

/// A replica hears of nothing but effects.
RedisServer::Options options() {
  return {.appendonly = false,
          .appendfsync = "everysec",
          .more = {"--repl-timeout", "7200", "--repl-ping-replica-period", "3600"}};
}

}  // namespace

BothRedises::BothRedises() : server_(options()) {
  clear();
}

void BothRedises::clear(std::span<const Words> resets) {
  std::vector<Words> commands = {{"FLUSHALL"}, {"SCRIPT", "FLUSH"}};
  commands.insert(commands.end(), resets.begin(), resets.end());
  commands.push_back({"SLOWLOG", "RESET"});  // what this machine took long over is nobody's promise
  try {
    if (!client_) client_.emplace(server_.port());
    client_->pipeline(commands);
  } catch (const std::runtime_error&) {  // it has crashed
    client_.reset();
    server_.restart();
    client_.emplace(server_.port());
    client_->pipeline(commands);
  }
  read_clock();
  for (const Words& command : commands) ask_model(command);
}

void BothRedises::replace() {
  engine_ = sim::redis::Engine();
  restart();
}

void BothRedises::restart() {
  client_.reset();
  server_.restart();
  engine_.restart();
  clear();
}

void BothRedises::read_clock() {
  const RedisReply time = client_->command({"TIME"});
  const WallTime now(std::chrono::seconds(std::stoll(time.items.at(0).text)) +
                     std::chrono::microseconds(std::stoll(time.items.at(1).text)));
  now_ = std::max(now, now_);
}

WallTime BothRedises::next_moment() {
  now_ += std::chrono::microseconds(1);
  return now_;
}

std::int64_t BothRedises::now_ms() const {
  return to_ms(now_.time_since_epoch());
}

RedisReply BothRedises::ask_model(const Words& command) {
  return engine_.execute(command, next_moment());
}

BothRedises::Answers BothRedises::ask(const Words& command) {
  return {text_of(ask_model(command)), text_of(client_->command(command))};
}

}  // namespace firedrill::test
