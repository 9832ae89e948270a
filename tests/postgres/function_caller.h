#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/functions/function.h"
#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/value.h"
#include "system/domain/check.h"

/// Rows of a FunctionFamily, called as the executor calls them, for tests.
namespace firedrill::sim::postgres {

/// The built-in types, and those that a test adds (an enum, ...).
class StubTypes final : public Types {
 public:
  const TypeInfo* find(TypeId id) const override {
    const auto found = std::ranges::find(added, id, &TypeInfo::id);
    return found != added.end() ? &*found : builtin_type(id);
  }
  const TypeInfo* find(std::string_view name) const override {
    const auto found = std::ranges::find(added, name, &TypeInfo::name);
    return found != added.end() ? &*found : builtin_type(name);
  }
  std::vector<TypeInfo> added;
};

/// A session in which nothing happens: all its times are `now`.
class StubEnvironment final : public Environment {
 public:
  const Types& types() const override { return stub_types; }
  std::int64_t transaction_time() const override { return now; }
  std::int64_t statement_time() const override { return now; }
  std::int64_t clock_time() const override { return now; }
  std::int32_t zone_offset() const override { return offset; }
  std::string setting(std::string_view name) const override {
    const auto found = settings.find(name);
    return found != settings.end() ? found->second : "";
  }
  double random() override { return next_random; }
  void seed_random(double seed) override { next_random = seed < 0 ? -seed : seed; }
  std::string random_uuid() override { return std::string(16, '\x11'); }
  std::string user() const override { return "tester"; }
  std::string database() const override { return "test"; }
  std::int32_t backend() const override { return 1; }

  StubTypes stub_types;
  std::int64_t now = 0;  ///< microseconds since 2000-01-01 00:00 UTC
  std::int32_t offset = 0;
  double next_random = 0.5;
  std::map<std::string, std::string, std::less<>> settings;
};

/// Calls rows. A row is named by its name and its types, spelled as the row spells them ("text
/// int4", "text variadic any"). The call site has these types; for a row with polymorphic or
/// variadic arguments say the types that the call has ("text int4 _int4"), and its result's.
class FunctionCaller {
 public:
  explicit FunctionCaller(FunctionFamily family) : family_(family) {}

  Value function(std::string_view name, std::string_view arguments, std::vector<Value> values,
                 std::string_view site_arguments = "", std::string_view site_result = "") {
    const FunctionRow& row = find(family_.functions, [&](const FunctionRow& candidate) {
      return candidate.name == name && candidate.arguments == arguments;
    });
    if (row.is_strict && has_null(values)) return {};
    const CallSite site = site_of(arguments, row.result, site_arguments, site_result);
    return run(row.body, site, values);
  }

  std::vector<Value> set_function(std::string_view name, std::string_view arguments,
                                  std::vector<Value> values, std::string_view site_arguments = "",
                                  std::string_view site_result = "") {
    const SetFunctionRow& row = find(family_.set_functions, [&](const SetFunctionRow& candidate) {
      return candidate.name == name && candidate.arguments == arguments;
    });
    if (row.is_strict && has_null(values)) return {};
    const CallSite site = site_of(arguments, row.result, site_arguments, site_result);
    Call call{environment, site, values};
    return row.body(call);
  }

  Value binary(std::string_view left_type, std::string_view name, std::string_view right_type,
               Value left, Value right, std::string_view site_arguments = "",
               std::string_view site_result = "") {
    const OperatorRow& row = find(family_.operators, [&](const OperatorRow& candidate) {
      return candidate.name == name && candidate.left == left_type && candidate.right == right_type;
    });
    const std::vector<Value> values{std::move(left), std::move(right)};
    if (row.is_strict && has_null(values)) return {};
    const std::string types = std::string(left_type) + " " + std::string(right_type);
    return run(row.body, site_of(types, row.result, site_arguments, site_result), values);
  }

  Value prefix(std::string_view name, std::string_view type, Value operand) {
    const OperatorRow& row = find(family_.operators, [&](const OperatorRow& candidate) {
      return candidate.name == name && candidate.left.empty() && candidate.right == type;
    });
    const std::vector<Value> values{std::move(operand)};
    if (row.is_strict && has_null(values)) return {};
    return run(row.body, site_of(type, row.result, "", ""), values);
  }

  Value cast(std::string_view from, std::string_view to, Value value) {
    const CastRow& row = find(family_.casts, [&](const CastRow& candidate) {
      return candidate.from == from && candidate.to == to;
    });
    const std::vector<Value> values{std::move(value)};
    if (has_null(values) || row.body == nullptr) return values[0];
    return run(row.body, site_of(from, to, "", ""), values);
  }

  /// Over `rows`, each of which has the values of all arguments.
  Value aggregate(std::string_view name, std::string_view arguments, const std::vector<Row>& rows,
                  std::string_view site_arguments = "", std::string_view site_result = "") {
    const AggregateRow& row = find(family_.aggregates, [&](const AggregateRow& candidate) {
      return candidate.name == name && candidate.arguments == arguments;
    });
    const CallSite site = site_of(arguments, row.result, site_arguments, site_result);
    const std::unique_ptr<Aggregate> state = row.make();
    for (const Row& values : rows) {
      if (row.is_strict && has_null(values)) continue;
      Call call{environment, site, values};
      state->add(call);
    }
    Call call{environment, site, {}};
    return state->result(call);
  }

  StubEnvironment environment;

 private:
  template <class Row, class Predicate>
  static const Row& find(std::span<const Row> rows, Predicate is_meant) {
    const auto found = std::ranges::find_if(rows, is_meant);
    check(found != rows.end(), "the family has the row that the test names");
    return *found;
  }

  static bool has_null(const std::vector<Value>& values) {
    return std::ranges::any_of(values, &Value::is_null);
  }

  Value run(Body body, const CallSite& site, const std::vector<Value>& values) {
    Call call{environment, site, values};
    return body(call);
  }

  Type type_of(std::string_view name) const {
    const TypeInfo* info = environment.types().find(name);
    check(info != nullptr, "the types of the row are in the catalogue");
    return {.id = info->id};
  }

  CallSite site_of(std::string_view arguments, std::string_view result,
                   std::string_view site_arguments, std::string_view site_result) const {
    CallSite site;
    site.result = type_of(site_result.empty() ? result : site_result);
    std::string_view rest = site_arguments.empty() ? arguments : site_arguments;
    while (!rest.empty()) {
      const std::size_t blank = std::min(rest.find(' '), rest.size());
      const std::string_view word = rest.substr(0, blank);
      if (!word.empty() && word != "variadic") site.arguments.push_back(type_of(word));
      rest.remove_prefix(std::min(blank + 1, rest.size()));
    }
    return site;
  }

  FunctionFamily family_;
};

/// What `act` returns (a text), or "SQLSTATE: message" (and " / detail", " / hint") of what it
/// throws.
template <class Act>
std::string outcome(Act act) {
  try {
    return act();
  } catch (const SqlError& error) {
    std::string text = error.sqlstate + ": " + error.message;
    if (!error.detail.empty()) text += " / " + error.detail;
    if (!error.hint.empty()) text += " / " + error.hint;
    return text;
  }
}

}  // namespace firedrill::sim::postgres
