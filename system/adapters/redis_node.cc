#include "system/adapters/redis_node.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <optional>
#include <utility>

#include "system/adapters/hiredis_socket.h"
#include "system/domain/check.h"

namespace firedrill::adapters {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// No more is handed to hiredis while it holds this much: what is still here when the connection
/// breaks was surely not written.
constexpr std::size_t kWriteAhead = 64 * 1024;

bool is_replica(const RedisReply& reply) {
  return reply.is_error() && reply.text.starts_with("READONLY ");
}

}  // namespace

class RedisNode::Impl final : public HiredisSocket::Listener,
                              public std::enable_shared_from_this<RedisNode::Impl> {
 public:
  Impl(asio::any_io_executor executor, Timers& timers, Options options)
      : executor_(std::move(executor)),
        timers_(timers),
        options_(std::move(options)),
        backoff_(options_.first_backoff),
        resolver_(executor_) {}

  void start() { connect(); }

  /// Nobody is resumed any more.
  void stop() {
    stopped_ = true;
    timer_.cancel();
    resolver_.cancel();
    socket_.reset();
    for (const auto& command : waiting_) command->deadline.cancel();
    for (const auto& command : in_flight_) command->deadline.cancel();
  }

  void submit(const std::shared_ptr<RedisCommand>& command, Instant deadline) {
    if (stopped_) return command->finish(Refused{Why::closed});
    if (deadline <= timers_.now()) return command->finish(Refused{Why::timed_out});
    if (waiting_.size() >= options_.longest_queue) return command->finish(Refused{Why::refused});
    command->deadline = timers_.at(deadline, [this, weak = std::weak_ptr(command)] {
      if (const auto late = weak.lock()) time_out(late);
    });
    waiting_.push_back(command);
    flush_soon();
  }

  const RedisUrl& url() const { return options_.url; }
  bool failing() const { return failing_since_.has_value(); }
  bool gone() const {
    return failing() && timers_.now() - *failing_since_ > options_.forget_after && idle();
  }
  bool idle() const { return waiting_.empty() && in_flight_.empty(); }

 private:
  // Connecting.

  void connect() {
    if (stopped_) return;
    boost::system::error_code error;
    asio::ip::make_address(options_.url.host, error);
    if (!error) return connect_to(options_.url.host);
    resolver_.async_resolve(
        options_.url.host, "",
        [weak = weak_from_this()](boost::system::error_code failed,
                                  const tcp::resolver::results_type& found) {
          const auto self = weak.lock();
          if (!self || self->stopped_) return;
          if (failed || found.empty()) return self->lost(Why::refused);
          // Each attempt tries the next address of the name.
          const auto skip = static_cast<std::ptrdiff_t>(self->attempt_++ % found.size());
          self->connect_to(std::next(found.begin(), skip)->endpoint().address().to_string());
        });
  }

  void connect_to(const std::string& address) {
    socket_ = HiredisSocket::connect(executor_, address, options_.url.port, *this);
    if (!socket_) return lost(Why::refused);
    timer_ = timers_.at(timers_.now() + options_.connect_timeout, [this] {
      socket_.reset();
      lost(Why::timed_out);
    });
  }

  void connected() override {
    if (options_.url.database == 0) return become_ready();
    socket_->append({"SELECT", std::to_string(options_.url.database)});
    selecting_ = true;
    flush_soon();
  }

  void become_ready() {
    timer_.cancel();
    ready_ = true;
    failing_since_.reset();
    heard_at_ = timers_.now();
    flush_soon();
  }

  /// No connection any more. What was written is unknown; what was not goes on waiting.
  void lost(Why why) {
    why_no_connection_ = why;
    ready_ = selecting_ = leaving_ = false;
    if (!failing_since_) failing_since_ = timers_.now();
    std::erase_if(waiting_, [](const auto& command) { return command->outcome.has_value(); });
    const auto keep = shared_from_this();
    timer_ = timers_.at(timers_.now() + backoff_, [this] { connect(); });
    backoff_ = std::min(backoff_ * 2, options_.longest_backoff);
    const Why why_unknown = why == Why::timed_out ? Why::timed_out : Why::reset;
    for (const auto& command : std::exchange(in_flight_, {})) command->finish(Unknown{why_unknown});
  }

  void closed(std::string_view) override {
    const bool never_came_about = !ready_ && !selecting_;
    // hiredis is still busy with the connection, and needs it no more after this call.
    asio::post(executor_, [gone = std::shared_ptr(std::move(socket_))] {});
    lost(never_came_about ? Why::refused : Why::reset);
  }

  // Commands.

  void flush_soon() {
    if (std::exchange(flush_posted_, true)) return;
    asio::post(executor_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->flush();
    });
  }

  void flush() {
    flush_posted_ = false;
    if (stopped_ || !socket_) return;
    while (ready_ && !leaving_ && !waiting_.empty() && socket_->unwritten() < kWriteAhead) {
      const auto command = std::move(waiting_.front());
      waiting_.pop_front();
      if (command->outcome) continue;
      if (command->asking)
        write(std::make_shared<RedisCommand>(std::vector{std::string("ASKING")}));
      write(command);
    }
    if (socket_->unwritten() > 0) socket_->flush();
  }

  void write(const std::shared_ptr<RedisCommand>& command) {
    socket_->append(command->words);
    command->written = true;
    command->written_at = timers_.now();
    in_flight_.push_back(command);
  }

  void drained() override {
    if (!waiting_.empty()) flush_soon();
  }

  void replied(RedisReply reply) override {
    heard_at_ = timers_.now();
    if (std::exchange(selecting_, false)) {
      if (!reply.is_error()) return become_ready();
      return give_up(Why::refused);
    }
    check(!in_flight_.empty(), "a reply answers a command");
    const auto command = std::move(in_flight_.front());
    in_flight_.pop_front();
    if (is_replica(reply)) {
      leaving_ = true;  // and the backoff grows: it may be the same server for a while
    } else if (!leaving_) {
      backoff_ = options_.first_backoff;
    }
    if (leaving_ && in_flight_.empty()) give_up(Why::reset);
    command->finish(std::move(reply));
  }

  void time_out(const std::shared_ptr<RedisCommand>& command) {
    if (!command->written) {
      std::erase(waiting_, command);
      return command->finish(Refused{ready_ ? Why::timed_out : why_no_connection_});
    }
    const auto keep = shared_from_this();
    const Instant silent_since = std::max(heard_at_, in_flight_.front()->written_at);
    const bool gone = timers_.now() - silent_since >= options_.silence;
    if (gone) give_up(Why::timed_out);
    command->finish(Unknown{Why::timed_out});
  }

  void give_up(Why why) {
    socket_->close();
    asio::post(executor_, [gone = std::shared_ptr(std::move(socket_))] {});
    lost(why);
  }

  asio::any_io_executor executor_;
  Timers& timers_;
  Options options_;
  Duration backoff_;
  tcp::resolver resolver_;
  std::size_t attempt_ = 0;
  std::unique_ptr<HiredisSocket> socket_;  ///< while connecting and connected
  Timers::Entry timer_;                    ///< of connecting, or until the next attempt
  bool ready_ = false;                     ///< commands may be written
  bool selecting_ = false;                 ///< the answer to SELECT comes next
  bool leaving_ = false;                   ///< nothing more is written: closed when all is answered
  bool flush_posted_ = false;
  bool stopped_ = false;
  std::optional<Instant> failing_since_;  ///< while not connected, from the first failure on
  Why why_no_connection_ = Why::timed_out;
  Instant heard_at_{};
  std::deque<std::shared_ptr<RedisCommand>> waiting_;    ///< not written
  std::deque<std::shared_ptr<RedisCommand>> in_flight_;  ///< written on socket_, oldest first
};

RedisNode::RedisNode(asio::any_io_executor executor, Timers& timers, Options options)
    : impl_(std::make_shared<Impl>(std::move(executor), timers, std::move(options))) {
  impl_->start();
}

RedisNode::~RedisNode() {
  impl_->stop();
}

void RedisNode::submit(const std::shared_ptr<RedisCommand>& command, Instant deadline) {
  impl_->submit(command, deadline);
}

const RedisUrl& RedisNode::url() const {
  return impl_->url();
}

bool RedisNode::failing() const {
  return impl_->failing();
}

bool RedisNode::gone() const {
  return impl_->gone();
}

bool RedisNode::idle() const {
  return impl_->idle();
}

}  // namespace firedrill::adapters
