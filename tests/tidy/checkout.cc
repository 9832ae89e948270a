#include "tests/tidy/checkout.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace firedrill::tidy {

namespace {

namespace fs = std::filesystem;

bool is_skipped_folder(std::string_view path) {
  const std::string_view name = name_of(path);
  return path == "build" || path == "traces/found" || (name.starts_with('.') && name != ".ci");
}

/// Files without a suffix are scripts.
bool is_judged(const fs::path& file) {
  constexpr auto kSuffixes =
      std::to_array<std::string_view>({".h", ".cc", ".lua", ".md", ".txt", ".cmake", ".sh", ""});
  return std::ranges::find(kSuffixes, file.extension().string()) != kSuffixes.end();
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) throw std::runtime_error("cannot read " + file.string());
  return text;
}

}  // namespace

std::vector<File> read_checkout(const fs::path& root) {
  std::vector<File> files;
  for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator();
       ++at) {
    const std::string path = at->path().lexically_relative(root).generic_string();
    if (at->is_directory()) {
      if (is_skipped_folder(path)) at.disable_recursion_pending();
    } else if (at->is_regular_file()) {
      files.push_back({path, is_judged(at->path()) ? read(at->path()) : std::string{}});
    }
  }
  std::ranges::sort(files, {}, &File::path);
  return files;
}

}  // namespace firedrill::tidy
