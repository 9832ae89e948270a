#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/redis/both.h"
#include "tests/support/redis_replica.h"

namespace firedrill::test {

/// What both Redises tell their replicas (and their append-only files) about what they are given.
class Effects {
 public:
  /// A replica is attached to the real one, which its clients may notice (ROLE, WAIT, INFO).
  explicit Effects(BothRedises& both);

  /// What they have told so far does not count. The model is empty.
  void begin();

  /// What differs in what they have told since begin(); or between the model and what its own
  /// effects, and its own snapshot, make of an empty engine. Nothing where nothing does.
  std::optional<std::string> difference();

 private:
  using Words = BothRedises::Words;
  /// A command, and the database that it is about.
  struct Effect {
    std::uint32_t database = 0;
    Words words;
  };

  std::vector<Effect> told_by_real();
  static std::vector<Effect> parsed(const std::string& bytes);
  static bool alike(const Effect& model, const Effect& real);
  void make_comparable(std::vector<Effect>& effects) const;
  void expire_all(std::vector<Effect>& model, std::vector<Effect>& real);
  static void delete_early(std::vector<Effect>& effects);
  static std::string text(const std::vector<Effect>& effects);
  std::optional<std::string> rebuilt_difference(const std::string& effects);

  BothRedises& both_;
  std::unique_ptr<RedisReplica> replica_;
  std::uint32_t database_ = 0;  ///< that the real one's stream is about
  std::uint64_t marks_ = 0;
};

}  // namespace firedrill::test
