#include "sim/postgres/query/resolve.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "sim/postgres/functions/ordered_set_aggregates.h"
#include "sim/postgres/functions/registry.h"

namespace firedrill::sim::postgres {

namespace {

TypeId type_named(std::string_view name) {
  const TypeInfo* info = builtin_type(name);
  check(info != nullptr, "tables of functions name types that there are");
  return info->id;
}

/// "text int4 variadic any"
void read_arguments(std::string_view text, Candidate& candidate) {
  bool is_variadic = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (word == "variadic") {
      is_variadic = true;
    } else if (is_variadic) {
      const TypeInfo* info = builtin_type(word);
      candidate.variadic = info->is_array() ? info->element : info->id;
      if (info->id == TypeId::anyarray) candidate.variadic = TypeId::anyelement;
    } else {
      candidate.arguments.push_back(type_named(word));
    }
  }
}

struct Registry {
  std::map<std::string_view, std::vector<Candidate>> functions;
  std::map<std::string_view, std::vector<Candidate>> operators;
  std::map<std::string_view, std::vector<Candidate>> ordered_sets;
  std::map<std::pair<TypeId, TypeId>, const CastRow*> casts;
};

template <class RowType>
Candidate candidate_of(Candidate::Kind kind, const RowType& row) {
  Candidate candidate{.kind = kind, .name = row.name};
  read_arguments(row.arguments, candidate);
  candidate.result = type_named(row.result);
  return candidate;
}

Registry make_registry() {
  Registry registry;
  for (const FunctionFamily& family : function_families()) {
    for (const FunctionRow& row : family.functions) {
      Candidate candidate = candidate_of(Candidate::Kind::function, row);
      candidate.function = &row;
      registry.functions[row.name].push_back(std::move(candidate));
    }
    for (const SetFunctionRow& row : family.set_functions) {
      Candidate candidate = candidate_of(Candidate::Kind::set_function, row);
      candidate.set_function = &row;
      registry.functions[row.name].push_back(std::move(candidate));
    }
    for (const AggregateRow& row : family.aggregates) {
      Candidate candidate = candidate_of(Candidate::Kind::aggregate, row);
      candidate.aggregate = &row;
      registry.functions[row.name].push_back(std::move(candidate));
    }
    for (const OperatorRow& row : family.operators) {
      Candidate candidate{.kind = Candidate::Kind::op, .name = row.name};
      if (!row.left.empty()) candidate.arguments.push_back(type_named(row.left));
      candidate.arguments.push_back(type_named(row.right));
      candidate.result = type_named(row.result);
      candidate.op = &row;
      registry.operators[row.name].push_back(std::move(candidate));
    }
    for (const CastRow& row : family.casts) {
      registry.casts[{type_named(row.from), type_named(row.to)}] = &row;
    }
  }
  for (const AggregateRow& row : ordered_set_aggregates()) {
    Candidate candidate = candidate_of(Candidate::Kind::aggregate, row);
    candidate.aggregate = &row;
    registry.ordered_sets[row.name].push_back(std::move(candidate));
  }
  return registry;
}

const Registry& registry() {
  static const Registry kRegistry = make_registry();
  return kRegistry;
}

std::span<const Candidate> named(const std::map<std::string_view, std::vector<Candidate>>& by_name,
                                 std::string_view name) {
  const auto found = by_name.find(name);
  if (found == by_name.end()) return {};
  return found->second;
}

bool is_compatible_kind(TypeId id) {
  return id == TypeId::anycompatible || id == TypeId::anycompatiblearray;
}

// --- Polymorphic types ---------------------------------------------------------------------------

TypeId element_of(const Types& types, TypeId id) {
  return types.get(id).element;
}
TypeId array_of(const Types& types, TypeId id) {
  return types.get(id).array;
}

/// Replaces the polymorphic types among `declared` by what the given ones say: an array that there
/// is no type for, by none. False: they do not go together.
bool resolve_polymorphic(const Types& types, std::span<const TypeId> given,
                         std::vector<TypeId>& declared, TypeId& result, TypeId& element) {
  element = TypeId::none;
  std::vector<TypeId> compatible;
  bool uses_any = false;
  bool uses_compatible = false;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const TypeId want = declared[i];
    const TypeId have = given[i];
    const bool array = want == TypeId::anyarray || want == TypeId::anycompatiblearray;
    if (!is_polymorphic(want) || want == TypeId::any) continue;
    (is_compatible_kind(want) ? uses_compatible : uses_any) = true;
    if (have == TypeId::unknown) continue;
    const TypeId of = array ? element_of(types, have) : have;
    if (of == TypeId::none) return false;
    if (want == TypeId::anynonarray && types.get(have).is_array()) return false;
    if (want == TypeId::anyenum && !types.get(have).is_enum()) return false;
    if (is_compatible_kind(want)) {
      compatible.push_back(of);
    } else if (element == TypeId::none) {
      element = of;
    } else if (element != of) {
      return false;
    }
  }
  if (uses_any && element == TypeId::none) return false;
  TypeId common = TypeId::none;
  if (uses_compatible) {
    common = compatible.empty() ? TypeId::text : common_type(types, compatible);
    if (common == TypeId::none) return false;
  }
  const auto resolved = [&](TypeId id) {
    switch (id) {
      case TypeId::anyelement:
      case TypeId::anynonarray:
      case TypeId::anyenum: return element;
      case TypeId::anyarray: return array_of(types, element);
      case TypeId::anycompatible: return common;
      case TypeId::anycompatiblearray: return array_of(types, common);
      default: return id;
    }
  };
  for (TypeId& each : declared) each = resolved(each);
  result = resolved(result);
  if (uses_compatible) element = common;
  return true;
}

// --- Choosing ------------------------------------------------------------------------------------

/// A candidate laid out for as many arguments as are given.
struct Laid {
  const Candidate* candidate = nullptr;
  std::vector<TypeId> arguments;
  bool was_variadic = false;
};

std::vector<Laid> laid_out(std::span<const Candidate> candidates, std::size_t count) {
  std::vector<Laid> laid;
  for (const Candidate& candidate : candidates) {
    Laid each{&candidate, candidate.arguments, false};
    if (candidate.variadic != TypeId::none && count > each.arguments.size()) {
      each.arguments.resize(count, candidate.variadic);
      each.was_variadic = true;
    }
    if (each.arguments.size() == count) laid.push_back(std::move(each));
  }
  return laid;
}

bool fits(const Types& types, std::span<const TypeId> given, const Laid& laid) {
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!can_coerce(types, given[i], laid.arguments[i], CastContext::implicit)) return false;
  }
  std::vector<TypeId> declared = laid.arguments;
  TypeId result = laid.candidate->result;
  if (std::ranges::none_of(declared, is_polymorphic)) return true;
  // Nothing known is no enum, while it may yet be an array or an element.
  bool is_unknown = true;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (is_polymorphic(declared[i]) && given[i] != TypeId::unknown) is_unknown = false;
  }
  if (is_unknown) return std::ranges::find(declared, TypeId::anyenum) == declared.end();
  TypeId element = TypeId::none;
  return resolve_polymorphic(types, given, declared, result, element);
}

void keep_best(std::vector<Laid>& laid, const std::function<int(const Laid&)>& score) {
  int best = 0;
  std::vector<int> scores;
  for (const Laid& each : laid) {
    scores.push_back(score(each));
    best = std::max(best, scores.back());
  }
  std::size_t at = 0;
  std::erase_if(laid, [&](const Laid&) { return scores[at++] < best; });
}

bool is_preferred_in(const Types& types, char category, TypeId id) {
  const TypeInfo& info = types.get(id);
  return info.category == category && info.is_preferred;
}

/// Step 4.e of the manual's 10.3: what unknown arguments are likely to be.
void keep_by_category(const Types& types, std::span<const TypeId> given, std::vector<Laid>& laid) {
  std::vector<char> categories(given.size(), '\0');
  std::vector<bool> wants_preferred(given.size(), false);
  bool all_resolved = true;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] != TypeId::unknown) continue;
    char category = '\0';
    bool conflict = false;
    bool preferred = false;
    for (const Laid& each : laid) {
      const TypeInfo& info = types.get(each.arguments[i]);
      if (category == '\0') {
        category = info.category;
        preferred = info.is_preferred;
      } else if (info.category == category) {
        preferred = preferred || info.is_preferred;
      } else if (info.category == 'S') {
        category = 'S';
        preferred = info.is_preferred;
      } else {
        conflict = true;
      }
    }
    if (conflict && category != 'S') {
      all_resolved = false;
      break;
    }
    categories[i] = category;
    wants_preferred[i] = preferred;
  }
  if (!all_resolved) return;
  std::vector<Laid> kept;
  for (const Laid& each : laid) {
    bool keeps = true;
    for (std::size_t i = 0; i < given.size() && keeps; ++i) {
      if (given[i] != TypeId::unknown) continue;
      const TypeInfo& info = types.get(each.arguments[i]);
      keeps = info.category == categories[i] && (!wants_preferred[i] || info.is_preferred);
    }
    if (keeps) kept.push_back(each);
  }
  if (!kept.empty()) laid = std::move(kept);
}

/// The last resort: unknown arguments are of the one type that the known ones have.
void keep_by_known(const Types& types, std::span<const TypeId> given, std::vector<Laid>& laid) {
  TypeId known = TypeId::unknown;
  for (const TypeId each : given) {
    if (each == TypeId::unknown) continue;
    if (known != TypeId::unknown && known != each) return;
    known = each;
  }
  if (known == TypeId::unknown) return;
  const std::vector<TypeId> all_known(given.size(), known);
  std::vector<Laid> kept;
  for (const Laid& each : laid) {
    if (fits(types, all_known, each)) kept.push_back(each);
  }
  if (kept.size() == 1) laid = std::move(kept);
}

/// func_select_candidate(): leaves more than one where it cannot tell.
void select_candidate(const Types& types, std::span<const TypeId> given, std::vector<Laid>& laid) {
  if (laid.size() <= 1) return;
  keep_best(laid, [&](const Laid& each) {
    int matches = 0;
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i] != TypeId::unknown && given[i] == each.arguments[i]) ++matches;
    }
    return matches;
  });
  if (laid.size() == 1) return;
  keep_best(laid, [&](const Laid& each) {
    int matches = 0;
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i] == TypeId::unknown) continue;
      const char category = types.get(given[i]).category;
      if (given[i] == each.arguments[i] || is_preferred_in(types, category, each.arguments[i])) {
        ++matches;
      }
    }
    return matches;
  });
  if (laid.size() == 1) return;
  if (std::ranges::find(given, TypeId::unknown) == given.end()) return;
  keep_by_category(types, given, laid);
  if (laid.size() > 1) keep_by_known(types, given, laid);
}

Choice choice_of(const Types& types, std::span<const TypeId> given, const Laid& laid,
                 ChoiceError& error) {
  Choice choice{laid.candidate, laid.arguments, laid.candidate->result};
  TypeId element = TypeId::none;
  if (std::ranges::any_of(choice.arguments, is_polymorphic) &&
      !resolve_polymorphic(types, given, choice.arguments, choice.result, element)) {
    // All that is polymorphic is unknown, or it does not go together.
    const bool has_unknown = std::ranges::find(given, TypeId::unknown) != given.end();
    if (!has_unknown) {
      error = ChoiceError::not_found;
      return {};
    }
    throw SqlError{
        .sqlstate = "42804",
        .message = "could not determine polymorphic type because input has type unknown"};
  }
  // That it is chosen is decided without looking for the arrays' types.
  if (choice.result == TypeId::none ||
      std::ranges::find(choice.arguments, TypeId::none) != choice.arguments.end()) {
    throw SqlError{.sqlstate = std::string(sqlstate::kUndefinedObject),
                   .message = "could not find array type for data type " + types.title(element)};
  }
  error = ChoiceError::none;
  return choice;
}

Choice choose(const Types& types, std::span<const Candidate> candidates,
              std::span<const TypeId> given, ChoiceError& error) {
  std::vector<Laid> laid = laid_out(candidates, given.size());
  // Exactly so, not variadic: at once.
  for (const Laid& each : laid) {
    if (!each.was_variadic && std::ranges::equal(each.arguments, given)) {
      return choice_of(types, given, each, error);
    }
  }
  std::erase_if(laid, [&](const Laid& each) { return !fits(types, given, each); });
  if (laid.empty()) {
    error = ChoiceError::not_found;
    return {};
  }
  // Who takes them one by one goes before who takes them as a list.
  if (std::ranges::any_of(laid, [](const Laid& each) { return !each.was_variadic; })) {
    std::erase_if(laid, [&](const Laid& each) {
      return each.was_variadic && std::ranges::any_of(laid, [&](const Laid& other) {
               return !other.was_variadic && other.arguments == each.arguments;
             });
    });
  }
  select_candidate(types, given, laid);
  if (laid.size() > 1) {
    error = ChoiceError::ambiguous;
    return {};
  }
  return choice_of(types, given, laid[0], error);
}

}  // namespace

std::span<const Candidate> functions_named(std::string_view name) {
  return named(registry().functions, name);
}
std::span<const Candidate> operators_named(std::string_view name) {
  return named(registry().operators, name);
}
std::span<const Candidate> ordered_sets_named(std::string_view name) {
  return named(registry().ordered_sets, name);
}

Cast find_cast(const Types& types, TypeId from, TypeId to, CastContext context) {
  if (from == to) return {Cast::Way::relabel, nullptr};
  const auto found = registry().casts.find({from, to});
  if (found != registry().casts.end()) {
    if (found->second->context > context) return {};
    return {found->second->body == nullptr ? Cast::Way::relabel : Cast::Way::function,
            found->second};
  }
  const TypeInfo& source = types.get(from);
  const TypeInfo& target = types.get(to);
  if (source.is_array() && target.is_array()) {
    const Cast element = find_cast(types, source.element, target.element, context);
    // An array knows what its elements are.
    if (element.way != Cast::Way::none) return {Cast::Way::array, nullptr};
    return {};
  }
  if (context >= CastContext::assignment && target.category == 'S')
    return {Cast::Way::text, nullptr};
  if (context == CastContext::explicit_only && source.category == 'S') {
    return {Cast::Way::text, nullptr};
  }
  return {};
}

bool can_coerce(const Types& types, TypeId from, TypeId to, CastContext context) {
  if (from == to || from == TypeId::unknown || to == TypeId::any) return true;
  if (is_polymorphic(to)) {
    const TypeInfo& info = types.get(from);
    if (to == TypeId::anyarray || to == TypeId::anycompatiblearray) return info.is_array();
    if (to == TypeId::anyenum) return info.is_enum();
    if (to == TypeId::anynonarray) return !info.is_array();
    return true;
  }
  if (is_polymorphic(from)) return false;
  return find_cast(types, from, to, context).way != Cast::Way::none;
}

Choice choose_function(const Types& types, std::string_view name, std::span<const TypeId> given,
                       bool is_variadic, ChoiceError& error) {
  if (is_variadic) unsupported("a call with VARIADIC");
  return choose(types, functions_named(name), given, error);
}

Choice choose_ordered_set(const Types& types, std::string_view name, std::span<const TypeId> given,
                          ChoiceError& error) {
  return choose(types, ordered_sets_named(name), given, error);
}

Choice choose_operator(const Types& types, std::string_view name, std::span<const TypeId> given,
                       ChoiceError& error) {
  const auto candidates = operators_named(name);
  // One side unknown: first as if it were of the other's type.
  if (given.size() == 2 && (given[0] == TypeId::unknown) != (given[1] == TypeId::unknown)) {
    const TypeId known = given[0] == TypeId::unknown ? given[1] : given[0];
    const std::array<TypeId, 2> same = {known, known};
    for (const Candidate& candidate : candidates) {
      if (std::ranges::equal(candidate.arguments, same)) {
        error = ChoiceError::none;
        return {&candidate, candidate.arguments, candidate.result};
      }
    }
  }
  Choice made = choose(types, candidates, given, error);
  // A literal may be a range or a multirange that holds the other side; the model has neither.
  const bool may_hold = given.size() == 2 && ((name == "@>" && given[0] == TypeId::unknown) ||
                                              (name == "<@" && given[1] == TypeId::unknown));
  if (error == ChoiceError::not_found && may_hold) error = ChoiceError::ambiguous;
  return made;
}

TypeId likely_common_type(const Types& types, std::span<const TypeId> given) {
  TypeId common = TypeId::unknown;
  for (const TypeId each : given) {
    if (each == TypeId::unknown || each == common) continue;
    if (common == TypeId::unknown) {
      common = each;
      continue;
    }
    const TypeInfo& have = types.get(common);
    const TypeInfo& next = types.get(each);
    if (have.category != next.category) return TypeId::none;
    const bool goes_on = !have.is_preferred &&
                         can_coerce(types, common, each, CastContext::implicit) &&
                         !can_coerce(types, each, common, CastContext::implicit);
    if (goes_on) common = each;
  }
  return common == TypeId::unknown ? TypeId::text : common;
}

TypeId common_type(const Types& types, std::span<const TypeId> given) {
  const TypeId common = likely_common_type(types, given);
  if (common == TypeId::none) return common;
  for (const TypeId each : given) {
    if (!can_coerce(types, each, common, CastContext::implicit)) return TypeId::none;
  }
  return common;
}

}  // namespace firedrill::sim::postgres
