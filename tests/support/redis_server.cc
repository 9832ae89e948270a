#include "tests/support/redis_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string_view>

namespace firedrill::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// Whether a Redis answers PING there; "-LOADING" is not an answer.
bool answers(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  bool pong = false;
  constexpr std::string_view kPing = "PING\r\n";
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(socket, kPing.data(), kPing.size(), MSG_NOSIGNAL) > 0) {
    pollfd ready{socket, POLLIN, 0};
    char reply[8] = {};
    if (::poll(&ready, 1, 1000) == 1 && ::recv(socket, reply, sizeof reply, 0) > 0) {
      pong = std::string_view(reply, 5) == "+PONG";
    }
  }
  ::close(socket);
  return pong;
}

}  // namespace

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  ::close(socket);
  if (!bound) throw std::runtime_error("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

RedisServer::RedisServer() : RedisServer(Options{}) {}

RedisServer::RedisServer(Options options) : options_(std::move(options)) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();  // somebody else may take it before the server does
    if (start()) return;
  }
  throw std::runtime_error("redis-server does not start on 127.0.0.1");
}

RedisServer::~RedisServer() = default;

std::string RedisServer::url() const {
  return "redis://127.0.0.1:" + std::to_string(port_);
}

void RedisServer::launch(const std::vector<std::string>& more) {
  std::vector<std::string> words = {"redis-server",
                                    "--port",
                                    std::to_string(port_),
                                    "--bind",
                                    "127.0.0.1",
                                    "--save",
                                    "",
                                    "--daemonize",
                                    "no",
                                    "--dir",
                                    directory_.path(),
                                    "--appendonly",
                                    options_.appendonly ? "yes" : "no",
                                    "--appendfsync",
                                    options_.appendfsync};
  words.insert(words.end(), options_.more.begin(), options_.more.end());
  words.insert(words.end(), more.begin(), more.end());
  process_.emplace(words, directory_.path() / "redis.log");
}

bool RedisServer::start() {
  launch({});
  for (int waited_ms = 0; waited_ms < 20'000; waited_ms += 5) {
    if (const auto status = process_->exit_status(); status.has_value()) {
      if (*status == 127) {
        throw std::runtime_error(
            "redis-server is not installed, and this test needs the real one: "
            "sudo apt-get install redis-server");
      }
      return false;
    }
    if (answers(port_)) return true;
    ::usleep(5'000);
  }
  process_.reset();
  return false;
}

void RedisServer::kill() {
  process_.reset();
}

void RedisServer::restart() {
  process_.reset();
  if (!start()) throw std::runtime_error("redis-server does not start again on its port");
}

void RedisServer::begin_restart(const std::vector<std::string>& more) {
  process_.reset();
  launch(more);
}

void RedisServer::pause() {
  process_->pause();
}
void RedisServer::resume() {
  process_->resume();
}

}  // namespace firedrill::test
