#include "tests/conformance/postgres/generated_text.h"

#include <algorithm>
#include <utility>

namespace firedrill::test {

std::uint64_t Draw::next() {  // splitmix64
  state_ += 0x9e37'79b9'7f4a'7c15;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11eb;
  return mixed ^ (mixed >> 31);
}

std::string optional_part(std::string_view text) {
  return mark::kBeginOptional + std::string(text) + mark::kEndOptional;
}

std::string value_part(std::string_view text) {
  return mark::kBeginValue + std::string(text) + mark::kEndValue;
}

std::string without_marks(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c < mark::kBeginOptional || c > mark::kEndValue) plain += c;
  }
  return plain;
}

std::vector<std::string> smaller_texts(std::string_view text) {
  struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::vector<Part> parts;
  std::vector<std::size_t> open;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == mark::kBeginOptional || c == mark::kBeginValue) open.push_back(at);
    if ((c == mark::kEndOptional || c == mark::kEndValue) && !open.empty()) {
      parts.push_back({open.back(), at + 1});
      open.pop_back();
    }
  }
  std::ranges::stable_sort(
      parts, [](const Part& a, const Part& b) { return a.end - a.begin > b.end - b.begin; });
  std::vector<std::string> smaller;
  for (const Part& part : parts) {
    const bool is_value = text[part.begin] == mark::kBeginValue;
    std::string less(text.substr(0, part.begin));
    if (is_value) less += "NULL";
    less += text.substr(part.end);
    smaller.push_back(std::move(less));
  }
  return smaller;
}

std::string optional_list(const std::vector<std::string>& parts) {
  std::string list;
  for (const std::string& part : parts) {
    list += list.empty() ? part : optional_part(", " + part);
  }
  return list;
}

}  // namespace firedrill::test
