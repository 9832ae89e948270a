#include "workload/table_watch.h"

#include <memory>
#include <string>
#include <vector>

#include "system/ports/clock.h"
#include "system/ports/database.h"
#include "system/ports/ports.h"
#include "system/ports/tasks.h"
#include "workload/table_view.h"

namespace firedrill::workload {

namespace {

namespace asio = boost::asio;

constexpr Duration kAnswerWithin = from_ms(500);

class TableWatch final : public Program {
 public:
  TableWatch(Ports ports, Recorder& recorder, Duration every)
      : ports_(ports), recorder_(recorder), every_(every) {
    for (const WatchedTable& table : watched_tables()) {
      if (table.is_versioned) tables_.push_back({table.name, select_rows(table)});
    }
    ports_.tasks.spawn(run());
  }

 private:
  struct Table {
    std::string_view name;
    std::string select;
  };

  asio::awaitable<void> run() {
    while (true) {
      for (const Table& table : tables_) co_await look(table);
      co_await ports_.clock.sleep_for(every_);
    }
  }

  asio::awaitable<void> look(const Table& table) {
    const Outcome<SqlRows> rows = co_await ports_.database.run(SqlStatement{table.select}, {},
                                                               ports_.clock.now() + kAnswerWithin);
    if (!rows.has_value()) co_return;  // it is not up
    for (std::size_t row = 0; row < rows.value().size(); ++row) {
      const auto cells = rows.value().cells(row);
      const traces::What what = read_row(table.name, cells);
      if (!told_.knows(what)) recorder_.record(told_.take(table.name, cells));
    }
  }

  Ports ports_;
  Recorder& recorder_;
  Duration every_;
  std::vector<Table> tables_;
  ToldRows told_;
};

}  // namespace

ProgramFactory watch_tables(Recorder& recorder, Duration every) {
  return [&recorder, every](Ports ports) -> std::unique_ptr<Program> {
    return std::make_unique<TableWatch>(ports, recorder, every);
  };
}

}  // namespace firedrill::workload
