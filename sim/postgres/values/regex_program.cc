#include "sim/postgres/values/regex_tree.h"

namespace firedrill::sim::postgres {

namespace {

/// Beyond it, the expression is too complex.
constexpr std::size_t kMaxStates = 200'000;

/// Writes states one after the other: each part begins where the last one has ended, and what
/// leaves it goes on to the state after it.
class Compiler {
 public:
  RegexProgram compile_all(const RegexLanguage& language) {
    add(language);
    push({.op = RegexProgram::Op::accept});
    return std::move(program_);
  }

 private:
  using Op = RegexProgram::Op;
  using Kind = RegexLanguage::Kind;

  std::uint32_t here() const { return static_cast<std::uint32_t>(program_.states.size()); }

  std::uint32_t push(RegexProgram::State state) {
    if (program_.states.size() >= kMaxStates) fail_regex("regular expression is too complex");
    state.next = here() + 1;
    program_.states.push_back(state);
    return here() - 1;
  }

  RegexProgram::State& state(std::uint32_t index) { return program_.states[index]; }

  void add(const RegexLanguage& language) {
    switch (language.kind) {
      case Kind::characters: return add_characters(language.characters);
      case Kind::sequence:
        for (const Language& part : language.parts) add(*part);
        return;
      case Kind::alternatives: return add_alternatives(language.parts);
      case Kind::repeat: return add_repeat(language);
      case Kind::assertion: return add_assertion(language);
    }
  }

  void add_characters(const CharacterSet& set) {
    push({.op = Op::characters, .index = static_cast<std::uint32_t>(program_.sets.size())});
    program_.sets.push_back(set);
  }

  void add_alternatives(const std::vector<Language>& parts) {
    std::vector<std::uint32_t> leaving;
    for (std::size_t index = 0; index + 1 < parts.size(); ++index) {
      const std::uint32_t split = push({.op = Op::split});
      add(*parts[index]);
      leaving.push_back(push({.op = Op::jump}));
      state(split).other = here();
    }
    add(*parts.back());
    for (std::uint32_t jump : leaving) state(jump).next = here();
  }

  void add_repeat(const RegexLanguage& language) {
    const RegexLanguage& part = *language.parts[0];
    for (int count = 0; count < language.min; ++count) add(part);
    if (language.max == RegexLanguage::kUnlimited) return add_loop(part);
    std::vector<std::uint32_t> leaving;
    for (int count = language.min; count < language.max; ++count) {
      leaving.push_back(push({.op = Op::split}));
      add(part);
    }
    for (std::uint32_t split : leaving) state(split).other = here();
  }

  void add_loop(const RegexLanguage& part) {
    const std::uint32_t split = push({.op = Op::split});
    add(part);
    const std::uint32_t back = push({.op = Op::jump});
    state(back).next = split;
    state(split).other = here();
  }

  void add_assertion(const RegexLanguage& language) {
    push({.op = Op::assertion,
          .index = static_cast<std::uint32_t>(program_.looks.size()),
          .assertion = language.assertion});
    if (!language.parts.empty()) program_.looks.push_back(compile(*language.parts[0]));
  }

  RegexProgram program_;
};

}  // namespace

RegexProgram compile(const RegexLanguage& language) {
  return Compiler().compile_all(language);
}

}  // namespace firedrill::sim::postgres
