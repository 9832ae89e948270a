#include "tests/support/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace firedrill::test {

namespace {

[[noreturn]] void become(char* const* arguments, const char* log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  const int out = ::open(log, O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execvp(arguments[0], arguments);
  ::_exit(errno == ENOENT ? 127 : 126);
}

int exit_status_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& words,
                           const std::filesystem::path& log) {
  // Everything that allocates happens before the fork.
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("cannot fork");
  if (process_ == 0) become(arguments.data(), log.c_str(), parent);
}

ChildProcess::~ChildProcess() {
  end(SIGKILL);
}

std::optional<int> ChildProcess::exit_status() {
  int status = 0;
  if (!status_.has_value() && ::waitpid(process_, &status, WNOHANG) == process_) {
    status_ = exit_status_of(status);
  }
  return status_;
}

int ChildProcess::end(int signal) {
  if (!status_.has_value()) {
    int status = 0;
    ::kill(process_, signal);
    ::waitpid(process_, &status, 0);
    status_ = exit_status_of(status);
  }
  return *status_;
}

void ChildProcess::pause() {
  if (status_.has_value()) return;
  int status = 0;
  ::kill(process_, SIGSTOP);
  ::waitpid(process_, &status, WUNTRACED);
  if (!WIFSTOPPED(status)) status_ = exit_status_of(status);
}

void ChildProcess::resume() {
  if (!status_.has_value()) ::kill(process_, SIGCONT);
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "firedrill-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary directory: " + pattern);
  }
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace firedrill::test
