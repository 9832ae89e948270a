#include "sim/postgres/query/explain.h"

#include <algorithm>
#include <utility>

#include "sim/postgres/query/plan.h"
#include "sim/postgres/values/quoting.h"

namespace firedrill::sim::postgres {

namespace {

/// A step, and those that it takes rows from.
struct Step {
  std::string text;
  std::vector<Step> sources = {};
};

Step on(std::string text, Step source) {
  Step step{std::move(text)};
  step.sources.push_back(std::move(source));
  return step;
}

std::string named(const RangeEntry& entry, const std::string& name) {
  const std::string quoted = quote_identifier(name);
  const bool is_plain = entry.name.empty() || entry.name == name;
  return is_plain ? quoted : quoted + " " + quote_identifier(entry.name);
}

class Explainer {
 public:
  explicit Explainer(Xid began_with) : began_with_(began_with) {}

  Step of(const Query& query) {
    Step step = query.set_operation == Query::SetOperation::none ? rows(query) : combined(query);
    if (!query.sets.empty()) step = on("ProjectSet", std::move(step));
    if (query.is_distinct || !query.distinct_on.empty()) step = on("Unique", std::move(step));
    if (!query.sort.empty() && !is_ordered_) step = on("Sort", std::move(step));
    if (query.locks_rows) step = on("LockRows", std::move(step));
    if (query.limit != nullptr || query.offset != nullptr) step = on("Limit", std::move(step));
    if (query.command != Query::Command::select) {
      step = on(std::string(command(query.command)) + " on " +
                    quote_identifier(query.modification->table->name),
                std::move(step));
    }
    for (const CommonTable& cte : query.ctes) {
      if (cte.is_inlined || cte.is_unread) continue;
      Step common = Explainer(began_with_).of(*cte.query);
      if (cte.is_recursive) common = on("Recursive Union", std::move(common));
      common.text = "CTE " + quote_identifier(cte.name) + ": " + common.text;
      step.sources.push_back(std::move(common));
    }
    return step;
  }

 private:
  static std::string_view command(Query::Command command) {
    switch (command) {
      case Query::Command::insert: return "Insert";
      case Query::Command::update: return "Update";
      case Query::Command::remove: return "Delete";
      case Query::Command::select: break;
    }
    return "Select";
  }

  Step combined(const Query& query) {
    Step step{query.set_operation == Query::SetOperation::set_union   ? "Append"
              : query.set_operation == Query::SetOperation::intersect ? "SetOp Intersect"
                                                                      : "SetOp Except"};
    for (const QueryPtr* side : {&query.left, &query.right}) {
      step.sources.push_back(Explainer(began_with_).of(**side));
    }
    const bool drops_equals =
        query.set_operation == Query::SetOperation::set_union && !query.set_all;
    return drops_equals ? on("Unique", std::move(step)) : step;
  }

  Step rows(const Query& query) {
    const std::shared_ptr<const FromPlan> plan = plan_of(query, began_with_);
    is_ordered_ = plan->is_ordered;
    Step step{"Result"};
    bool is_first = true;
    for (const auto& node : plan->steps) {
      Step next = of(query, *node);
      if (std::exchange(is_first, false)) {
        step = std::move(next);
        continue;
      }
      step = on("Nested Loop", std::move(step));
      step.sources.push_back(std::move(next));
    }
    if (query.is_grouped) {
      step = on(query.group_keys.empty() ? "Aggregate" : "GroupAggregate", std::move(step));
    }
    return query.windows.empty() ? step : on("WindowAgg", std::move(step));
  }

  Step of(const Query& query, const PlanNode& node) {
    if (node.join == FromNode::Join::none) return leaf(*query.range[node.entry], node.access);
    Step step{node.join == FromNode::Join::left    ? "Nested Loop Left Join"
              : node.join == FromNode::Join::right ? "Nested Loop Right Join"
              : node.join == FromNode::Join::full  ? "Nested Loop Full Join"
                                                   : "Nested Loop"};
    step.sources.push_back(of(query, *node.left));
    step.sources.push_back(of(query, *node.right));
    return step;
  }

  Step leaf(const RangeEntry& entry, const Access& access) {
    using Kind = RangeEntry::Kind;
    switch (entry.kind) {
      case Kind::table: {
        const std::string table = named(entry, entry.table->name);
        if (access.index == nullptr) return {"Seq Scan on " + table};
        return {std::string("Index Scan ") + (access.backwards ? "Backward " : "") + "using " +
                quote_identifier(access.index->name) + " on " + table};
      }
      case Kind::subquery:
        return on("Subquery Scan on " + quote_identifier(entry.name),
                  Explainer(began_with_).of(*entry.subquery));
      case Kind::function: return {"Function Scan on " + quote_identifier(entry.name)};
      case Kind::values: return {"Values Scan on \"*VALUES*\""};
      case Kind::cte:
        return {(entry.is_recursive ? "WorkTable Scan on " : "CTE Scan on ") +
                quote_identifier(entry.name)};
      case Kind::single_row: break;
    }
    return {"Result"};
  }

  Xid began_with_;
  bool is_ordered_ = false;
};

void write(const Step& step, std::size_t depth, std::vector<std::string>& lines) {
  lines.push_back(depth == 0 ? step.text : std::string(6 * depth - 4, ' ') + "->  " + step.text);
  for (const Step& source : step.sources) write(source, depth + 1, lines);
}

}  // namespace

std::vector<std::string> explain(const Query& query, Xid began_with) {
  std::vector<std::string> lines;
  write(Explainer(began_with).of(query), 0, lines);
  return lines;
}

}  // namespace firedrill::sim::postgres
