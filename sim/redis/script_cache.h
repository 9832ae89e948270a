#pragma once

#include "lua/compat/sandbox.h"
#include "sim/redis/string_map.h"

namespace firedrill::sim::redis {

/// Scripts that were compiled before, by SHA: many short-lived engines that run the same scripts
/// share one, and each saves the compiling. Changes nothing that an engine answers. For one thread
/// at a time, as the engines that share it.
class ScriptCache {
 public:
  using Compiled = lua::Sandbox::Compiled;

  const Compiled* find(std::string_view sha) const {
    const auto* entry = scripts_.find(sha);
    return entry == nullptr ? nullptr : &entry->value;
  }
  void keep(std::string_view sha, Compiled compiled) {
    // Generated scripts may be without number; the useful ones come first.
    constexpr std::size_t kMost = 256;
    if (scripts_.size() < kMost) scripts_.insert(sha).first->value = std::move(compiled);
  }

 private:
  StringMap<Compiled> scripts_;
};

}  // namespace firedrill::sim::redis
