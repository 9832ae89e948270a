#include "tests/postgres_wire/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace firedrill::test {

namespace {

sim::postgres::TcpServer::Options options_with(sim::postgres::WireServer::Options wire) {
  sim::postgres::TcpServer::Options options;
  options.wire = wire;
  return options;
}

std::int64_t now_us() {
  constexpr std::chrono::sys_days kEpoch = std::chrono::January / 1 / 2000;
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now() -
                                                               kEpoch)
      .count();
}

}  // namespace

PostgresWire::PostgresWire(sim::postgres::WireServer::Options options)
    : server_(options_with(options), now_us), thread_([this] { server_.run(); }) {}

PostgresWire::~PostgresWire() {
  server_.stop();
  thread_.join();
}

std::string PostgresWire::connection() const {
  return "host=127.0.0.1 port=" + std::to_string(port()) +
         " user=postgres dbname=postgres connect_timeout=10";
}

WireSocket::WireSocket(std::uint16_t port)
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

WireSocket::~WireSocket() {
  ::close(socket_);
}

bool WireSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void WireSocket::finish() {
  ::shutdown(socket_, SHUT_WR);
}

bool WireSocket::hears_within(std::chrono::milliseconds time) {
  pollfd waited{.fd = socket_, .events = POLLIN, .revents = 0};
  return ::poll(&waited, 1, static_cast<int>(time.count())) > 0;
}

/// False: the connection has ended.
bool WireSocket::fill() {
  if (!hears_within(std::chrono::seconds(10))) throw std::runtime_error("the server says nothing");
  std::array<char, 65536> buffer;
  const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  bytes_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

char WireSocket::byte() {
  while (bytes_.empty()) {
    if (!fill()) throw std::runtime_error("the connection has ended");
  }
  const char first = bytes_[0];
  bytes_.erase(0, 1);
  return first;
}

std::optional<Frame> WireSocket::next() {
  while (at_ == frames_.size()) {
    frames_ = take_frames(bytes_);
    at_ = 0;
    if (frames_.empty() && !fill()) return std::nullopt;
  }
  return std::move(frames_[at_++]);
}

std::vector<Frame> WireSocket::read(int ready) {
  std::vector<Frame> frames;
  while (ready > 0) {
    std::optional<Frame> frame = next();
    if (!frame) break;
    if (frame->type == 'Z') --ready;
    frames.push_back(std::move(*frame));
  }
  return frames;
}

std::vector<Frame> WireSocket::read_all() {
  std::vector<Frame> frames;
  while (std::optional<Frame> frame = next()) frames.push_back(std::move(*frame));
  return frames;
}

std::string WireSocket::read_bytes() {
  while (fill()) {
  }
  return std::exchange(bytes_, {});
}

std::size_t resident_memory() {
  std::ifstream status("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  status >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace firedrill::test
