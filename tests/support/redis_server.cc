#include "tests/support/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace firedrill::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  ::close(socket);
  if (!bound) throw std::runtime_error("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

/// Whether a Redis answers PING there; "-LOADING" is not an answer.
bool answers(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  bool pong = false;
  constexpr std::string_view kPing = "PING\r\n";
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(socket, kPing.data(), kPing.size(), MSG_NOSIGNAL) > 0) {
    pollfd ready{socket, POLLIN, 0};
    char reply[8] = {};
    if (::poll(&ready, 1, 1000) == 1 && ::recv(socket, reply, sizeof reply, 0) > 0) {
      pong = std::string_view(reply, 5) == "+PONG";
    }
  }
  ::close(socket);
  return pong;
}

[[noreturn]] void become_redis_server(const std::vector<std::string>& words,
                                      const std::filesystem::path& directory, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  const int log = ::open((directory / "redis.log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(errno == ENOENT ? 127 : 126);
}

}  // namespace

RedisServer::RedisServer() : RedisServer(Options{}) {}

RedisServer::RedisServer(Options options) : options_(std::move(options)) {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "firedrill-redis-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary directory: " + pattern);
  }
  directory_ = pattern;
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();  // somebody else may take it before the server does
    if (start()) return;
  }
  std::filesystem::remove_all(directory_);
  throw std::runtime_error("redis-server does not start on 127.0.0.1");
}

RedisServer::~RedisServer() {
  stop(SIGKILL);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string RedisServer::url() const {
  return "redis://127.0.0.1:" + std::to_string(port_);
}

bool RedisServer::start() {
  std::vector<std::string> words = {"redis-server",
                                    "--port",
                                    std::to_string(port_),
                                    "--bind",
                                    "127.0.0.1",
                                    "--save",
                                    "",
                                    "--daemonize",
                                    "no",
                                    "--dir",
                                    directory_,
                                    "--appendonly",
                                    options_.appendonly ? "yes" : "no",
                                    "--appendfsync",
                                    options_.appendfsync};
  words.insert(words.end(), options_.more.begin(), options_.more.end());
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("cannot fork");
  if (process_ == 0) become_redis_server(words, directory_, parent);
  for (int waited_ms = 0; waited_ms < 20'000; waited_ms += 5) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        std::filesystem::remove_all(directory_);
        throw std::runtime_error(
            "redis-server is not installed, and this test needs the real one: "
            "sudo apt-get install redis-server");
      }
      return false;
    }
    if (answers(port_)) return true;
    ::usleep(5'000);
  }
  stop(SIGKILL);
  return false;
}

void RedisServer::stop(int signal) {
  if (process_ <= 0) return;
  ::kill(process_, signal);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void RedisServer::kill() {
  stop(SIGKILL);
}

void RedisServer::restart() {
  stop(SIGKILL);
  if (!start()) throw std::runtime_error("redis-server does not start again on its port");
}

void RedisServer::pause() {
  ::kill(process_, SIGSTOP);
}
void RedisServer::resume() {
  ::kill(process_, SIGCONT);
}

}  // namespace firedrill::test
