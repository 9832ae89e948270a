#include <string_view>

#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

constexpr const char* kYieldAcrossC = "attempt to yield across metamethod/C-call boundary";

enum class Status { running, suspended, normal, dead };

const char* name_of(Status status) {
  switch (status) {
    case Status::running: return "running";
    case Status::suspended: return "suspended";
    case Status::normal: return "normal";
    case Status::dead: break;
  }
  return "dead";
}

Status status_of(lua_State* state, lua_State* coroutine) {
  if (state == coroutine) return Status::running;
  switch (lua_status(coroutine)) {
    case LUA_YIELD: return Status::suspended;
    case LUA_OK: {
      lua_Debug activation;
      if (lua_getstack(coroutine, 0, &activation)) return Status::normal;
      return lua_gettop(coroutine) == 0 ? Status::dead : Status::suspended;
    }
    default: return Status::dead;  // it ended by an error
  }
}

lua_State* check_coroutine(lua_State* state) {
  lua_State* coroutine = lua_tothread(state, 1);
  luaL_argcheck(state, coroutine != nullptr, 1, "coroutine expected");
  return coroutine;
}

/// Resumes with the top `arguments` values; how many results lie on the stack, or -1 and a message.
int resume(lua_State* state, lua_State* coroutine, int arguments) {
  if (!lua_checkstack(coroutine, arguments)) {
    luaL_error(state, "too many arguments to resume");
  }
  const Status status = status_of(state, coroutine);
  if (status != Status::suspended) {
    lua_pushfstring(state, "cannot resume %s coroutine", name_of(status));
    return -1;
  }
  lua_xmove(state, coroutine, arguments);
  int results = 0;
  const int outcome = lua_resume(coroutine, state, arguments, &results);
  if (outcome == LUA_OK || outcome == LUA_YIELD) {
    if (!lua_checkstack(state, results + 1)) luaL_error(state, "too many results to resume");
    lua_xmove(coroutine, state, results);
    return results;
  }
  lua_xmove(coroutine, state, 1);
  if (Sandbox::of(state).exhausted()) lua_error(state);
  translate_top(state);
  return -1;
}

int coroutine_create(lua_State* state) {
  luaL_argcheck(state, lua_isfunction(state, 1) && !lua_iscfunction(state, 1), 1,
                "Lua function expected");
  lua_State* coroutine = lua_newthread(state);
  lua_pushvalue(state, 1);
  lua_xmove(state, coroutine, 1);
  return 1;
}

int coroutine_resume(lua_State* state) {
  lua_State* coroutine = check_coroutine(state);
  const int results = resume(state, coroutine, lua_gettop(state) - 1);
  lua_pushboolean(state, results >= 0);
  const int count = results < 0 ? 1 : results;
  lua_insert(state, -(count + 1));
  return count + 1;
}

/// What wrap gives; upvalue 1 is the coroutine.
int wrapped(lua_State* state) {
  lua_State* coroutine = lua_tothread(state, lua_upvalueindex(1));
  const int results = resume(state, coroutine, lua_gettop(state));
  if (results >= 0) return results;
  if (lua_type(state, -1) == LUA_TSTRING || lua_type(state, -1) == LUA_TNUMBER) {
    check_text(state, lua_gettop(state));
    push_where(state, 1);
    lua_insert(state, -2);
    lua_concat(state, 2);
  }
  return lua_error(state);
}

int coroutine_wrap(lua_State* state) {
  coroutine_create(state);
  lua_pushcclosure(state, wrapped, 1);
  return 1;
}

/// 5.4 may yield within a metamethod or an iterator, 5.1 may not.
bool within_metamethod(lua_State* state) {
  lua_Debug activation;
  for (int level = 0; lua_getstack(state, level, &activation); ++level) {
    lua_getinfo(state, "n", &activation);
    const std::string_view how = activation.namewhat;
    if (how == "metamethod" || how == "for iterator") return true;
  }
  return false;
}

int coroutine_yield(lua_State* state) {
  if (!lua_isyieldable(state) || within_metamethod(state)) raise_bare(state, kYieldAcrossC);
  return lua_yield(state, lua_gettop(state));
}

int coroutine_status(lua_State* state) {
  lua_pushstring(state, name_of(status_of(state, check_coroutine(state))));
  return 1;
}

int coroutine_running(lua_State* state) {
  if (lua_pushthread(state)) lua_pushnil(state);
  return 1;
}

}  // namespace

void push_coroutine_library(lua_State* state) {
  constexpr luaL_Reg kFunctions[] = {{"create", coroutine_create},
                                     {"resume", coroutine_resume},
                                     {"running", coroutine_running},
                                     {"status", coroutine_status},
                                     {"wrap", coroutine_wrap},
                                     {"yield", coroutine_yield},
                                     {nullptr, nullptr}};
  luaL_newlib(state, kFunctions);
}

}  // namespace firedrill::lua
