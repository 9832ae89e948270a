#include "sim/postgres/values/regex_tree.h"

#include <algorithm>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

namespace {

constexpr char32_t kLastCharacter = 0x7ffffffe;

struct NamedRanges {
  std::u32string_view name;
  std::string_view ranges;  ///< pairs of first and last
};

constexpr NamedRanges kClasses[] = {
    {U"alnum", "09AZaz"}, {U"alpha", "AZaz"}, {U"blank", "  \t\t"},  {U"digit", "09"},
    {U"graph", "!~"},     {U"lower", "az"},   {U"print", " ~"},      {U"punct", "!/:@[`{~"},
    {U"space", "  \t\r"}, {U"upper", "AZ"},   {U"xdigit", "09AFaf"}, {U"word", "09AZaz__"},
};

Language made(RegexLanguage language) {
  return std::make_shared<const RegexLanguage>(std::move(language));
}

}  // namespace

void fail_regex(std::string_view what) {
  fail("2201B", "invalid regular expression: " + std::string(what));
}

void CharacterSet::add(char32_t first, char32_t last) {
  ranges_.emplace_back(first, last);
  normalize();
}

void CharacterSet::add(const CharacterSet& other) {
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
  normalize();
}

void CharacterSet::normalize() {
  std::ranges::sort(ranges_);
  std::vector<std::pair<char32_t, char32_t>> merged;
  for (const auto& range : ranges_) {
    if (!merged.empty() && range.first <= merged.back().second + 1) {
      merged.back().second = std::max(merged.back().second, range.second);
    } else {
      merged.push_back(range);
    }
  }
  ranges_ = std::move(merged);
}

void CharacterSet::fold_case() {
  const auto ranges = ranges_;
  const auto add_shifted = [&](std::pair<char32_t, char32_t> range, char32_t first, char32_t last,
                               char32_t to) {
    const char32_t begin = std::max(range.first, first);
    const char32_t end = std::min(range.second, last);
    if (begin <= end) ranges_.emplace_back(begin - first + to, end - first + to);
  };
  for (const auto& range : ranges) {
    add_shifted(range, U'a', U'z', U'A');
    add_shifted(range, U'A', U'Z', U'a');
  }
  normalize();
}

CharacterSet CharacterSet::complement() const {
  CharacterSet result;
  char32_t next = 0;
  for (const auto& [first, last] : ranges_) {
    if (first > next) result.ranges_.emplace_back(next, first - 1);
    next = last + 1;
  }
  if (next <= kLastCharacter) result.ranges_.emplace_back(next, kLastCharacter);
  return result;
}

bool CharacterSet::contains(char32_t character) const {
  for (const auto& [first, last] : ranges_) {
    if (character < first) return false;
    if (character <= last) return true;
  }
  return false;
}

CharacterSet character_class(std::u32string_view name, bool ignores_case) {
  if (ignores_case && (name == U"lower" || name == U"upper")) name = U"alpha";
  CharacterSet set;
  if (name == U"ascii") {
    set.add(0, 0x7F);
    return set;
  }
  if (name == U"cntrl") {
    set.add(0, 0x1F);
    set.add(0x7F, 0x7F);
    return set;
  }
  const auto* found = std::ranges::find(kClasses, name, &NamedRanges::name);
  if (found == std::end(kClasses)) fail_regex("invalid character class");
  for (std::size_t at = 0; at < found->ranges.size(); at += 2) {
    set.add(static_cast<char32_t>(found->ranges[at]), static_cast<char32_t>(found->ranges[at + 1]));
  }
  return set;
}

bool is_word_character(char32_t character) {
  return (character >= U'0' && character <= U'9') || (character >= U'A' && character <= U'Z') ||
         (character >= U'a' && character <= U'z') || character == U'_';
}

Language sequence_of(std::vector<Language> parts) {
  if (parts.size() == 1) return parts[0];
  return made({.kind = RegexLanguage::Kind::sequence, .parts = std::move(parts)});
}

Language alternatives_of(std::vector<Language> parts) {
  if (parts.size() == 1) return parts[0];
  return made({.kind = RegexLanguage::Kind::alternatives, .parts = std::move(parts)});
}

Language repeat_of(Language part, int min, int max) {
  if (min == 1 && max == 1) return part;
  return made(
      {.kind = RegexLanguage::Kind::repeat, .parts = {std::move(part)}, .min = min, .max = max});
}

Language characters_of(CharacterSet set) {
  return made({.kind = RegexLanguage::Kind::characters, .characters = std::move(set)});
}

Language assertion_of(Assertion assertion, Language part) {
  RegexLanguage language{.kind = RegexLanguage::Kind::assertion, .assertion = assertion};
  if (part) language.parts.push_back(std::move(part));
  return made(std::move(language));
}

Language without_assertions(const Language& language) {
  if (language->kind == RegexLanguage::Kind::assertion) return sequence_of({});
  RegexLanguage copy = *language;
  for (Language& part : copy.parts) part = without_assertions(part);
  return made(std::move(copy));
}

}  // namespace firedrill::sim::postgres
