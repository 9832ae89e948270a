#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "system/domain/redis_reply.h"

namespace firedrill::adapters {

/// One connection of hiredis, driven by Asio: from connect to close, no reconnecting.
///
/// All calls to the listener come from the loop. close() may be called at any time, by the listener
/// inside its own callbacks too; after it the listener is never called again.
class HiredisSocket {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Commands may be written from now on.
    virtual void connected() = 0;
    /// The answer to the oldest unanswered command.
    virtual void replied(RedisReply reply) = 0;
    /// Everything written so far has left for the kernel.
    virtual void drained() = 0;
    /// The connection is gone, or never came about; the last call.
    virtual void closed(std::string_view error) = 0;
  };

  /// Begins to connect to a numeric address. The listener outlives the socket, or close() comes
  /// first. nullptr where connecting failed at once.
  static std::unique_ptr<HiredisSocket> connect(boost::asio::any_io_executor executor,
                                                const std::string& address, std::uint16_t port,
                                                Listener& listener);
  ~HiredisSocket() { close(); }
  HiredisSocket(const HiredisSocket&) = delete;
  HiredisSocket& operator=(const HiredisSocket&) = delete;

  /// Puts a command into the buffer. Precondition: connected, and not closed.
  void append(const std::vector<std::string>& command);

  /// Writes as much of the buffer as the kernel takes; the rest follows by itself. May call
  /// closed().
  void flush();

  /// Bytes that the kernel has not taken yet.
  std::size_t unwritten() const;

  void close();

  class State;

 private:
  explicit HiredisSocket(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

}  // namespace firedrill::adapters
