#include "bench/bench.h"

#include <algorithm>

#ifdef FIREDRILL_TCMALLOC
#include <gperftools/malloc_extension.h>
#else
#include <malloc.h>
#endif

#include "system/domain/check.h"

namespace firedrill::bench {

const std::vector<Benchmark>& all() {
  static const std::vector<Benchmark> benchmarks = {
      {"kernel", "pairs of nodes exchanging 32-byte messages, beside a bare priority queue",
       kernel},
      {"world-create", "making and destroying a world; memory of an idle process", world_create},
      {"hot-path", "the default scenario, whole: worlds, services, faults, judges", hot_path},
      {"redis-engine", "the simulated Redis in process: commands, scripts, a pipeline's bytes",
       redis_engine},
      {"postgres-engine", "statements and transactions through the simulated PostgreSQL",
       postgres_engine},
  };
  return benchmarks;
}

double median(std::vector<double> values) {
  check(!values.empty(), "there is a middle");
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::size_t allocated_bytes() {
#ifdef FIREDRILL_TCMALLOC
  std::size_t bytes = 0;
  MallocExtension::instance()->GetNumericProperty("generic.current_allocated_bytes", &bytes);
  return bytes;
#else
  return mallinfo2().uordblks;
#endif
}

}  // namespace firedrill::bench
