#include "tests/conformance/redis/grammar.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace firedrill::test {

namespace {

using Words = std::vector<std::string>;

Words split(std::string_view text, char separator) {
  Words words;
  if (separator == '\0') return {std::string(text)};
  for (;;) {
    const std::size_t end = text.find(separator);
    words.emplace_back(text.substr(0, end));
    if (end == text.npos) return words;
    text.remove_prefix(end + 1);
  }
}

/// By their names, which have the brackets. A family's own hide those that all share.
using Kinds = std::map<std::string, Words, std::less<>>;

Kinds kinds_of(const Family& family) {
  Kinds kinds;
  for (const auto& table : {family.words, shared_words()}) {
    for (const WordKind& kind : table) {
      kinds.emplace(std::string(kind.name), split(kind.words, kind.separator));
    }
  }
  return kinds;
}

/// Part of a word.
struct Piece {
  enum class Is { text, kind, again, ordinal };
  Is is = Is::text;
  std::string text;              ///< the kind's name, or the text itself
  const Words* words = nullptr;  ///< of the kind
};

struct Node;
using Nodes = std::vector<Node>;

struct Node {
  enum class Is { word, optional, choice, repeat };
  Is is = Is::word;
  std::vector<Piece> pieces;
  std::vector<Nodes> alternatives;  ///< a repetition has one
  std::size_t first_option = 0;     ///< the number of the first alternative; of repeating
  std::size_t least = 0;
  std::size_t most = 0;
  bool has_count = false;  ///< the number of repetitions goes before it
  bool as_before = false;  ///< as many as the last one
};

/// Reads one template.
class Parser {
 public:
  Parser(std::string_view text, const Kinds& kinds) : text_(text), kinds_(kinds) {}

  Nodes parse() {
    Nodes nodes = sequence();
    if (at_ != text_.size()) fail("a bracket too many");
    return nodes;
  }
  std::vector<std::string> take_options() { return std::move(options_); }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw std::invalid_argument("the template \"" + std::string(text_) + "\", at " +
                                std::to_string(at_) + ": " + why);
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool ends_word() const {
    return at_ == text_.size() || std::string_view(" ()[]{}|").find(peek()) != std::string::npos;
  }

  Nodes sequence() {
    Nodes nodes;
    for (;;) {
      while (take(' ')) {
      }
      const char c = peek();
      if (c == '\0' || c == ')' || c == ']' || c == '}' || c == '|') return nodes;
      nodes.push_back(node());
    }
  }

  Node node() {
    if (take('[')) return group(Node::Is::optional, ']');
    if (take('(')) return group(Node::Is::choice, ')');
    const bool has_count = text_.substr(at_, 2) == "#{" && take('#');
    if (take('{')) return repetition(has_count);
    return word();
  }

  Node group(Node::Is is, char close) {
    Node node;
    node.is = is;
    std::vector<std::string> names;
    do {
      const std::size_t begin = at_;
      node.alternatives.push_back(sequence());
      names.emplace_back(text_.substr(begin, at_ - begin));
    } while (take('|'));
    if (!take(close)) fail("a bracket is missing");
    node.first_option = options_.size();
    options_.insert(options_.end(), names.begin(), names.end());
    return node;
  }

  Node repetition(bool has_count) {
    Node node;
    node.is = Node::Is::repeat;
    node.has_count = has_count;
    const std::size_t begin = at_ - 1;
    node.alternatives.push_back(sequence());
    if (!take('}')) fail("a brace is missing");
    if (take('+') || take('*')) {
      node.least = text_[at_ - 1] == '+' ? 1 : 0;
      node.most = 3;
      node.first_option = options_.size();
      options_.emplace_back(text_.substr(begin, at_ - begin));
    } else if (take('=')) {
      node.as_before = true;
    } else {
      while (std::isdigit(static_cast<unsigned char>(peek())) != 0) {
        node.most = 10 * node.most + static_cast<std::size_t>(text_[at_++] - '0');
      }
      if (node.most == 0) fail("how often? + * = or a number");
      node.least = node.most;
    }
    return node;
  }

  Node word() {
    Node node;
    if (take('\'')) {
      const std::size_t end = text_.find('\'', at_);
      if (end == text_.npos) fail("a quote is missing");
      node.pieces.push_back({Piece::Is::text, std::string(text_.substr(at_, end - at_)), nullptr});
      at_ = end + 1;
      if (!ends_word()) fail("a quoted word goes on");
      return node;
    }
    while (!ends_word()) node.pieces.push_back(piece());
    return node;
  }

  Piece piece() {
    if (text_.substr(at_, 3) == "<#>") {
      at_ += 3;
      return {Piece::Is::ordinal, "", nullptr};
    }
    if (auto kind = kind_piece()) return *kind;
    Piece piece;
    do {
      piece.text += text_[at_++];
    } while (!ends_word() && peek() != '<');
    return piece;
  }

  /// "<name>" and "<=name>"; a '<' that begins none of these is itself.
  std::optional<Piece> kind_piece() {
    const std::size_t end = text_.find('>', at_);
    if (peek() != '<' || end == text_.npos || end == at_ + 1) return std::nullopt;
    std::string name(text_.substr(at_, end + 1 - at_));
    if (name.find(' ') != name.npos) return std::nullopt;
    const bool again = name[1] == '=';
    if (again) name.erase(1, 1);
    const auto kind = kinds_.find(name);
    if (kind == kinds_.end()) fail("there is no kind " + name);
    at_ = end + 1;
    return Piece{again ? Piece::Is::again : Piece::Is::kind, name, &kind->second};
  }

  std::string_view text_;
  const Kinds& kinds_;
  std::size_t at_ = 0;
  std::vector<std::string> options_;
};

class Chooser {
 public:
  explicit Chooser(std::span<const std::uint32_t> choices) : choices_(choices) {}
  std::size_t below(std::size_t count) {
    if (at_ == choices_.size()) return 0;
    return choices_[at_++] % count;
  }
  const std::string& word(const Words& words) { return words[below(words.size())]; }

 private:
  std::span<const std::uint32_t> choices_;
  std::size_t at_ = 0;
};

/// Makes a command's words from a template's nodes.
class Filler {
 public:
  Filler(Chooser& chooser, Grammar::Command& command) : chooser_(chooser), command_(command) {}

  void fill(const Nodes& nodes) {
    for (std::size_t i = 0; i < nodes.size();) {
      std::size_t end = i;
      while (end < nodes.size() && nodes[end].is == Node::Is::optional) ++end;
      if (end < i + 2) {
        fill(nodes[i++]);
        continue;
      }
      for (const std::size_t at : order(end - i)) fill(nodes[i + at]);
      i = end;
    }
  }

 private:
  /// Mostly as they stand.
  std::vector<std::size_t> order(std::size_t count) {
    std::vector<std::size_t> numbers(count);
    for (std::size_t i = 0; i < count; ++i) numbers[i] = i;
    if (chooser_.below(4) != 3) return numbers;
    for (std::size_t i = count; i > 1; --i) std::swap(numbers[i - 1], numbers[chooser_.below(i)]);
    return numbers;
  }

  void fill(const Node& node) {
    switch (node.is) {
      case Node::Is::word: command_.words.push_back(word(node)); return;
      case Node::Is::choice: take(node, chooser_.below(node.alternatives.size())); return;
      case Node::Is::repeat: repeat(node); return;
      case Node::Is::optional: {
        const std::size_t drawn = chooser_.below(2 * node.alternatives.size());
        if (drawn >= node.alternatives.size()) take(node, drawn - node.alternatives.size());
        return;
      }
    }
  }

  void take(const Node& node, std::size_t alternative) {
    command_.options.push_back(node.first_option + alternative);
    fill(node.alternatives[alternative]);
  }

  void repeat(const Node& node) {
    std::size_t times = repeated_;
    if (!node.as_before) times = node.least + chooser_.below(node.most - node.least + 1);
    if (node.has_count) command_.words.push_back(std::to_string(times));
    if (node.least != node.most && times > 1) command_.options.push_back(node.first_option);
    repeated_ = times;
    for (ordinal_ = 0; ordinal_ < times; ++ordinal_) fill(node.alternatives[0]);
  }

  std::string word(const Node& node) {
    std::string text;
    for (const Piece& piece : node.pieces) {
      switch (piece.is) {
        case Piece::Is::text: text += piece.text; break;
        case Piece::Is::ordinal: text += std::to_string(ordinal_); break;
        case Piece::Is::again: text += last_[piece.words]; break;
        case Piece::Is::kind:
          text += last_.insert_or_assign(piece.words, chooser_.word(*piece.words)).first->second;
          break;
      }
    }
    return text;
  }

  Chooser& chooser_;
  Grammar::Command& command_;
  std::size_t repeated_ = 0;
  std::size_t ordinal_ = 0;
  std::map<const Words*, std::string> last_;
};

void change_case(std::string& word) {
  for (char& c : word) {
    const auto code = static_cast<unsigned char>(c);
    c = static_cast<char>(std::isupper(code) != 0 ? std::tolower(code) : std::toupper(code));
  }
}

/// Any word of any kind.
const std::string& some_word(const Kinds& kinds, Chooser& chooser) {
  auto kind = kinds.begin();
  std::advance(kind, chooser.below(kinds.size()));
  return chooser.word(kind->second);
}

/// The name of the command stays: which commands there are is the grammar's to say.
void spoil(Words& words, const Kinds& kinds, Chooser& chooser) {
  const std::size_t how = chooser.below(6);
  const std::size_t count = words.size();
  if (how == 0) return change_case(words[chooser.below(count)]);
  const auto place = [&](std::size_t places) {
    return static_cast<std::ptrdiff_t>(1 + chooser.below(places));
  };
  if (how == 1 || count == 1) {
    words.insert(words.begin() + place(count), some_word(kinds, chooser));
    return;
  }
  const auto at = words.begin() + place(count - 1);
  switch (how) {
    case 2: words.erase(at); break;
    case 3: *at = some_word(kinds, chooser); break;
    case 4:
      if (at + 1 != words.end()) std::swap(*at, *(at + 1));
      break;
    default: words.insert(at, std::string(*at)); break;
  }
}

bool has_subcommands(std::string_view name) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"ACL", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DEBUG", "FUNCTION", "LATENCY", "MEMORY",
       "MODULE", "OBJECT", "PUBSUB", "SCRIPT", "SLOWLOG", "XGROUP", "XINFO"});
  return std::ranges::find(kNames, name) != kNames.end();
}

bool is_script(std::string_view name) {
  return name.starts_with("EVAL") || name.starts_with("FCALL");
}

/// A word of the template that is only text, or one kind; of a choice all of them: "LPUSH|RPUSH".
std::string plain(const Nodes& nodes, std::size_t at) {
  if (at >= nodes.size()) return {};
  const Node& node = nodes[at];
  if (node.is == Node::Is::word) return node.pieces.size() == 1 ? node.pieces[0].text : "";
  if (node.is != Node::Is::choice) return {};
  std::string names;
  for (const Nodes& alternative : node.alternatives) {
    names += (names.empty() ? "" : "|") + plain(alternative, 0);
  }
  return names;
}

std::string label_of(const Nodes& nodes) {
  std::string name = plain(nodes, 0);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string second = plain(nodes, 1);
  const bool is_kind = second.starts_with('<');
  const bool counts = is_kind ? is_script(name) : has_subcommands(name) && !second.empty();
  return counts ? name + " " + second : name;
}

bool take_mark(std::string_view& text, std::string_view mark) {
  if (!text.ends_with(mark)) return false;
  text.remove_suffix(mark.size());
  return true;
}

}  // namespace

struct Grammar::Template {
  Nodes nodes;
  const Kinds* kinds = nullptr;
  std::string label;
  std::vector<std::string> options;
  bool time_passes = false;
  bool never_spoilt = false;
};

/// Stays where it is: templates point into it.
struct Grammar::Vocabulary {
  Kinds kinds;
};

Grammar::Grammar(std::vector<Family> families) : families_(std::move(families)) {
  for (const Family& family : families_) {
    first_.push_back(templates_.size());
    vocabularies_.push_back(std::make_unique<Vocabulary>(kinds_of(family)));
    const Kinds& kinds = vocabularies_.back()->kinds;
    for (std::string_view text : family.templates) {
      Template made;
      made.kinds = &kinds;
      made.time_passes = take_mark(text, " ~");
      made.never_spoilt = take_mark(text, " !") || made.time_passes;
      Parser parser(text, kinds);
      made.nodes = parser.parse();
      made.options = parser.take_options();
      made.label = label_of(made.nodes);
      templates_.push_back(std::move(made));
    }
    rules_.insert(rules_.end(), family.rules.begin(), family.rules.end());
    for (const std::string_view reset : family.resets) resets_.push_back(split(reset, ' '));
  }
  first_.push_back(templates_.size());
}

Grammar::Grammar()
    : Grammar({string_grammar(), key_grammar(), hash_grammar(), list_grammar(), set_grammar(),
               sorted_set_grammar(), stream_grammar(), transaction_grammar(), pubsub_grammar(),
               server_grammar(), script_grammar()}) {}

Grammar::~Grammar() = default;

Grammar::Command Grammar::command(std::size_t template_number,
                                  std::span<const std::uint32_t> choices) const {
  // What the spoiling needs comes first, so that long commands leave some.
  constexpr std::size_t kForSpoiling = 5;
  constexpr std::size_t kOneIn = 10;
  const Template& from = templates_[template_number];
  Command command;
  command.time_passes = from.time_passes;
  const std::size_t reserved = std::min(kForSpoiling, choices.size());
  Chooser chooser(choices.subspan(reserved));
  Filler(chooser, command).fill(from.nodes);
  Chooser spoiler(choices.first(reserved));
  if (spoiler.below(kOneIn) == kOneIn - 1 && !from.never_spoilt) {
    command.spoilt = true;
    spoil(command.words, *from.kinds, spoiler);
  }
  return command;
}

std::size_t Grammar::size() const {
  return templates_.size();
}
const std::string& Grammar::label(std::size_t template_number) const {
  return templates_[template_number].label;
}
bool Grammar::time_passes(std::size_t template_number) const {
  return templates_[template_number].time_passes;
}
std::size_t Grammar::options(std::size_t template_number) const {
  return templates_[template_number].options.size();
}
const std::string& Grammar::option(std::size_t template_number, std::size_t number) const {
  return templates_[template_number].options[number];
}

}  // namespace firedrill::test
