#include "tests/redis_wire/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <vector>

#include "sim/redis/resp.h"
#include "tests/support/redis_text.h"

namespace firedrill::test {

namespace {

sim::redis::TcpServer::Options options() {
  sim::redis::TcpServer::Options options;
  options.engine.script_instructions = std::numeric_limits<std::int64_t>::max();
  return options;
}

WallTime wall_clock() {
  return WallTime(std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace

Wire::Wire() : server_(options(), wall_clock), thread_([this] { server_.run(); }) {}

Wire::~Wire() {
  server_.stop();
  if (thread_.joinable()) thread_.join();
}

RawSocket::RawSocket(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw std::runtime_error("no connection to port " + std::to_string(port));
  }
}

RawSocket::~RawSocket() {
  ::close(socket_);
}

bool RawSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawSocket::finish() {
  ::shutdown(socket_, SHUT_WR);
}

std::string RawSocket::read(std::size_t bytes) {
  std::string all;
  std::array<char, 65536> buffer;
  while (all.size() < bytes) {
    const std::size_t wanted = std::min(buffer.size(), bytes - all.size());
    const ssize_t got = ::recv(socket_, buffer.data(), wanted, 0);
    if (got <= 0) break;
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return all;
}

std::string RawSocket::read_all() {
  return read(std::numeric_limits<std::size_t>::max());
}

std::string command_bytes(std::string_view line) {
  const std::vector<std::string> words = words_of(line);
  const std::vector<std::string_view> views(words.begin(), words.end());
  std::string bytes;
  sim::redis::append_command(bytes, views);
  return bytes;
}

std::size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t pages = 0;
  in >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace firedrill::test
