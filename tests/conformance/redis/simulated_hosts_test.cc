#include "tests/conformance/redis/simulated_hosts.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/conformance/redis/host_cases.h"

namespace firedrill::test {

namespace {

class OnSimulatedHosts : public testing::TestWithParam<HostCase> {};

TEST_P(OnSimulatedHosts, IsSo) {
  SimulatedHosts hosts;
  GetParam().run(hosts);
}

INSTANTIATE_TEST_SUITE_P(Line, OnSimulatedHosts, testing::ValuesIn(host_cases()),
                         [](const auto& each) {
                           return std::to_string(each.param.line) + std::string(each.param.name);
                         });

}  // namespace
}  // namespace firedrill::test
