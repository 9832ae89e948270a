#pragma once

#include <lua.hpp>

#include "system/domain/redis_reply.h"

namespace firedrill::sim::redis {

/// Pushes what redis.call() gives for a reply to a script that speaks `protocol` (2 or 3): a status
/// is {ok=}, an error {err=}, nil is false. In RESP3 nil is nil, and there are {map=}, {set=},
/// {double=}, {big_number=} and {verbatim_string={string=, format=}}.
void push_reply(lua_State* state, const RedisReply& reply, int protocol);

/// Pushes {err=}, with the code ERR where the text does not begin with '-'.
void push_error(lua_State* state, const char* text);

/// Which version of the protocol the script asked for (redis.setresp), and its client.
struct ScriptProtocols {
  int script = 2;
  int client = 2;
};

/// What EVAL answers for the value on top of the stack, which it pops.
RedisReply pop_reply(lua_State* state, ScriptProtocols protocols);

}  // namespace firedrill::sim::redis
