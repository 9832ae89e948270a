#include "tests/support/redis_replica.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace firedrill::test {

RedisReplica::RedisReplica(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  constexpr std::string_view kAsk = "PSYNC ? -1\r\n";
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::send(socket_, kAsk.data(), kAsk.size(), MSG_NOSIGNAL) <= 0) {
    ::close(socket_);
    throw std::runtime_error("no connection to the Redis on port " + std::to_string(port));
  }
  skip_snapshot();
}

RedisReplica::~RedisReplica() {
  ::close(socket_);
}

std::string RedisReplica::read_some() const {
  constexpr int kPatience_ms = 20'000;
  std::array<char, 16384> bytes;
  pollfd ready{socket_, POLLIN, 0};
  const ssize_t count =
      ::poll(&ready, 1, kPatience_ms) == 1 ? ::recv(socket_, bytes.data(), bytes.size(), 0) : -1;
  if (count <= 0) throw std::runtime_error("the Redis tells its replica nothing more");
  return {bytes.data(), static_cast<std::size_t>(count)};
}

/// "+FULLRESYNC ...", line breaks while it makes the snapshot, "$length" and so many bytes.
void RedisReplica::skip_snapshot() {
  std::string bytes;
  const auto find = [&](std::string_view what, std::size_t from) {
    std::size_t at = 0;
    while ((at = bytes.find(what, from)) == bytes.npos) bytes += read_some();
    return at;
  };
  const std::size_t head = find("\r\n", find("+FULLRESYNC", 0));
  const std::size_t dollar = find("$", head);
  const std::size_t begin = find("\r\n", dollar) + 2;
  const std::size_t end = begin + std::stoul(bytes.substr(dollar + 1));
  while (bytes.size() < end) bytes += read_some();
  reader_.feed(std::string_view(bytes).substr(end));
}

std::vector<std::string> RedisReplica::next() {
  for (;;) {
    if (const auto command = reader_.next()) {
      std::vector<std::string> words;
      for (const RedisReply& item : command->items) words.push_back(item.text);
      return words;
    }
    reader_.feed(read_some());
  }
}

}  // namespace firedrill::test
