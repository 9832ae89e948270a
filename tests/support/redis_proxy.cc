#include "tests/support/redis_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace firedrill::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return socket;
  }
  ::close(socket);
  return -1;
}

/// Loopback takes what is written at once, unless the other side has stopped reading.
bool write_all(int to, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t count = ::send(to, bytes, size, MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

RedisProxy::RedisProxy(std::uint16_t server_port)
    : server_port_(server_port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, raw, length) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, raw, &length) != 0 || ::pipe2(wake_, O_CLOEXEC) != 0) {
    throw std::runtime_error("no port for a proxy on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

RedisProxy::~RedisProxy() {
  stop_ = true;
  set(Mode::carry);
  thread_.join();
  for (const Link& link : links_) {
    ::close(link.client);
    ::close(link.server);
  }
  for (const int each : {listener_, wake_[0], wake_[1]}) ::close(each);
}

void RedisProxy::cut() {
  set(Mode::cut);
}
void RedisProxy::heal() {
  set(Mode::carry);
}
void RedisProxy::lose_replies() {
  set(Mode::lose_replies);
}
void RedisProxy::keep_replies() {
  set(Mode::carry);
}

/// Returns when the thread has seen it.
void RedisProxy::set(Mode mode) {
  mode_ = mode;
  const char byte = 0;
  if (::write(wake_[1], &byte, 1) != 1) throw std::runtime_error("a proxy cannot be told");
  while (!stop_ && seen_ != mode) std::this_thread::yield();
}

void RedisProxy::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = connect_to(server_port_);
  if (server < 0) {
    ::close(client);
  } else {
    links_.push_back({client, server});
  }
}

/// False: the connection is over.
bool RedisProxy::carry(int from, int to) const {
  std::array<char, 65536> bytes;
  const ssize_t count = ::recv(from, bytes.data(), bytes.size(), 0);
  return count > 0 && write_all(to, bytes.data(), static_cast<std::size_t>(count));
}

void RedisProxy::run() {
  while (!stop_) {
    seen_ = mode_.load();
    wait();
  }
}

/// For the next thing to happen, and deals with it.
void RedisProxy::wait() {
  const Mode mode = seen_;
  std::vector<pollfd> ready = {{wake_[0], POLLIN, 0}};
  if (mode != Mode::cut) {
    ready.push_back({listener_, POLLIN, 0});
    for (const Link& link : links_) {
      ready.push_back({link.client, POLLIN, 0});
      ready.push_back({link.server, POLLIN, 0});
    }
  }
  ::poll(ready.data(), ready.size(), -1);
  if (ready[0].revents != 0) {
    char byte = 0;
    if (::read(wake_[0], &byte, 1) == 1) return;  // told something: look first
  }
  if (mode == Mode::cut) return;
  const std::size_t count = links_.size();
  std::vector<Link> kept;
  for (std::size_t i = 0; i < count; ++i) {
    const Link link = links_[i];
    const bool asked = ready[2 + 2 * i].revents != 0;
    const bool answered = ready[3 + 2 * i].revents != 0;
    bool alive = !(answered && mode == Mode::lose_replies);
    if (alive && asked) alive = carry(link.client, link.server);
    if (alive && answered) alive = carry(link.server, link.client);
    if (alive) {
      kept.push_back(link);
    } else {
      ::close(link.client);
      ::close(link.server);
    }
  }
  links_ = std::move(kept);
  if (ready[1].revents != 0) accept_one();
}

}  // namespace firedrill::test
