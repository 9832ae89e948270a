#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/redis/rules.h"

/// Commands that are generated to be given to both Redises, written as a grammar.
///
/// A *family* is one file, grammar_*.cc, with a table of templates. To add a command, add a line:
///
///     "SET <k> <v> [NX|XX] [GET] [EX <t>|PX <t>|EXAT <T>|PXAT <T>|KEEPTTL]",
///
/// What a template may hold:
///
///     word            itself
///     'any thing'     itself, blanks and brackets included; '' is the empty word
///     <k>             a word of the kind <k>: of the family's own kinds, or of those that all
///     share
///                     (grammar_words.cc). It may stand within a word: <p>:s
///     <=k>            the word that the last <k> of this command stood for
///     [A B]           these words, or nothing; [A|B C] one of them, or nothing
///     (A|B C)         one of them
///     {<f> <v>}+      once to three times; {...}* not at all to three times; {...}200 so many
///     times
///     <#>             within {...}: which repetition this is, from 0
///     #{<k>}+         the same as {<k>}+, with the number of repetitions before it: 2 a b
///     {<s>}=          as many times as the last {...}: [WEIGHTS {<s>}=]
///     !               at the end: the command is never spoilt (see below). For commands that would
///                     be a nuisance with other arguments than those that the template allows, as
///                     waiting for less than a second
///     ~               at the end: 6 ms pass after the command, on both sides, so that a time to
///                     live or a time-out of at most 3 ms is over; implies !. Times of less than a
///                     minute must stand nowhere else. Such a template is drawn a quarter as often
///
/// Groups in [] that stand side by side come in another order now and then. One command in ten is
/// *spoilt*: a word is dropped, doubled, added, swapped with its neighbour, replaced by one of some
/// other kind, or written in the other case; what Redis says to that is compared like all else.
///
/// The words of the shared kinds are few, so that keys, members and types collide.
namespace firedrill::test {

/// `<name>` stands for one of `words`, which are separated by `|`; the first is the plainest, which
/// shrinking makes for. No separator: all of `words` is one word.
struct WordKind {
  std::string_view name;
  std::string_view words;
  char separator = '|';
};

/// The commands of one kind of thing.
struct Family {
  std::string_view name;
  std::span<const std::string_view> templates;
  std::span<const WordKind> words = {};
  /// How replies are compared that need not be equal to the letter: see rules.h.
  std::span<const Rule> rules = {};
  /// Commands (words, separated by blanks) that put back what FLUSHALL does not, given to both
  /// sides before each sequence. Their replies are not compared.
  std::span<const std::string_view> resets = {};
};

// One file each.
Family string_grammar();
Family key_grammar();
Family hash_grammar();
Family list_grammar();
Family set_grammar();
Family sorted_set_grammar();
Family stream_grammar();
Family transaction_grammar();
Family pubsub_grammar();
Family server_grammar();
Family script_grammar();

/// The kinds of words that all families share.
std::span<const WordKind> shared_words();

/// All of the above, in one list.
class Grammar {
 public:
  /// Throws std::invalid_argument, naming the template, where one is malformed.
  explicit Grammar(std::vector<Family> families);
  /// That of every family there is.
  Grammar();
  ~Grammar();
  Grammar(const Grammar&) = delete;
  Grammar& operator=(const Grammar&) = delete;

  /// A command made from a template.
  struct Command {
    std::vector<std::string> words;
    bool time_passes = false;          ///< after it
    bool spoilt = false;               ///< it need not be well-formed
    std::vector<std::size_t> options;  ///< of the template: those that were taken
  };
  /// Makes a command from numbers, one for each choice, which it takes modulo what there is to
  /// choose from; 0 makes the plainest choice, and where there are no more numbers they are 0.
  Command command(std::size_t template_number, std::span<const std::uint32_t> choices) const;

  std::size_t size() const;
  std::span<const Family> families() const { return families_; }
  /// Where the templates of the family begin; the last one's end at size().
  std::size_t first_of(std::size_t family) const { return first_[family]; }
  /// The command's name, as the report has it: "CONFIG GET", "EVAL <reserve>".
  const std::string& label(std::size_t template_number) const;
  /// Whether it ends with ~.
  bool time_passes(std::size_t template_number) const;
  /// How many options the template has: alternatives, optional groups, repetitions.
  std::size_t options(std::size_t template_number) const;
  const std::string& option(std::size_t template_number, std::size_t number) const;

  /// The rules of all families, and the commands that put things back.
  const std::vector<Rule>& rules() const { return rules_; }
  const std::vector<std::vector<std::string>>& resets() const { return resets_; }

 private:
  struct Template;
  struct Vocabulary;

  std::vector<Family> families_;
  std::vector<std::unique_ptr<Vocabulary>> vocabularies_;  ///< one for each family
  std::vector<std::size_t> first_;
  std::vector<Template> templates_;
  std::vector<Rule> rules_;
  std::vector<std::vector<std::string>> resets_;
};

}  // namespace firedrill::test
