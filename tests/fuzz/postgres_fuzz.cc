// Inputs without end for the simulated PostgreSQL: bytes of two clients into the wire's server,
// while time moves. What it says must be messages that a client can read, and it must be alive at
// the end. Under sanitizers, what goes wrong ends the process; without them, a check that fails
// does.
//
// usage: postgres_fuzz [FILE...]   runs these inputs; without any, new ones for a while.

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sim/postgres/wire/server.h"
#include "system/domain/check.h"
#include "tests/fuzz/postgres_inputs.h"
#include "tests/postgres_wire/frames.h"

namespace firedrill::fuzz {
namespace {

using sim::postgres::ConnectionId;
using sim::postgres::WireServer;

constexpr std::array<std::int64_t, 8> kTimeSteps_us = {
    0, 1, 1'000, 900'000, 1'100'000, 10'000'000, 61'000'000, 3'600'000'000};

/// One input's run.
class Run {
 public:
  Run() : server_({.max_connections = 3}) {
    for (Client& client : clients_) connect(client);
  }

  void run(std::string_view input) {
    for (const Step& step : steps_of(input)) {
      now_ += kTimeSteps_us[step.time()];
      server_.tick(now_);
      listen();
      Client& client = clients_[step.session()];
      if (step.reconnects()) reconnect(client);
      server_.receive(client.id, step.bytes, now_);
      listen();
    }
    for (Client& client : clients_) server_.disconnect(client.id, now_);
    Client last;
    connect(last);
    server_.receive(last.id, test::query("select 41 + 1"), now_);
    hear(last);
    check(last.heard.ends_with("D '42'\nC SELECT 1\\00\nZ I\n"), "the server is alive");
  }

 private:
  struct Client {
    ConnectionId id = 0;
    std::string bytes;  ///< of a message that has not all come
    std::string heard;
  };

  void connect(Client& client) {
    client = {};
    client.id = server_.connect(now_);
    server_.receive(client.id, test::startup(), now_);
  }
  void reconnect(Client& client) {
    server_.disconnect(client.id, now_);
    connect(client);
  }

  void listen() {
    server_.take_changed();
    for (Client& client : clients_) {
      hear(client);
      if (server_.is_over(client.id)) reconnect(client);
    }
  }

  /// Whatever it is told, a client can read it.
  void hear(Client& client) {
    while (!server_.output(client.id).empty()) {
      const std::string_view out = server_.output(client.id);
      client.bytes += out;
      server_.sent(client.id, out.size(), now_);
    }
    client.heard = test::lines_of(test::take_frames(client.bytes));
    check(client.bytes.empty(), "messages are whole");
  }

  std::int64_t now_ = 0;
  WireServer server_;
  std::array<Client, 2> clients_;
};

/// What the process that runs the inputs tells the one that waits for it.
struct Shared {
  std::uint64_t runs = 0;
  std::size_t size = 0;
  std::array<char, 4 << 20> input;  ///< the one that is being run
};

[[noreturn]] void run_inputs(Shared& shared, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(seconds));
  for (std::uint64_t seed = 1; Clock::now() < end; ++seed) {
    const std::string input = make_postgres_input(seed).substr(0, shared.input.size());
    std::memcpy(shared.input.data(), input.data(), input.size());
    shared.size = input.size();
    Run().run(input);
    ++shared.runs;
  }
  _exit(0);
}

/// Nothing: it does not end.
std::optional<int> await(pid_t child, const Shared& shared) {
  constexpr int kLooksWithoutProgress = 600;
  std::uint64_t before = 0;
  for (int looks = 0; looks < kLooksWithoutProgress; ++looks) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) return status;
    if (std::exchange(before, shared.runs) != shared.runs) looks = 0;
    usleep(100'000);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return std::nullopt;
}

int fuzz(double seconds) {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  check(memory != MAP_FAILED, "there is memory to share");
  auto& shared = *new (memory) Shared;
  const pid_t child = fork();
  if (child == 0) run_inputs(shared, seconds);
  const auto status = await(child, shared);
  std::printf("%llu inputs, %.0f executions per second\n",
              static_cast<unsigned long long>(shared.runs),
              static_cast<double>(shared.runs) / seconds);
  if (status == 0) return 0;
  const std::string file = "postgres_fuzz-" + std::to_string(shared.runs + 1) + ".input";
  std::ofstream(file).write(shared.input.data(), static_cast<std::streamsize>(shared.size));
  std::printf("an input %s; it is in %s (run it again: postgres_fuzz %s)\n",
              status ? "ends the process" : "has run for a minute", file.c_str(), file.c_str());
  return 1;
}

void run_file(const char* file) {
  std::ifstream in(file);
  const std::string input((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  Run().run(input);
  std::printf("%s: %zu bytes, all is well\n", file, input.size());
}

}  // namespace
}  // namespace firedrill::fuzz

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) firedrill::fuzz::run_file(argv[i]);
  if (argc > 1) return 0;
  const char* seconds = std::getenv("FIREDRILL_FUZZ_SECONDS");
  return firedrill::fuzz::fuzz(seconds == nullptr ? 5 : std::atof(seconds));
}
