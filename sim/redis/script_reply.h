#pragma once

#include <lua.hpp>

#include "system/domain/redis_reply.h"

namespace firedrill::sim::redis {

/// Pushes what redis.call() gives for a reply: nil is false, a status {ok=}, an error {err=}.
void push_reply(lua_State* state, const RedisReply& reply);

/// Pushes {err=}, with the code ERR where the text does not begin with '-'.
void push_error(lua_State* state, const char* text);

/// What EVAL answers for the value on top of the stack, which it pops.
RedisReply pop_reply(lua_State* state);

}  // namespace firedrill::sim::redis
