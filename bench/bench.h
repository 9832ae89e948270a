#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::bench {

/// One figure that a benchmark prints.
struct Figure {
  std::string name;  ///< "kernel/16/ratio"
  double value = 0;
  std::string unit;
};

/// Where figures go as they are measured.
class Report {
 public:
  virtual ~Report() = default;
  virtual void add(Figure figure) = 0;
};

struct Benchmark {
  std::string_view name;
  std::string_view about;
  void (*run)(Report&);
};

/// Every benchmark, in the order in which they run.
const std::vector<Benchmark>& all();

/// Seconds that `work` takes.
template <class F>
double seconds(F work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// What is allocated now, as the allocator that this program is linked with counts it.
std::size_t allocated_bytes();

/// The middle one. Precondition: not empty.
double median(std::vector<double> values);

void kernel(Report& report);
void world_create(Report& report);
void hot_path(Report& report);
void redis_engine(Report& report);
void postgres_engine(Report& report);

}  // namespace firedrill::bench
