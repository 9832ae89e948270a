#include "tests/support/postgres_server.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "tests/support/redis_server.h"

namespace firedrill::test {

namespace {

/// Debian keeps them off PATH.
const std::filesystem::path kPrograms = "/usr/lib/postgresql/15/bin";

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Of a process: R, S, T (stopped), Z (dead), ...; 0 where there is none.
char state_of(pid_t process) {
  const std::string line = content_of("/proc/" + std::to_string(process) + "/stat");
  const auto after_name = line.rfind(')');
  return after_name == std::string::npos ? '\0' : line.at(after_name + 2);
}

/// Sends a signal to each and waits until they are in one of these states.
void signal_all(const std::vector<pid_t>& processes, int signal, std::string_view until) {
  for (const pid_t process : processes) ::kill(process, signal);
  for (const pid_t process : processes) {
    for (int waited_ms = 0; waited_ms < 5'000; ++waited_ms) {
      const char state = state_of(process);
      if (state == '\0' || state == 'Z' || until.find(state) != std::string_view::npos) break;
      ::usleep(1'000);
    }
  }
}

const passwd& unprivileged() {
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr) {
    throw std::runtime_error("PostgreSQL refuses to run as root, and there is no user postgres");
  }
  return *user;
}

}  // namespace

PostgresServer::PostgresServer() : data_(directory_.path() / "data") {
  if (!std::filesystem::exists(kPrograms / "initdb")) {
    throw std::runtime_error(
        "PostgreSQL 15 is not installed, and this test needs the real one: "
        "sudo apt-get install postgresql-15");
  }
  make_cluster();
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();  // somebody else may take it before the server does
    if (start()) return;
  }
  throw std::runtime_error("PostgreSQL does not start on 127.0.0.1:\n" +
                           content_of(directory_.path() / "postgres.log"));
}

PostgresServer::~PostgresServer() {
  resume();
  // At once, but so that it still takes its processes and its shared memory with it.
  if (process_) process_->end(SIGQUIT);
}

std::string PostgresServer::connection() const {
  return "host=127.0.0.1 port=" + std::to_string(port_) +
         " user=postgres dbname=postgres connect_timeout=10";
}

std::vector<pid_t> PostgresServer::backends() const {
  std::ifstream file(data_ + "/postmaster.pid");
  std::string first;
  file >> first;
  std::ifstream children("/proc/" + first + "/task/" + first + "/children");
  return {std::istream_iterator<pid_t>(children), {}};
}

void PostgresServer::kill() {
  if (!process_) return;
  if (!paused_) process_->pause();  // so that it cannot answer their deaths
  paused_ = false;
  signal_all(backends(), SIGKILL, "");
  process_.reset();
}

void PostgresServer::restart() {
  if (!process_ && !start()) {
    throw std::runtime_error("PostgreSQL does not start again:\n" +
                             content_of(directory_.path() / "postgres.log"));
  }
}

void PostgresServer::pause() {
  if (!process_ || std::exchange(paused_, true)) return;
  process_->pause();  // first: it starts no more
  signal_all(backends(), SIGSTOP, "T");
}

void PostgresServer::resume() {
  if (!process_ || !std::exchange(paused_, false)) return;
  signal_all(backends(), SIGCONT, "RSD");
  process_->resume();
}

std::vector<std::string> PostgresServer::words(const std::string& program,
                                               const std::vector<std::string>& arguments) const {
  std::vector<std::string> all;
  if (::geteuid() == 0) {
    const passwd& user = unprivileged();
    // The death signal of ChildProcess does not outlive a change of the user.
    all = {"setpriv", "--reuid=" + std::to_string(user.pw_uid),
           "--regid=" + std::to_string(user.pw_gid), "--clear-groups", "--pdeathsig=QUIT"};
  }
  all.push_back(kPrograms / program);
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

void PostgresServer::make_cluster() {
  if (::geteuid() == 0) {
    const passwd& user = unprivileged();
    if (::chown(directory_.path().c_str(), user.pw_uid, user.pw_gid) != 0) {
      throw std::runtime_error("cannot give a directory to the user postgres");
    }
  }
  const std::filesystem::path log = directory_.path() / "initdb.log";
  ChildProcess initdb(words("initdb", {"--locale=C", "--encoding=UTF8", "-A", "trust", "-U",
                                       "postgres", "--no-sync", "-D", data_}),
                      log);
  for (int waited_ms = 0; !initdb.exit_status() && waited_ms < 120'000; waited_ms += 5) {
    ::usleep(5'000);
  }
  if (initdb.exit_status() != 0) throw std::runtime_error("initdb fails:\n" + content_of(log));
}

bool PostgresServer::start() {
  std::vector<std::string> arguments = {
      "-D", data_, "-p", std::to_string(port_), "-k", directory_.path(), "-h", "127.0.0.1"};
  for (const char* setting :
       {"fsync=off", "full_page_writes=off", "timezone=UTC", "dynamic_shared_memory_type=mmap"}) {
    arguments.emplace_back("-c");
    arguments.emplace_back(setting);
  }
  process_.emplace(words("postgres", arguments), directory_.path() / "postgres.log");
  for (int waited_ms = 0; waited_ms < 60'000; waited_ms += 5) {
    if (process_->exit_status().has_value()) return false;
    if (PQping(connection().c_str()) == PQPING_OK) return true;
    ::usleep(5'000);
  }
  process_.reset();
  return false;
}

}  // namespace firedrill::test
