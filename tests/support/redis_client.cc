#include "tests/support/redis_client.h"

#include <hiredis/hiredis.h>

#include <stdexcept>

namespace firedrill::test {

namespace {

RedisReply convert(const redisReply& reply) {
  const auto text = [&] { return std::string(reply.str, reply.len); };
  switch (reply.type) {
    case REDIS_REPLY_STATUS: return RedisReply::status(text());
    case REDIS_REPLY_ERROR: return RedisReply::error(text());
    case REDIS_REPLY_STRING: return RedisReply::bulk(text());
    case REDIS_REPLY_INTEGER: return RedisReply::of(reply.integer);
    case REDIS_REPLY_ARRAY: {
      std::vector<RedisReply> items;
      for (std::size_t i = 0; i < reply.elements; ++i) items.push_back(convert(*reply.element[i]));
      return RedisReply::array(std::move(items));
    }
    default: return RedisReply::nil();
  }
}

}  // namespace

RedisClient::RedisClient(std::uint16_t port) : context_(redisConnect("127.0.0.1", port)) {
  if (context_ != nullptr && context_->err == 0) return;
  const std::string why = context_ == nullptr ? "out of memory" : context_->errstr;
  if (context_ != nullptr) redisFree(context_);
  throw std::runtime_error("no connection to the Redis on port " + std::to_string(port) + ": " +
                           why);
}

RedisClient::~RedisClient() {
  redisFree(context_);
}

void RedisClient::send(const std::vector<std::string>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  redisAppendCommandArgv(context_, static_cast<int>(words.size()), texts.data(), lengths.data());
}

RedisReply RedisClient::receive() {
  void* raw = nullptr;
  if (redisGetReply(context_, &raw) != REDIS_OK) {
    throw std::runtime_error(std::string("the connection to the Redis broke: ") + context_->errstr);
  }
  const std::unique_ptr<redisReply, void (*)(void*)> reply(static_cast<redisReply*>(raw),
                                                           freeReplyObject);
  return convert(*reply);
}

RedisReply RedisClient::command(const std::vector<std::string>& words) {
  send(words);
  return receive();
}

std::vector<RedisReply> RedisClient::pipeline(
    const std::vector<std::vector<std::string>>& commands) {
  for (const auto& words : commands) send(words);
  std::vector<RedisReply> replies;
  for (std::size_t i = 0; i < commands.size(); ++i) replies.push_back(receive());
  return replies;
}

}  // namespace firedrill::test
