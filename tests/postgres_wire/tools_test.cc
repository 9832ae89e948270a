// The program, and PostgreSQL's own tools against it.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "tests/support/child_process.h"
#include "tests/support/postgres_server.h"

namespace firedrill::test {
namespace {

struct Ran {
  int status = -1;
  std::string output;
};

Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
    ran.output.append(buffer.data(), got);
  }
  const int status = pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

/// `firedrill postgres-server` as users start it.
class Program {
 public:
  explicit Program(const std::vector<std::string>& options = {})
      : process_(words(options), directory_.path() / "log") {
    while (port_.empty()) {
      const std::string text = log();
      constexpr std::string_view kReady = "Ready to accept connections on 127.0.0.1:";
      const std::size_t end = text.find('\n');
      if (text.starts_with(kReady) && end != std::string::npos) {
        port_ = text.substr(kReady.size(), end - kReady.size());
      } else if (process_.exit_status()) {
        throw std::runtime_error("the server has ended: " + text);
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    }
  }

  const std::string& port() const { return port_; }
  int end(int signal) { return process_.end(signal); }

 private:
  static std::vector<std::string> words(const std::vector<std::string>& options) {
    std::vector<std::string> all = {FIREDRILL_PROGRAM, "postgres-server", "--port", "0"};
    all.insert(all.end(), options.begin(), options.end());
    return all;
  }
  std::string log() const {
    std::ifstream in(directory_.path() / "log");
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }

  TemporaryDirectory directory_;
  ChildProcess process_;
  std::string port_;
};

std::string psql(const std::string& port, const std::string& arguments) {
  return run("PGOPTIONS= psql -X -h 127.0.0.1 -p " + port + " -U postgres postgres " + arguments)
      .output;
}

TEST(PostgresTools, PsqlShowsWhatItShowsOfTheRealServer) {
  const PostgresServer real;
  const Program program;
  const TemporaryDirectory directory;
  const std::filesystem::path data = directory.path() / "data";
  std::ofstream(data) << "7\tseven\n8\teight\n\\.\n";
  for (const std::string& arguments : std::vector<std::string>{
           "-c 'create table t (id int primary key, name text, price numeric(8,2))'",
           "-c \"insert into t values (1, 'one', 1.5), (2, null, 2)\"", "-c 'table t order by id'",
           "-x -c 'select * from t order by id'", "-At -c 'select * from t order by id'",
           "-c 'select 1; select 2'",
           "-1 -c 'insert into t values (3)' -c 'insert into t values (3)'",
           "-c 'select count(*) from t'", "-v ON_ERROR_STOP=1 -c 'select nonsense'",
           "-v VERBOSITY=verbose -c 'insert into t values (1)' 2>&1 | grep -v LOCATION",
           "-c \"copy t to stdout csv header\"",
           "-c \"\\copy t (id, name) from stdin\" < " + data.string(),
           "-c \"\\copy t (id) from stdin\" < " + data.string(),
           "-c \"\\copy (select * from t order by id) to stdout\"", "-c 'show server_encoding'",
           "-c '\\conninfo' 2>&1 | sed 's/\"[0-9]*\"//'", "-c '\\encoding'",
           "-c '\\gdesc' -c 'select 1 \\gdesc'",
           "-c 'begin' -c 'select 1/0' -c 'select 1' -c 'commit'"}) {
    EXPECT_EQ(psql(program.port(), arguments), psql(std::to_string(real.port()), arguments))
        << arguments;
  }
}

/// The sums that every transaction of pgbench keeps equal.
std::string sums(const std::string& port) {
  return psql(port,
              "-At -c 'select (select sum(abalance) from pgbench_accounts) = "
              "(select sum(delta) from pgbench_history), (select sum(tbalance) from "
              "pgbench_tellers) = (select sum(delta) from pgbench_history), (select sum(bbalance) "
              "from pgbench_branches) = (select sum(delta) from pgbench_history), (select count(*) "
              "> 100 from pgbench_history)'");
}

TEST(PostgresTools, PgbenchRunsToItsEnd) {
  const Program program;
  const std::string to = " -h 127.0.0.1 -U postgres -p " + program.port() + " postgres";
  const Ran initialised = run("pgbench -i" + to);
  EXPECT_EQ(initialised.status, 0) << initialised.output;
  EXPECT_EQ(initialised.output.find("rror"), std::string::npos) << initialised.output;
  for (const char* mode : {"simple", "extended", "prepared"}) {
    const Ran ran = run("pgbench -n -c 4 -T 2 -M " + std::string(mode) + to);
    EXPECT_EQ(ran.status, 0) << ran.output;
    EXPECT_NE(ran.output.find("number of failed transactions: 0 "), std::string::npos)
        << ran.output;
    EXPECT_EQ(ran.output.find("rror"), std::string::npos) << ran.output;
    EXPECT_EQ(sums(program.port()), "t|t|t|t\n") << mode;
  }
  const Ran server_side = run("pgbench -i -I dtGvp" + to);
  EXPECT_EQ(server_side.status, 0) << server_side.output;
}

TEST(PostgresTools, TheProgramEndsOnASignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Program program;
    EXPECT_EQ(program.end(signal), 0);
  }
}

TEST(PostgresTools, ItsOptions) {
  const Program program({"--max-connections", "1"});
  EXPECT_EQ(psql(program.port(), "-At -c 'show max_connections'"), "1\n");
  const std::string program_path = FIREDRILL_PROGRAM " postgres-server ";
  const Ran taken = run(program_path + "--port " + program.port());
  EXPECT_EQ(taken.status, 2);
  EXPECT_EQ(taken.output, "firedrill: postgres-server: cannot listen on 127.0.0.1:" +
                              program.port() + ": Address already in use\n");
  EXPECT_EQ(run(program_path + "--bind nowhere").status, 2);
  EXPECT_EQ(run(program_path + "--max-connections 0").status, 2);
  EXPECT_NE(run(program_path + "--help").output.find("--max-connections"), std::string::npos);
}

}  // namespace
}  // namespace firedrill::test
