#include "lua/compat/sandbox.h"

#include <cstdlib>
#include <new>
#include <utility>

#include "lua/compat/support.h"
#include "system/domain/check.h"

namespace firedrill::lua {

namespace {

constexpr int kCountStep = 1000;
/// Where the globals lie in the registry's list.
const char kLibrariesKey = 0;

int unknown_global(lua_State* state) {
  const int type = lua_type(state, 2);
  if (type != LUA_TSTRING && type != LUA_TNUMBER) {
    return luaL_error(state,
                      "Second argument to luaProtectedTableError must be a string or number");
  }
  return luaL_error(state, "Script attempted to access nonexistent global variable '%s'",
                    check_text(state, 2).data());
}

/// _G.name: upvalue 1 is the table of the globals. The translation's helpers are not there.
int global_by_name(lua_State* state) {
  if (lua_type(state, 2) == LUA_TSTRING) {
    const std::string_view name = lua_tostring(state, 2);
    lua_pushvalue(state, 2);
    if (!name.starts_with(kReserved) && lua_rawget(state, lua_upvalueindex(1)) != LUA_TNIL) {
      return 1;
    }
    lua_settop(state, 2);
  }
  return unknown_global(state);
}

/// How much of a chunk's text a syntax error shows, and an error as it runs.
constexpr std::size_t kShownBySyntax = 63;
constexpr std::size_t kShownByRun = 43;

/// What a message calls a chunk: "@name" and "=name" are names, all else is source text.
std::string shown_name(std::string_view chunk_name, std::size_t most) {
  if (chunk_name.starts_with('@') || chunk_name.starts_with('=')) {
    return std::string(chunk_name.substr(1));
  }
  const std::string_view line = chunk_name.substr(0, chunk_name.find_first_of("\r\n"));
  const std::string_view text = line.substr(0, most);
  const bool is_cut = text.size() < chunk_name.size();
  return "[string \"" + std::string(text) + (is_cut ? "..." : "") + "\"]";
}

/// Where a message handler was called for: the activation below it, or its caller's if that is C's.
bool find_place(lua_State* state, lua_Debug* activation) {
  bool found = lua_getstack(state, 1, activation) != 0;
  if (!found) return false;
  lua_getinfo(state, "S", activation);
  if (*activation->what == 'C') found = lua_getstack(state, 2, activation) != 0;
  if (found) lua_getinfo(state, "Sl", activation);
  return found;
}

/// Redis's own message handler, which it leaves among the globals.
int redis_error_handler(lua_State* state) {
  lua_settop(state, 1);
  if (!lua_istable(state, 1)) {
    lua_createtable(state, 0, 3);
    lua_pushliteral(state, "ERR ");
    push_tostring(state, 1);
    lua_concat(state, 2);
    lua_setfield(state, -2, "err");
    lua_replace(state, 1);
  }
  lua_Debug activation;
  if (!find_place(state, &activation)) return 1;
  lua_pushstring(state, activation.source);
  lua_setfield(state, 1, "source");
  push_whole(state, activation.currentline);
  lua_setfield(state, 1, "line");
  return 1;
}

}  // namespace

Sandbox::Sandbox(Limits limits, Random48& random) : limits_(limits), random_(random) {
  state_ = lua_newstate(allocate, this);
  if (state_ == nullptr) throw std::bad_alloc();
  *static_cast<Sandbox**>(lua_getextraspace(state_)) = this;
  open();
}

Sandbox::~Sandbox() {
  lua_close(state_);
}

void* Sandbox::allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) {
  auto& sandbox = *static_cast<Sandbox*>(self);
  if (block == nullptr) old_size = 0;  // it says what kind of object it will be
  if (new_size == 0) {
    std::free(block);
    sandbox.memory_ -= old_size;
    return nullptr;
  }
  const bool grows = new_size > old_size;
  if (grows && sandbox.memory_ + (new_size - old_size) > sandbox.limits_.memory) return nullptr;
  void* moved = std::realloc(block, new_size);
  if (moved != nullptr) sandbox.memory_ = sandbox.memory_ - old_size + new_size;
  return moved;
}

void Sandbox::open() {
  lua_State* const l = state_;
  push_base_library(l);  // becomes the table of the globals
  const int globals = lua_gettop(l);
  set_operators(l);
  lua_pushvalue(l, globals);
  lua_rawseti(l, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_newtable(l);
  lua_rawsetp(l, LUA_REGISTRYINDEX, &kLibrariesKey);

  const auto library = [&](const char* name, void (*push)(lua_State*)) {
    push(l);
    lua_setfield(l, globals, name);
    protect(name);
  };
  library("string", push_string_library);
  lua_pushliteral(l, "");
  lua_createtable(l, 0, 8);
  lua_getfield(l, globals, "string");
  lua_setfield(l, -2, "__index");
  set_string_arithmetic(l);
  lua_setmetatable(l, -2);
  lua_pop(l, 1);
  library("table", push_table_library);
  library("math", push_math_library);
  library("bit", push_bit_library);
  library("cjson", push_cjson_library);
  library("cmsgpack", push_cmsgpack_library);
  library("struct", push_struct_library);
  library("coroutine", push_coroutine_library);
  lua_pushcfunction(l, redis_error_handler);
  lua_setfield(l, globals, "__redis__err__handler");

  lua_pushvalue(l, globals);
  lua_pushcclosure(l, global_by_name, 1);
  push_proxy(l, globals);
  lua_setfield(l, globals, "_G");
  lua_pushcfunction(l, unknown_global);
  lua_newtable(l);
  push_proxy(l, -1);
  lua_remove(l, -2);
  lua_setfield(l, globals, "_FD_ro");

  lua_createtable(l, 0, 1);
  lua_pushcfunction(l, unknown_global);
  lua_setfield(l, -2, "__index");
  lua_setmetatable(l, globals);
  lua_settop(l, 0);
}

void Sandbox::forget_settings() {
  lua_State* const l = state_;
  push_cjson_library(l);
  lua_rawgeti(l, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_insert(l, -2);
  lua_setfield(l, -2, "cjson");
  lua_pop(l, 1);
  protect("cjson");
}

/// Puts a read-only stand-in in the place of a global table.
void Sandbox::protect(const char* name) {
  lua_State* const l = state_;
  lua_rawgeti(l, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_rawgetp(l, LUA_REGISTRYINDEX, &kLibrariesKey);
  lua_getfield(l, -2, name);
  lua_pushvalue(l, -1);
  lua_setfield(l, -3, name);
  lua_pushvalue(l, -1);
  push_proxy(l, -2);
  lua_setfield(l, -4, name);
  lua_pop(l, 3);
}

void Sandbox::add_library(const char* name, const luaL_Reg* functions, void* context) {
  lua_State* const l = state_;
  lua_newtable(l);
  lua_pushlightuserdata(l, context);
  luaL_setfuncs(l, functions, 1);
  lua_rawgeti(l, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_pushvalue(l, -2);
  lua_setfield(l, -2, name);
  lua_pop(l, 2);
  protect(name);
}

void Sandbox::set_library_field(const char* library, const char* field) {
  lua_State* const l = state_;
  lua_rawgetp(l, LUA_REGISTRYINDEX, &kLibrariesKey);
  lua_getfield(l, -1, library);
  lua_pushvalue(l, -3);
  lua_setfield(l, -2, field);
  lua_pop(l, 3);
}

void Sandbox::set_global(const char* name, std::span<const std::string_view> values) {
  lua_State* const l = state_;
  lua_rawgeti(l, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_createtable(l, static_cast<int>(values.size()), 0);
  lua_Integer index = 0;
  for (const std::string_view value : values) {
    push_text(l, value);
    lua_rawseti(l, -2, ++index);
  }
  lua_setfield(l, -2, name);
  lua_pop(l, 1);
}

bool Sandbox::load(lua_State* state, std::string_view source, const char* chunk_name,
                   bool* may_run_long) {
  auto translation = translate(source, shown_name(chunk_name, kShownBySyntax));
  if (!translation) {
    push_text(state, translation.error());
    return false;
  }
  if (may_run_long != nullptr) *may_run_long = translation->may_run_long;
  std::string shown = "=" + shown_name(chunk_name, kShownByRun);
  if (*chunk_name == '@' || shown.size() < kShownByRun) shown = chunk_name;
  return luaL_loadbufferx(state, translation->text.data(), translation->text.size(), shown.c_str(),
                          "t") == LUA_OK;
}

std::expected<Sandbox::Chunk, std::string> Sandbox::compile(std::string_view source,
                                                            const char* chunk_name) {
  Chunk chunk;
  if (!load(state_, source, chunk_name, &chunk.may_run_long)) {
    std::string message = lua_tostring(state_, -1);
    lua_settop(state_, 0);
    return std::unexpected(std::move(message));
  }
  chunk.reference = luaL_ref(state_, LUA_REGISTRYINDEX);
  return chunk;
}

Sandbox::Compiled Sandbox::dump(const Chunk& chunk) {
  Compiled compiled;
  compiled.may_run_long = chunk.may_run_long;
  lua_rawgeti(state_, LUA_REGISTRYINDEX, chunk.reference);
  const auto append = [](lua_State*, const void* data, std::size_t size, void* code) {
    static_cast<std::string*>(code)->append(static_cast<const char*>(data), size);
    return 0;
  };
  const int status = lua_dump(state_, append, &compiled.code, 0);
  check(status == 0, "a compiled script can be written down");
  lua_pop(state_, 1);
  return compiled;
}

Sandbox::Chunk Sandbox::load(const Compiled& compiled, const char* chunk_name) {
  const int status =
      luaL_loadbufferx(state_, compiled.code.data(), compiled.code.size(), chunk_name, "b");
  check(status == LUA_OK, "what this program wrote down, it can load");
  return {luaL_ref(state_, LUA_REGISTRYINDEX), compiled.may_run_long};
}

void Sandbox::start_counting() {
  counting_ = true;
  lua_sethook(state_, count_instructions, LUA_MASKCOUNT, kCountStep);
}

void Sandbox::count_instructions(lua_State* state, lua_Debug*) {
  Sandbox& sandbox = of(state);
  sandbox.instructions_ += kCountStep;
  const bool asks = sandbox.interrupt_ && sandbox.instructions_ % kInterruptStep == 0;
  if (asks && sandbox.interrupt_()) {
    sandbox.exhausted_ = true;
    lua_createtable(state, 0, 1);
    lua_pushliteral(state, "ERR Script killed by user with SCRIPT KILL...");
    lua_setfield(state, -2, "err");
    lua_error(state);
  }
  sandbox.check_budget(state);
  sandbox.check_depth(state);
}

void Sandbox::charge(lua_State* state, std::int64_t instructions) {
  instructions_ += instructions;
  check_budget(state);
}

void Sandbox::check_budget(lua_State* state) {
  if (instructions_ < limits_.instructions) return;
  exhausted_ = true;
  luaL_error(state, "Script exceeded its budget of instructions");
}

/// 5.1 nests 20,000 calls and no more; 5.4 would go on until its stack is full.
void Sandbox::check_depth(lua_State* state) {
  constexpr int kMostCalls = 19'997;
  lua_Debug activation;
  if (lua_getstack(state, kMostCalls, &activation)) luaL_error(state, "stack overflow");
}

void Sandbox::raise_full(lua_State* state) {
  raise_bare(state, "not enough memory");
}

/// Makes a Failure of what was raised; the message handler, so that it sees where.
int Sandbox::handle_error(lua_State* state) {
  Sandbox& sandbox = of(state);
  lua_Debug activation;
  sandbox.failure_.place.clear();
  if (find_place(state, &activation)) {
    sandbox.failure_.place.append(activation.source)
        .append(":")
        .append(std::to_string(activation.currentline));
  }
  if (lua_istable(state, 1)) {
    lua_pushliteral(state, "err");
    const int type = lua_rawget(state, 1);
    const bool has_text = type == LUA_TSTRING || type == LUA_TNUMBER;
    sandbox.failure_.message =
        has_text ? check_text(state, lua_gettop(state)).data() : "ERR unknown error";
  } else {
    lua_settop(state, 1);
    translate_top(state);
    push_tostring(state, 1);
    sandbox.failure_.message = "ERR ";
    sandbox.failure_.message += lua_tostring(state, -1);
  }
  return 0;
}

std::optional<Sandbox::Failure> Sandbox::run(const Chunk& chunk) {
  lua_State* const l = state_;
  instructions_ = 0;
  exhausted_ = false;
  if (chunk.may_run_long) start_counting();
  lua_pushcfunction(l, handle_error);
  lua_rawgeti(l, LUA_REGISTRYINDEX, chunk.reference);
  const int status = lua_pcall(l, 0, 1, -2);
  if (counting_) {
    lua_sethook(l, nullptr, 0, 0);
    counting_ = false;
  }
  if (status == LUA_OK) {
    lua_remove(l, -2);
    return std::nullopt;
  }
  lua_settop(l, 0);
  if (status == LUA_ERRMEM) failure_ = {"ERR not enough memory", ""};
  return std::exchange(failure_, {});
}

}  // namespace firedrill::lua
