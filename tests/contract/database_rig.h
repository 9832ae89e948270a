#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "system/domain/time.h"
#include "system/ports/clock.h"
#include "system/ports/database.h"
#include "system/ports/tasks.h"
#include "tests/contract/rig.h"

namespace firedrill::contract {

/// Two processes and the PostgreSQL behind their database ports, empty at first. The test runs in
/// process `one`. One implementation for each arm, real and simulated.
///
/// The levers return when they have taken effect on the server; what the ports notice of it, and
/// when, is what is tested.
class DatabaseRig {
 public:
  virtual ~DatabaseRig() = default;

  virtual Database& one() = 0;
  virtual Database& two() = 0;
  /// Of process `one`.
  virtual Clock& clock() = 0;
  virtual Tasks& tasks() = 0;
  /// The most that each port holds at a time.
  virtual std::size_t connections() const = 0;

  /// Runs a coroutine of process `one` to its end. Fails the test where that takes more than 30 s
  /// of the rig's time.
  virtual void run(boost::asio::awaitable<void> body) = 0;

  /// The server dies; what was committed is there again after start_database().
  virtual boost::asio::awaitable<void> kill_database() = 0;
  virtual boost::asio::awaitable<void> start_database() = 0;
  /// It executes nothing any more, but its connections stay.
  virtual boost::asio::awaitable<void> pause_database() = 0;
  virtual boost::asio::awaitable<void> resume_database() = 0;
  /// Every connection to it breaks, and their transactions are rolled back; it keeps its data.
  virtual boost::asio::awaitable<void> break_connections() = 0;
};

/// One implementation of the port.
struct DatabaseArm {
  std::string name;
  std::function<std::unique_ptr<DatabaseRig>()> make_rig;

  friend void PrintTo(const DatabaseArm& arm, std::ostream* out) { *out << arm.name; }
};

/// Takes every arm: INSTANTIATE_TEST_SUITE_P(Arms, DatabaseContract, Values(...),
/// database_arm_name) beside the arm.
class DatabaseContract : public ::testing::TestWithParam<DatabaseArm> {
 protected:
  using Body = boost::asio::awaitable<void> (*)(DatabaseRig*);

  void run(Body body) {
    const std::unique_ptr<DatabaseRig> rig = GetParam().make_rig();
    rig->run(body(rig.get()));
  }
};

inline std::string database_arm_name(const ::testing::TestParamInfo<DatabaseArm>& info) {
  return info.param.name;
}

}  // namespace firedrill::contract
