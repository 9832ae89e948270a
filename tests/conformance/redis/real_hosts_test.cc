#include "tests/conformance/redis/real_hosts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/conformance/redis/host_cases.h"

namespace firedrill::test {

namespace {

class OnRealHosts : public testing::TestWithParam<HostCase> {};

TEST_P(OnRealHosts, IsSo) {
  RealHosts hosts;
  GetParam().run(hosts);
}

/// Those that need no more than RealHosts can do: the power of a process cannot be cut.
std::vector<HostCase> cases() {
  std::vector<HostCase> result;
  for (const HostCase& each : host_cases()) {
    if (!each.cuts_power) result.push_back(each);
  }
  return result;
}

INSTANTIATE_TEST_SUITE_P(Line, OnRealHosts, testing::ValuesIn(cases()), [](const auto& each) {
  return std::to_string(each.param.line) + std::string(each.param.name);
});

}  // namespace
}  // namespace firedrill::test
