#include "system/adapters/hiredis_socket.h"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <hiredis/sds.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cctype>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::adapters {

namespace asio = boost::asio;

namespace {

RedisReply to_reply(const redisReply& from) {
  const auto text = [&from] { return std::string(from.str, from.len); };
  switch (from.type) {
    case REDIS_REPLY_INTEGER: return RedisReply::of(from.integer);
    case REDIS_REPLY_STRING: return RedisReply::bulk(text());
    case REDIS_REPLY_STATUS: return RedisReply::status(text());
    case REDIS_REPLY_ERROR: return RedisReply::error(text());
    case REDIS_REPLY_ARRAY: {
      std::vector<RedisReply> items;
      items.reserve(from.elements);
      for (std::size_t i = 0; i < from.elements; ++i) items.push_back(to_reply(*from.element[i]));
      return RedisReply::array(std::move(items));
    }
    default: return RedisReply::nil();
  }
}

/// These break the rule of one reply for one command, on which the order of answers rests.
bool changes_the_protocol(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 6> banned = {"subscribe",    "psubscribe", "unsubscribe",
                                                      "punsubscribe", "monitor",    "hello"};
  return std::ranges::find(banned, name) != banned.end();
}

}  // namespace

/// Lives until hiredis has let go of its context: hiredis frees late where it is busy.
class HiredisSocket::State {
 public:
  State(const asio::any_io_executor& executor, redisAsyncContext* context, Listener& listener)
      : context_(context), listener_(&listener), descriptor_(executor, context->c.fd) {}

  static void attach(const std::shared_ptr<State>& state) {
    state->self_ = state;
    redisAsyncContext* context = state->context_;
    context->data = state.get();
    context->ev.data = state.get();
    context->ev.addRead = [](void* data) { of(data).wait_readable(); };
    context->ev.delRead = [](void*) {};
    context->ev.addWrite = [](void* data) { of(data).wait_writable(); };
    context->ev.delWrite = [](void*) {};
    context->ev.cleanup = [](void* data) { of(data).let_go(); };
    redisAsyncSetConnectCallback(context, [](const redisAsyncContext* from, int status) {
      State& state_of = of(from->data);
      if (status == REDIS_OK && state_of.listener_) state_of.listener_->connected();
    });
  }

  void append(const std::vector<std::string>& command) {
    check(context_ != nullptr, "the connection is open");
    check(!command.empty() && !changes_the_protocol(command.front()),
          "a command has one reply, and a name");
    std::vector<const char*> words;
    std::vector<std::size_t> sizes;
    for (const std::string& word : command) {
      words.push_back(word.data());
      sizes.push_back(word.size());
    }
    const int result = redisAsyncCommandArgv(
        context_,
        [](redisAsyncContext* from, void* reply, void*) {
          State& state = of(from->data);
          if (reply == nullptr || state.listener_ == nullptr) return;  // closing; let_go() tells
          state.listener_->replied(to_reply(*static_cast<const redisReply*>(reply)));
        },
        nullptr, static_cast<int>(words.size()), words.data(), sizes.data());
    check(result == REDIS_OK, "an open connection takes commands");
  }

  void flush() {
    if (context_ != nullptr) redisAsyncHandleWrite(context_);
  }

  std::size_t unwritten() const { return context_ != nullptr ? sdslen(context_->c.obuf) : 0; }

  void close() {
    listener_ = nullptr;
    // Inside one of its callbacks hiredis only takes a note, and frees when that returns.
    if (context_ != nullptr && !std::exchange(freeing_, true)) redisAsyncFree(context_);
  }

 private:
  static State& of(void* data) { return *static_cast<State*>(data); }

  void wait_readable() {
    if (std::exchange(reading_, true)) return;
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [self = self_](boost::system::error_code error) {
                             self->reading_ = false;
                             if (!error && self->context_) redisAsyncHandleRead(self->context_);
                           });
  }

  void wait_writable() {
    if (std::exchange(writing_, true)) return;
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_write,
                           [self = self_](boost::system::error_code error) {
                             self->writing_ = false;
                             if (!error && self->context_) self->became_writable();
                           });
  }

  void became_writable() {
    redisAsyncHandleWrite(context_);
    if (context_ != nullptr && listener_ != nullptr && unwritten() == 0) listener_->drained();
  }

  /// hiredis is about to close the file and to free the context.
  void let_go() {
    const auto self = std::move(self_);
    const std::string error = context_->errstr != nullptr ? context_->errstr : "";
    context_ = nullptr;
    descriptor_.release();  // cancels the waits; the file is hiredis's to close
    if (auto* listener = std::exchange(listener_, nullptr)) listener->closed(error);
  }

  redisAsyncContext* context_;  ///< nullptr once hiredis has freed it, or is about to
  Listener* listener_;          ///< nullptr once closed
  asio::posix::stream_descriptor descriptor_;
  std::shared_ptr<State> self_;  ///< as long as context_ points here
  bool reading_ = false;
  bool writing_ = false;
  bool freeing_ = false;
};

std::unique_ptr<HiredisSocket> HiredisSocket::connect(asio::any_io_executor executor,
                                                      const std::string& address,
                                                      std::uint16_t port, Listener& listener) {
  redisAsyncContext* context = redisAsyncConnect(address.c_str(), port);
  if (context == nullptr) return nullptr;
  if (context->err != 0) {
    redisAsyncFree(context);
    return nullptr;
  }
  auto state = std::make_shared<State>(executor, context, listener);
  State::attach(state);
  return std::unique_ptr<HiredisSocket>(new HiredisSocket(std::move(state)));
}

void HiredisSocket::append(const std::vector<std::string>& command) {
  state_->append(command);
}
void HiredisSocket::flush() {
  state_->flush();
}
std::size_t HiredisSocket::unwritten() const {
  return state_->unwritten();
}
void HiredisSocket::close() {
  state_->close();
}

}  // namespace firedrill::adapters
