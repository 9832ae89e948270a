#include "sim/redis/request_parser.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <limits>
#include <optional>

#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

/// How long a line may be that has not ended.
constexpr std::size_t kLongestLine = 64 << 10;
constexpr std::size_t kNoEnd = std::string_view::npos;

/// Where the line ends that begins at `from`. A zero byte ends the search, as it does in Redis: the
/// line is taken for one that has not ended.
std::size_t line_end(std::string_view bytes, std::size_t from, char end) {
  for (std::size_t i = from; i < bytes.size(); ++i) {
    if (bytes[i] == end) return i;
    if (bytes[i] == '\0') break;
  }
  return kNoEnd;
}

Request malformed(std::string& problem, std::string_view how) {
  problem.assign("ERR Protocol error: ").append(how);
  return Request::malformed;
}

/// Reads the number behind the line's type. Incomplete: the line has not ended. Behind its '\r' one
/// more byte must be there, whatever it is.
Request read_length(std::string_view bytes, std::size_t from, std::optional<std::int64_t>& length,
                    std::size_t& used) {
  const std::size_t end = line_end(bytes, from, '\r');
  if (end == kNoEnd || end + 2 > bytes.size()) return Request::incomplete;
  used = end + 2;
  const std::string_view text = bytes.substr(from, end - from).substr(end > from ? 1 : 0);
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '9') {
    length = text[0] - '0';
  } else {
    length = parse_integer(text);
  }
  return Request::command;
}

bool never_ends(std::string_view bytes, std::size_t from, char end) {
  return bytes.size() - from > kLongestLine && line_end(bytes, from, end) == kNoEnd;
}

/// "*3": how many words there are.
Request read_count(std::string_view bytes, const RequestLimits& limits, RequestProgress& progress,
                   std::string& problem) {
  std::optional<std::int64_t> count;
  if (read_length(bytes, 0, count, progress.used) == Request::incomplete) {
    if (never_ends(bytes, 0, '\r')) return malformed(problem, "too big mbulk count string");
    return Request::incomplete;
  }
  if (!count || *count > std::numeric_limits<std::int32_t>::max()) {
    return malformed(problem, "invalid multibulk length");
  }
  if (*count > 10 && !limits.authenticated) {
    return malformed(problem, "unauthenticated multibulk length");
  }
  progress.words_left = std::max<std::int64_t>(*count, 0);
  return Request::command;
}

/// "$5": how long the next word is.
Request read_bulk_length(std::string_view bytes, const RequestLimits& limits,
                         RequestProgress& progress, std::string& problem) {
  const std::size_t from = progress.used;
  std::optional<std::int64_t> length;
  std::size_t used = 0;
  if (read_length(bytes, from, length, used) == Request::incomplete) {
    if (never_ends(bytes, from, '\r')) return malformed(problem, "too big bulk count string");
    return Request::incomplete;
  }
  if (const char type = bytes[from]; type != '$') {
    const char shown = type == '\r' || type == '\n' ? ' ' : type;  // an error is one line
    return malformed(problem, std::string("expected '$', got '") + shown + "'");
  }
  if (!length || *length < 0 || *length > limits.bulk) {
    return malformed(problem, "invalid bulk length");
  }
  if (*length > (16 << 10) && !limits.authenticated) {
    return malformed(problem, "unauthenticated bulk length");
  }
  progress.bulk = *length;
  progress.used = used;
  return Request::command;
}

bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char escaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
    default: return c;
  }
}

/// One inline command. What it has unescaped is never longer than what it has read: both are in the
/// same bytes.
class InlineLine {
 public:
  explicit InlineLine(std::span<char> line) : text_(line.data(), line.size()), to_(line.data()) {}

  bool split(std::vector<std::string_view>& words) {
    for (skip_spaces(); at_ < text_.size(); skip_spaces()) {
      const char* begin = to_;
      if (!word()) return false;
      words.emplace_back(begin, static_cast<std::size_t>(to_ - begin));
    }
    return true;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void put(char c) { *to_++ = c; }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  bool word() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') return true;
      if (c == '"') return double_quoted();
      if (c == '\'') return single_quoted();
      put(c);
    }
    return true;
  }

  bool double_quoted() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return ends_word();
      if (c != '\\' || at_ == text_.size()) {
        put(c);
      } else if (peek() == 'x' && hex_digit(peek(1)) >= 0 && hex_digit(peek(2)) >= 0) {
        put(static_cast<char>(hex_digit(peek(1)) * 16 + hex_digit(peek(2))));
        at_ += 3;
      } else {
        put(escaped(text_[at_++]));
      }
    }
    return false;
  }

  bool single_quoted() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\'') return ends_word();
      if (c == '\\' && peek() == '\'') {
        put(text_[at_++]);
      } else {
        put(c);
      }
    }
    return false;
  }

  /// Behind a closing quote.
  bool ends_word() const { return at_ == text_.size() || is_space(text_[at_]); }

  std::string_view text_;
  std::size_t at_ = 0;
  char* to_;
};

}  // namespace

bool split_inline(std::span<char> line, std::vector<std::string_view>& words) {
  return InlineLine(line).split(words);
}

Request read_request(std::string_view bytes, const RequestLimits& limits, RequestProgress& progress,
                     std::vector<std::string_view>& words, std::string& problem) {
  constexpr std::size_t kEnd = 2;  // behind each word; Redis does not look what it is
  if (progress.words_left == 0) {
    const Request read = read_count(bytes, limits, progress, problem);
    if (read != Request::command) return read;
  }
  for (; progress.words_left > 0; --progress.words_left) {
    if (progress.bulk < 0) {
      const Request read = read_bulk_length(bytes, limits, progress, problem);
      if (read != Request::command) return read;
    }
    const auto length = static_cast<std::size_t>(progress.bulk);
    if (bytes.size() - progress.used < length + kEnd) return Request::incomplete;
    words.push_back(bytes.substr(progress.used, length));
    progress.used += length + kEnd;
    progress.bulk = -1;
  }
  return Request::command;
}

std::span<char> RequestParser::room(std::size_t bytes) {
  if (capacity_ - end_ < bytes) {
    const std::size_t needed = pending() + bytes;
    if (needed <= capacity_) {
      move_to(buffer_.get());
    } else {
      capacity_ = std::max(needed, 2 * pending());
      auto bigger = std::make_unique_for_overwrite<char[]>(capacity_);
      move_to(bigger.get());
      buffer_ = std::move(bigger);
    }
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

/// Moves what is pending to the beginning of `place`, and the words that were read of it.
void RequestParser::move_to(char* place) {
  const char* old = buffer_.get() + begin_;
  const std::size_t size = pending();
  if (found_) {
    words_.clear();
    found_ = false;
  }
  for (std::string_view& word : words_) word = {place + (word.data() - old), word.size()};
  if (size > 0) std::memmove(place, old, size);
  begin_ = 0;
  end_ = size;
}

void RequestParser::append(std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(room(bytes.size()).data(), bytes.data(), bytes.size());
  add(bytes.size());
}

Request RequestParser::next(const RequestLimits& limits) {
  if (found_) words_.clear();
  found_ = false;
  while (begin_ < end_) {
    const bool is_array = progress_.words_left > 0 || buffer_[begin_] == '*';
    const Request read = is_array ? read_request({buffer_.get() + begin_, pending()}, limits,
                                                 progress_, words_, problem_)
                                  : next_inline();
    if (read != Request::command) return read;
    begin_ += progress_.used;
    progress_ = {};
    if (words_.empty()) continue;
    found_ = true;
    return Request::command;
  }
  begin_ = end_ = 0;
  return Request::incomplete;
}

Request RequestParser::next_inline() {
  char* line = buffer_.get() + begin_;
  const std::size_t end = line_end({line, pending()}, 0, '\n');
  if (end == kNoEnd) {
    if (pending() > kLongestLine) return malformed(problem_, "too big inline request");
    return Request::incomplete;
  }
  progress_.used = end + 1;
  const std::size_t length = end > 0 && line[end - 1] == '\r' ? end - 1 : end;
  if (split_inline({line, length}, words_)) return Request::command;
  return malformed(problem_, "unbalanced quotes in request");
}

void RequestParser::trim() {
  if (pending() > 0) return;
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
  found_ = false;
  words_ = {};
}

}  // namespace firedrill::sim::redis
