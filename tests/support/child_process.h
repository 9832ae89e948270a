#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace firedrill::test {

/// A program that a test runs: gone with this object, and with the test program, should that die
/// first.
class ChildProcess {
 public:
  /// Starts words[0] (found on PATH) with the others as its arguments. What it prints is appended
  /// to `log`. Throws std::runtime_error where there is no process to be had.
  ChildProcess(const std::vector<std::string>& words, const std::filesystem::path& log);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Its exit status (128 + signal where a signal ended it; 127: there is no such program), or none
  /// while it runs.
  std::optional<int> exit_status();

  /// Sends a signal and waits for its end. Nothing where it has ended. Answers its exit status.
  int end(int signal);

  /// SIGSTOP, and returns when it has stopped; SIGCONT.
  void pause();
  void resume();

 private:
  pid_t process_ = -1;
  std::optional<int> status_;
};

/// A new directory, gone with this object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace firedrill::test
