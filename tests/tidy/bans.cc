#include "tests/tidy/bans.h"

#include <algorithm>
#include <array>
#include <utility>

namespace firedrill::tidy {

namespace {

constexpr std::string_view kReal = "system/adapters, cli, tests, bench";
constexpr std::string_view kTime = "use firedrill::Clock (system/ports/clock.h)";
constexpr std::string_view kDraw =
    "use firedrill::Random (system/ports/random.h), or a named stream of sim/kernel";
constexpr std::string_view kOwner = "use firedrill::Tasks (system/ports/tasks.h)";
constexpr std::string_view kOrdered =
    "use std::map, std::set or a sorted vector: its order is known";

constexpr auto kBans = std::to_array<Ban>({
    {"clock", "system_clock", kReal, kTime},
    {"clock", "steady_clock", kReal, kTime},
    {"clock", "high_resolution_clock", kReal, kTime},
    {"clock", "utc_clock", kReal, kTime},
    {"clock", "gettimeofday", kReal, kTime},
    {"clock", "clock_gettime", kReal, kTime},
    {"clock", "std::time", kReal, kTime},
    {"clock", "time(nullptr)", kReal, kTime},
    {"clock", "time(NULL)", kReal, kTime},
    {"clock", "time(0)", kReal, kTime},
    {"clock", "localtime", kReal, kTime},
    {"clock", "localtime_r", kReal, kTime},
    {"clock", "steady_timer", kReal, kTime},
    {"clock", "system_timer", kReal, kTime},
    {"clock", "high_resolution_timer", kReal, kTime},
    {"random", "random_device", "system/adapters, cli", kDraw},
    {"random", "rand", "", kDraw},
    {"random", "srand", "", kDraw},
    {"random", "mt19937", "", kDraw},
    {"random", "mt19937_64", "", kDraw},
    {"random", "minstd_rand", "", kDraw},
    {"random", "default_random_engine", "", kDraw},
    {"random", "uniform_int_distribution", "", "each library draws differently; use Random::below"},
    {"random", "uniform_real_distribution", "", "each library draws differently; use ratios"},
    {"random", "bernoulli_distribution", "", "each library draws differently; use ratios"},
    {"random", "std::shuffle", "", "each library shuffles differently; use Random::below"},
    {"random", "std::ranges::shuffle", "", "each library shuffles differently; use Random::below"},
    {"thread", "std::thread", kReal, "a world has one thread; only cli runs several worlds"},
    {"thread", "std::jthread", kReal, "a world has one thread; only cli runs several worlds"},
    {"thread", "std::async", kReal, "a world has one thread; only cli runs several worlds"},
    {"thread", "std::this_thread", kReal, kTime},
    {"thread", "std::mutex", kReal, "a world has one thread: nothing to lock"},
    {"thread", "std::atomic", kReal, "a world has one thread: nothing to share"},
    {"detached", "asio::detached", kReal, kOwner},
    {"unordered", "std::unordered_map", "system/adapters, tests", kOrdered},
    {"unordered", "std::unordered_set", "system/adapters, tests", kOrdered},
    {"unordered", "std::unordered_multimap", "system/adapters, tests", kOrdered},
    {"unordered", "std::unordered_multiset", "system/adapters, tests", kOrdered},
    {"hash", "std::hash", "system/adapters, tests", "it may vary; use sim/kernel's digest"},
    {"static", "thread_local", kReal, "give the state an owner, and pass it"},
});

/// Where a number that is not whole could decide something.
constexpr std::string_view kDeciding =
    "faults, sim/kernel, sim/world, sim/queue, sim/ports, sim/cluster, workload, properties";
constexpr std::string_view kPointerKeysBut = "system/adapters, tests";
constexpr std::string_view kStaticBut = "tests, bench";

bool is_in_any(std::string_view path, std::string_view folders) {
  return std::ranges::any_of(split(folders, ','),
                             [&](std::string_view folder) { return is_within(path, folder); });
}

/// Calls `found` with the offset of each `word` that is not part of a longer word.
template <class Found>
void each_word(std::string_view code, std::string_view word, Found found) {
  for (std::size_t at = code.find(word); at != std::string_view::npos;
       at = code.find(word, at + word.size())) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word_char(code[at - 1]);
    const bool ends = end == code.size() || !is_word_char(code[end]) || !is_word_char(word.back());
    if (begins && ends) found(at);
  }
}

void find_words(const File& file, std::string_view code, Findings& findings) {
  for (const Ban& ban : bans()) {
    if (is_in_any(file.path, ban.but_in)) continue;
    each_word(code, ban.word, [&](std::size_t at) {
      findings.push_back({file.path, line_at(code, at), std::string(ban.rule),
                          std::string(ban.word) + ": " + std::string(ban.instead)});
    });
  }
}

void find_floating(const File& file, std::string_view code, Findings& findings) {
  if (!is_in_any(file.path, kDeciding)) return;
  for (const std::string_view word : {"float", "double"}) {
    each_word(code, word, [&](std::size_t at) {
      findings.push_back({file.path, line_at(code, at), "double",
                          std::string(word) + ": decide on whole numbers and ratios of them"});
    });
  }
}

/// The first template argument of the list that opens at `open`.
std::string_view first_argument(std::string_view code, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '<' || c == '(') ++depth;
    if (c == '>' || c == ')') --depth;
    if (depth == 0 || (depth == 1 && c == ',')) return trim(code.substr(open + 1, at - open - 1));
  }
  return {};
}

bool is_address(std::string_view type) {
  return type.ends_with('*') || type.starts_with("std::shared_ptr<") ||
         type.starts_with("std::unique_ptr<");
}

void find_pointer_keys(const File& file, std::string_view code, Findings& findings) {
  if (is_in_any(file.path, kPointerKeysBut)) return;
  for (const std::string_view container :
       {"std::map<", "std::set<", "std::multimap<", "std::multiset<", "std::less<"}) {
    each_word(code, container, [&](std::size_t at) {
      if (!is_address(first_argument(code, at + container.size() - 1))) return;
      findings.push_back({file.path, line_at(code, at), "pointer-key",
                          std::string(container) + "...*>: ordered by address, which differs from "
                                                   "run to run; key it by an id or a sequence"});
    });
  }
}

/// What ends the beginning of a declaration, template arguments skipped: one of `(`, `=`, `;`, `{`;
/// or 0. `head` is what stands before it.
char declared_until(std::string_view code, std::size_t from, std::string_view& head) {
  int depth = 0;
  for (std::size_t at = from; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '<') ++depth;
    if (c == '>') --depth;
    if (depth > 0 || std::string_view("(=;{").find(c) == std::string_view::npos) continue;
    head = code.substr(from, at - from);
    return c;
  }
  return 0;
}

bool has_word(std::string_view text, std::string_view word) {
  bool found = false;
  each_word(text, word, [&](std::size_t) { found = true; });
  return found;
}

bool is_constant(std::string_view head) {
  return has_word(head, "constexpr") || has_word(head, "const") ||
         has_word(head, "constinit const");
}

/// `static T name = ...;` anywhere.
void find_statics(const File& file, std::string_view code, Findings& findings) {
  each_word(code, "static", [&](std::size_t at) {
    std::string_view head;
    const char end = declared_until(code, at, head);
    if (end == 0 || end == '(' || is_constant(head) || has_word(head, "operator")) return;
    findings.push_back({file.path, line_at(code, at), "static",
                        "mutable static: give the state an owner, and pass it"});
  });
}

/// Whether a line at the left edge begins something else than a variable.
bool begins_no_variable(std::string_view head) {
  constexpr auto kOthers = std::to_array<std::string_view>(
      {"using", "namespace", "class", "struct", "enum", "union", "template", "extern", "typedef",
       "friend", "concept", "static", "thread_local", "operator", "asm", "public", "private",
       "else", "requires"});
  return std::ranges::any_of(kOthers, [&](std::string_view word) { return has_word(head, word); });
}

/// A variable in a namespace: with this layout (clang-format) it begins at the left edge.
void find_globals(const File& file, std::string_view code, Findings& findings) {
  std::size_t begin = 0;
  for (const std::string_view line : lines_of(code)) {
    const std::size_t at = std::exchange(begin, begin + line.size() + 1);
    if (line.empty() || !is_word_char(line.front())) continue;
    std::string_view head;
    const char end = declared_until(code, at, head);
    const bool two_words = trim(head).find_first_of(" \n") != std::string_view::npos;
    if (end == 0 || end == '(' || !two_words || is_constant(head) || begins_no_variable(head)) {
      continue;
    }
    findings.push_back({file.path, line_at(code, at), "static",
                        "mutable global variable: give the state an owner, and pass it"});
  }
}

/// Headers that cost seconds in every file that sees them.
void find_heavy(const File& file, const Parts& parts, Findings& findings) {
  if (!is_header(file.path)) return;
  for (const Include& include : includes_of(parts)) {
    const bool json =
        include.path.starts_with("nlohmann/") && include.path != "nlohmann/json_fwd.hpp";
    if (!json && !include.path.starts_with("boost/beast") && include.path != "boost/asio.hpp") {
      continue;
    }
    findings.push_back({file.path, include.line, "heavy",
                        include.path + ": costs seconds in each file that sees it; include it in "
                                       ".cc files alone"});
  }
}

/// A comment that allows something.
struct Allowance {
  std::size_t line = 0;      ///< where it is written
  std::size_t for_line = 0;  ///< the line of code that it is about
  std::string rule;
  bool reasoned = false;
  bool used = false;
};

/// The line that a comment on line `index` (from 0) speaks of: the same, or the next that is more
/// than comment.
std::size_t spoken_of(const std::vector<std::string_view>& code,
                      const std::vector<std::string_view>& includes, std::size_t index) {
  for (std::size_t at = index; at < code.size(); ++at) {
    if (!trim(code[at]).empty() || !trim(includes[at]).empty()) return at + 1;
  }
  return index + 1;
}

std::vector<Allowance> allowances_of(const Parts& parts) {
  constexpr std::string_view kMark = "tidy: allow ";
  std::vector<Allowance> allowances;
  const auto code = lines_of(parts.code);
  const auto includes = lines_of(parts.includes);
  const auto comments = lines_of(parts.comments);
  for (std::size_t index = 0; index < comments.size(); ++index) {
    const std::size_t at = comments[index].find(kMark);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = trim(comments[index].substr(at + kMark.size()));
    const std::string_view rule = rest.substr(0, rest.find(' '));
    if (rule.starts_with("RULE")) continue;  // this is how it is spelt where it is explained
    const std::string_view why = trim(rest.substr(rule.size()));
    allowances.push_back({index + 1, spoken_of(code, includes, index), std::string(rule),
                          why.starts_with("- ") && trim(why.substr(2)).size() > 3, false});
  }
  return allowances;
}

Findings without_allowed(Findings findings, const File& file, const Parts& parts) {
  std::vector<Allowance> allowances = allowances_of(parts);
  std::erase_if(findings, [&](const Finding& finding) {
    const auto allowance = std::ranges::find_if(allowances, [&](const Allowance& candidate) {
      return candidate.reasoned && candidate.rule == finding.rule &&
             candidate.for_line == finding.line;
    });
    if (allowance == allowances.end()) return false;
    allowance->used = true;
    return true;
  });
  for (const Allowance& allowance : allowances) {
    if (allowance.used) continue;
    findings.push_back({file.path, allowance.line, "allow",
                        allowance.reasoned
                            ? "allows " + allowance.rule + " where there is none: remove it"
                            : "gives no reason: write `tidy: allow RULE - WHY`"});
  }
  return findings;
}

}  // namespace

std::span<const Ban> bans() {
  return kBans;
}

Findings check_bans(const File& file) {
  Findings findings;
  if (!is_cpp(file.path)) return findings;
  const Parts parts = take_apart(file.text);
  find_words(file, parts.code, findings);
  find_floating(file, parts.code, findings);
  find_pointer_keys(file, parts.code, findings);
  find_heavy(file, parts, findings);
  if (!is_in_any(file.path, kStaticBut)) {
    find_statics(file, parts.code, findings);
    find_globals(file, parts.code, findings);
  }
  return without_allowed(std::move(findings), file, parts);
}

}  // namespace firedrill::tidy
