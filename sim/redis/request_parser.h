#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What clients send: bytes in, commands out. No sockets.

namespace firedrill::sim::redis {

/// What a request may be, for one client of one server.
struct RequestLimits {
  std::int64_t bulk = 512LL << 20;  ///< bytes of one argument: proto-max-bulk-len
  bool authenticated = true;        ///< if not: at most 10 arguments of at most 16 KB
};

enum class Request : std::uint8_t {
  command,     ///< a whole one, of at least one word
  incomplete,  ///< more bytes must come
  malformed,   ///< the client is told, and its connection closed
};

/// How much of an array of bulk strings has been read.
struct RequestProgress {
  std::size_t used = 0;         ///< bytes
  std::int64_t words_left = 0;  ///< 0 at the beginning: its first line has not been read
  std::int64_t bulk = -1;       ///< length of the argument being read; -1: not known yet
};

/// Goes on reading the array of bulk strings that `bytes` begins with ('*' is the first of them):
/// adds views of `bytes` to `words`. A whole one may have no words ("*0"). Where it is malformed
/// `problem` says how, in Redis's words.
Request read_request(std::string_view bytes, const RequestLimits& limits, RequestProgress& progress,
                     std::vector<std::string_view>& words, std::string& problem);

/// The requests of one connection, one after the other: arrays of bulk strings and inline commands.
/// Holds no more memory than bytes have come (and as much again), whatever lengths they announce.
class RequestParser {
 public:
  /// Where the next bytes that come may be put: at least `bytes` of them. Ends the views.
  std::span<char> room(std::size_t bytes);
  /// So many were put there.
  void add(std::size_t bytes) { end_ += bytes; }
  void append(std::string_view bytes);

  /// Reads the next request; skips empty ones. After a malformed one nothing more may be read.
  Request next(const RequestLimits& limits);
  /// Of the command that next() has found. The views end at the next call of anything here.
  std::span<const std::string_view> words() const { return words_; }
  /// The error reply, without its '-'.
  const std::string& problem() const { return problem_; }

  /// Bytes that have come, but for those of commands that were found.
  std::size_t pending() const { return end_ - begin_; }
  /// Returns the memory where nothing is pending.
  void trim();

 private:
  Request next_inline();
  void move_to(char* place);

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  ///< of the request being read
  std::size_t end_ = 0;
  RequestProgress progress_;
  std::vector<std::string_view> words_;  ///< views of the buffer
  bool found_ = false;                   ///< words_ is the command that was found last
  std::string problem_;
};

/// Splits an inline command into words, by Redis's rules of quoting; unescapes in place. False: its
/// quotes are not balanced.
bool split_inline(std::span<char> line, std::vector<std::string_view>& words);

}  // namespace firedrill::sim::redis
