#include "cli/bench.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/bench.h"
#include "cli/exit_status.h"
#include "traces/scenario.h"

namespace firedrill {

namespace {

class PrintedReport final : public bench::Report {
 public:
  void add(bench::Figure figure) override {
    const int digits = figure.value < 100 ? 3 : 0;
    fmt::print("{:<34} {:>16.{}f} {}\n", figure.name, figure.value, digits, figure.unit);
    std::fflush(stdout);
    figures_.push_back(std::move(figure));
  }

  void write(const std::filesystem::path& file) const {
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const bench::Figure& figure : figures_) {
      list.push_back({{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}});
    }
    std::ofstream out(file);
    out << Json{{"benchmarks", list}}.dump(2) << "\n";
    if (!out.flush()) throw traces::InputError(file.string() + ": cannot be written");
  }

 private:
  std::vector<bench::Figure> figures_;
};

}  // namespace

int bench_command(const std::vector<std::string>& names,
                  const std::optional<std::filesystem::path>& json) {
  std::vector<std::string_view> known;
  for (const auto& benchmark : bench::all()) known.push_back(benchmark.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw traces::InputError(
          fmt::format("bench {}: expected one of {}", name, fmt::join(known, ", ")));
    }
  }
  PrintedReport report;
  for (const auto& benchmark : bench::all()) {
    const bool wanted =
        names.empty() || std::find(names.begin(), names.end(), benchmark.name) != names.end();
    if (wanted) benchmark.run(report);
  }
  if (json.has_value()) report.write(*json);
  return kHolds;
}

}  // namespace firedrill
