#include "tests/conformance/redis/sequence.h"

#include <optional>
#include <ostream>
#include <utility>

namespace firedrill::test {

namespace {

using Step = Sequence::Step;

constexpr std::size_t kChoices = 24;

/// rc::Random may only be split or drawn from, never both.
class Draw {
 public:
  explicit Draw(const rc::Random& random) : random_(random) {}
  std::uint32_t below(std::size_t count) {
    return static_cast<std::uint32_t>(random_.next() % count);
  }
  std::uint32_t any() { return static_cast<std::uint32_t>(random_.next()); }

 private:
  rc::Random random_;
};

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Range templates_of(const Grammar& grammar, std::size_t family) {
  return {grammar.first_of(family), grammar.first_of(family + 1)};
}

/// What makes time pass is slow, and so it is rare.
std::uint32_t draw_template(const Grammar& grammar, Draw& draw, Range range) {
  const auto one = [&] {
    return static_cast<std::uint32_t>(range.begin) + draw.below(range.end - range.begin);
  };
  const std::uint32_t drawn = one();
  return grammar.time_passes(drawn) && draw.below(4) != 0 ? one() : drawn;
}

Step draw_step(const Grammar& grammar, Draw& draw, Range templates, std::uint32_t sessions) {
  Step step;
  step.session = draw.below(sessions);
  step.template_number = draw_template(grammar, draw, templates);
  step.choices.reserve(kChoices);
  for (std::size_t i = 0; i < kChoices; ++i) step.choices.push_back(draw.any());
  return step;
}

/// Half of all sequences have one session, which is also quicker: its commands go in one piece.
Sequence draw_sequence(const Grammar& grammar, std::optional<std::size_t> only, Draw draw) {
  const std::size_t focus = only ? *only : draw.below(grammar.families().size());
  const std::uint32_t sessions = draw.below(2) == 0 ? 1 : Sequence::kSessions;
  const std::size_t length = 1 + draw.below(2 * kUsualLength);
  Sequence sequence;
  if (draw.below(4) == 0) sequence.resp3 = draw.below(1U << sessions);
  std::uint32_t session = 0;
  for (std::size_t i = 0; i < length; ++i) {
    const bool focused = only || draw.below(2) == 0;
    Step step = draw_step(
        grammar, draw, focused ? templates_of(grammar, focus) : Range{0, grammar.size()}, sessions);
    if (draw.below(2) == 0) step.session = session;  // sessions say more than one thing in a row
    session = step.session;
    sequence.steps.push_back(std::move(step));
  }
  return sequence;
}

/// Plainer ones, the plainest first.
std::vector<Step> plainer(const Step& step) {
  std::vector<Step> results;
  const auto add = [&](auto change) {
    Step changed = step;
    change(changed);
    results.push_back(std::move(changed));
  };
  if (step.session != 0) add([](Step& s) { s.session = 0; });
  if (!step.choices.empty()) {
    add([](Step& s) { s.choices.clear(); });
    add([](Step& s) { s.choices.resize(s.choices.size() / 2); });
    add([](Step& s) { s.choices.pop_back(); });
  }
  for (std::size_t i = 0; i < step.choices.size(); ++i) {
    if (step.choices[i] != 0) add([&](Step& s) { s.choices[i] = 0; });
  }
  return results;
}

rc::Seq<Sequence> smaller(const Sequence& sequence) {
  const auto with_steps = [sequence](std::vector<Step> steps) {
    return Sequence{std::move(steps), sequence.resp3};
  };
  auto shorter = rc::seq::map(rc::shrink::removeChunks(sequence.steps), with_steps);
  auto simpler = rc::seq::map(
      rc::shrink::eachElement(
          sequence.steps, [](const Step& step) { return rc::seq::fromContainer(plainer(step)); }),
      with_steps);
  rc::Seq<Sequence> resp2;
  if (sequence.resp3 != 0) resp2 = rc::seq::just(Sequence{sequence.steps, 0});
  return rc::seq::concat(std::move(resp2), std::move(shorter), std::move(simpler));
}

rc::Gen<Sequence> sequences(const Grammar& grammar, std::optional<std::size_t> only) {
  return [&grammar, only](const rc::Random& random, int) {
    return rc::shrinkable::shrinkRecur(draw_sequence(grammar, only, Draw(random)), smaller);
  };
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Sequence& sequence) {
  return out << sequence.steps.size() << " commands";
}

rc::Gen<Sequence> any_sequence(const Grammar& grammar) {
  return sequences(grammar, std::nullopt);
}

rc::Gen<Sequence> any_sequence(const Grammar& grammar, std::size_t only) {
  return sequences(grammar, only);
}

}  // namespace firedrill::test
