#include "tests/support/redis_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace firedrill::test {

namespace {

void append_bulk(std::string& out, const std::string& text) {
  out.append("$").append(std::to_string(text.size())).append("\r\n").append(text).append("\r\n");
}

}  // namespace

RedisClient::RedisClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port_(port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const std::string why = std::strerror(errno);
    ::close(socket_);
    throw std::runtime_error("no connection to the Redis on port " + std::to_string(port) + ": " +
                             why);
  }
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

RedisClient::~RedisClient() {
  ::close(socket_);
}

void RedisClient::broken(const char* how) const {
  throw std::runtime_error("the connection to the Redis on port " + std::to_string(port_) +
                           " broke: " + how);
}

void RedisClient::send(const std::vector<std::string>& words) {
  unsent_.append("*").append(std::to_string(words.size())).append("\r\n");
  for (const std::string& word : words) append_bulk(unsent_, word);
}

void RedisClient::flush() {
  for (std::size_t sent = 0; sent < unsent_.size();) {
    const ssize_t count =
        ::send(socket_, unsent_.data() + sent, unsent_.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) broken(std::strerror(errno));
    sent += static_cast<std::size_t>(count);
  }
  unsent_.clear();
}

bool RedisClient::read_some(int milliseconds) {
  pollfd ready{socket_, POLLIN, 0};
  if (milliseconds >= 0 && ::poll(&ready, 1, milliseconds) <= 0) return false;
  std::array<char, 16384> bytes;
  const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (count < 0 && errno == EINTR) return true;
  if (count < 0) broken(std::strerror(errno));
  if (count == 0) broken("the server closed it");
  reader_.feed(std::string_view(bytes.data(), static_cast<std::size_t>(count)));
  return true;
}

bool RedisClient::closes_within(int milliseconds) {
  pollfd ready{socket_, POLLIN, 0};
  char byte = 0;
  return reader_.empty() && ::poll(&ready, 1, milliseconds) == 1 &&
         ::recv(socket_, &byte, 1, 0) <= 0;
}

RedisReply RedisClient::receive() {
  flush();
  for (;;) {
    if (auto reply = reader_.next()) return std::move(*reply);
    read_some(-1);
  }
}

std::optional<RedisReply> RedisClient::receive_within(int milliseconds) {
  flush();
  for (;;) {
    if (auto reply = reader_.next()) return reply;
    if (!read_some(milliseconds)) return std::nullopt;
  }
}

RedisReply RedisClient::command(const std::vector<std::string>& words) {
  send(words);
  return receive();
}

std::vector<RedisReply> RedisClient::pipeline(
    const std::vector<std::vector<std::string>>& commands) {
  // In pieces: two sides that both write and do not read would wait for each other.
  constexpr std::size_t kPiece = 256;
  std::vector<RedisReply> replies;
  while (replies.size() < commands.size()) {
    const std::size_t end = std::min(replies.size() + kPiece, commands.size());
    for (std::size_t i = replies.size(); i < end; ++i) send(commands[i]);
    while (replies.size() < end) replies.push_back(receive());
  }
  return replies;
}

}  // namespace firedrill::test
