#include "sim/redis/lcs.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

struct LcsOptions {
  bool length = false, indexes = false, match_lengths = false;
  std::int64_t shortest = 0;
};

const char* parse_options(Arguments words, LcsOptions& options) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (equals_ignoring_case(words[i], "idx")) {
      options.indexes = true;
    } else if (equals_ignoring_case(words[i], "len")) {
      options.length = true;
    } else if (equals_ignoring_case(words[i], "withmatchlen")) {
      options.match_lengths = true;
    } else if (equals_ignoring_case(words[i], "minmatchlen") && i + 1 < words.size()) {
      const auto shortest = parse_integer(words[++i]);
      if (!shortest) return errors::kNotInteger;
      options.shortest = std::max<std::int64_t>(*shortest, 0);
    } else {
      return errors::kSyntax;
    }
  }
  if (options.length && options.indexes) {
    return "ERR If you want both the length and indexes, please just use IDX.";
  }
  return nullptr;
}

/// False where the key holds no string; a missing one counts as empty.
bool read_text(Call& call, std::string_view key, std::string& text) {
  const Keyspace::Entry* entry = call.keys().find(key);
  if (entry == nullptr) return true;
  const Value& value = entry->value.value;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    text = std::to_string(*number);
  } else if (const auto* held = std::get_if<std::string>(&value)) {
    text = *held;
  } else {
    return false;
  }
  return true;
}

/// The lengths of the longest common subsequences of all pairs of prefixes.
class Lengths {
 public:
  Lengths(std::string_view a, std::string_view b)
      : width_(b.size() + 1), lengths_((a.size() + 1) * width_) {
    for (std::size_t i = 1; i <= a.size(); ++i) {
      for (std::size_t j = 1; j <= b.size(); ++j) {
        lengths_[i * width_ + j] =
            a[i - 1] == b[j - 1] ? of(i - 1, j - 1) + 1 : std::max(of(i - 1, j), of(i, j - 1));
      }
    }
  }
  std::uint32_t of(std::size_t i, std::size_t j) const { return lengths_[i * width_ + j]; }

 private:
  std::size_t width_;
  std::vector<std::uint32_t> lengths_;
};

/// A run that both have: it ends before `a_end` in the one and before `b_end` in the other.
struct Match {
  std::size_t a_end = 0;
  std::size_t b_end = 0;
  std::size_t length = 0;
};

/// The runs of the longest common subsequence, the last one first, as Redis picks them: where both
/// ways are as good, it goes back in `b`.
std::vector<Match> matches_of(std::string_view a, std::string_view b, const Lengths& lengths) {
  std::vector<Match> matches;
  bool in_run = false;
  for (std::size_t i = a.size(), j = b.size(); i > 0 && j > 0;) {
    if (a[i - 1] == b[j - 1]) {
      if (!in_run) matches.push_back({i, j, 0});
      in_run = true;
      ++matches.back().length;
      --i;
      --j;
    } else {
      in_run = false;
      (lengths.of(i - 1, j) > lengths.of(i, j - 1) ? i : j) -= 1;
    }
  }
  return matches;
}

RedisReply range(std::size_t end, std::size_t length) {
  std::vector<RedisReply> ends;
  ends.push_back(integer(end - length));
  ends.push_back(integer(end - 1));
  return RedisReply::array(std::move(ends));
}

RedisReply indexes(const Call& call, const std::vector<Match>& matches, const LcsOptions& options,
                   std::uint32_t total) {
  std::vector<RedisReply> found;
  for (const Match& match : matches) {
    if (match.length < static_cast<std::size_t>(options.shortest)) continue;
    std::vector<RedisReply> parts;
    parts.push_back(range(match.a_end, match.length));
    parts.push_back(range(match.b_end, match.length));
    if (options.match_lengths) parts.push_back(integer(match.length));
    found.push_back(RedisReply::array(std::move(parts)));
  }
  std::vector<RedisReply> reply;
  reply.push_back(bulk("matches"));
  reply.push_back(RedisReply::array(std::move(found)));
  reply.push_back(bulk("len"));
  reply.push_back(integer(total));
  return map(call, std::move(reply));
}

std::string text_of(std::string_view a, const std::vector<Match>& matches) {
  std::string text;
  for (auto match = matches.rbegin(); match != matches.rend(); ++match) {
    text.append(a.substr(match->a_end - match->length, match->length));
  }
  return text;
}

}  // namespace

RedisReply lcs(Call& call) {
  std::string a;
  std::string b;
  if (!read_text(call, call.args[1], a) || !read_text(call, call.args[2], b)) {
    return error("ERR The specified keys must contain string values");
  }
  LcsOptions options;
  if (const char* problem = parse_options(call.args.subspan(3), options)) return error(problem);
  const std::size_t table = (a.size() + 1) * (b.size() + 1) * sizeof(std::uint32_t);
  if (table > static_cast<std::size_t>(call.state.config.proto_max_bulk_len)) {
    return error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  }
  const Lengths lengths(a, b);
  const std::uint32_t total = lengths.of(a.size(), b.size());
  if (options.length) return integer(total);
  const auto matches = matches_of(a, b, lengths);
  if (options.indexes) return indexes(call, matches, options, total);
  return RedisReply::bulk(text_of(a, matches));
}

}  // namespace firedrill::sim::redis
