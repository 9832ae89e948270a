#include "tests/fuzz/driver.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::fuzz {
namespace {

/// What the process that runs the inputs tells the one that waits for it.
struct Shared {
  std::uint64_t runs = 0;
  std::size_t size = 0;
  std::array<char, 4 << 20> input;  ///< the one that is being run
};

[[noreturn]] void run_inputs(const Target& target, Shared& shared, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(seconds));
  for (std::uint64_t seed = 1; Clock::now() < end; ++seed) {
    const std::string input = target.make_input(seed).substr(0, shared.input.size());
    std::memcpy(shared.input.data(), input.data(), input.size());
    shared.size = input.size();
    target.run(input);
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

int fuzz(const Target& target, double seconds) {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  check(memory != MAP_FAILED, "there is memory to share");
  auto& shared = *new (memory) Shared;
  const pid_t child = fork();
  if (child == 0) run_inputs(target, shared, seconds);
  const auto status = await(child, shared);
  std::printf("%llu inputs, %.0f executions per second\n",
              static_cast<unsigned long long>(shared.runs),
              static_cast<double>(shared.runs) / seconds);
  if (status == 0) return 0;
  const std::string file = target.name + "-" + std::to_string(shared.runs + 1) + ".input";
  std::ofstream(file).write(shared.input.data(), static_cast<std::streamsize>(shared.size));
  std::printf("an input %s; it is in %s (run it again: %s %s)\n",
              status ? "ends the process" : "has run for a minute", file.c_str(),
              target.name.c_str(), file.c_str());
  return 1;
}

void run_file(const Target& target, const char* file) {
  std::ifstream in(file);
  const std::string input((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  target.run(input);
  std::printf("%s: %zu bytes, all is well\n", file, input.size());
}

}  // namespace

int drive(const Target& target, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) run_file(target, argv[i]);
  if (argc > 1) return 0;
  const char* seconds = std::getenv("FIREDRILL_FUZZ_SECONDS");
  return fuzz(target, seconds == nullptr ? 5 : std::atof(seconds));
}

}  // namespace firedrill::fuzz
