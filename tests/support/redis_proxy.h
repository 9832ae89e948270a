#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace firedrill::test {

/// A stretch of network before a server on loopback: what connects to its port is connected to the
/// server's. Throws std::runtime_error where there is no port to be had. Its thread ends with it.
class RedisProxy {
 public:
  explicit RedisProxy(std::uint16_t server_port);
  ~RedisProxy();
  RedisProxy(const RedisProxy&) = delete;
  RedisProxy& operator=(const RedisProxy&) = delete;

  std::uint16_t port() const { return port_; }

  /// A partition: nothing is carried, either way, and nobody is told. What was sent meanwhile
  /// arrives when it is over. Both return when that is so.
  void cut();
  void heal();

  /// From now on the first bytes that the server answers on a connection are lost, and the
  /// connection breaks.
  void lose_replies();
  void keep_replies();

 private:
  enum class Mode : std::uint8_t { carry, cut, lose_replies };
  struct Link {
    int client = -1;
    int server = -1;
  };

  void set(Mode mode);
  void run();
  void accept_one();
  bool carry(int from, int to) const;
  void wait();

  std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::vector<Link> links_;  ///< of the thread
  std::atomic<Mode> mode_ = Mode::carry;
  std::atomic<Mode> seen_ = Mode::carry;  ///< by the thread
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace firedrill::test
