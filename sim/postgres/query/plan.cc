#include "sim/postgres/query/plan.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

namespace firedrill::sim::postgres {

namespace {

using Entries = std::set<std::uint32_t>;

/// The entries of this query that an expression reads, but for what is constant whatever they hold.
/// Walks do not change what they visit here.
Entries entries_of(const Expression& expression) {
  Entries entries;
  const auto visit = [&](ExpressionPtr& part, std::uint32_t depth) {
    if (part->is_constant()) return false;
    if (const auto* column = dynamic_cast<const ColumnReference*>(part.get())) {
      if (column->level == depth) entries.insert(column->entry);
    } else if (const auto* system = dynamic_cast<const SystemColumn*>(part.get())) {
      if (system->level == depth) entries.insert(system->entry);
    } else if (const auto* whole = dynamic_cast<const WholeRow*>(part.get())) {
      if (whole->level == depth) entries.insert(whole->entry);
    }
    return true;
  };
  auto& self = const_cast<Expression&>(expression);
  ExpressionPtr borrowed(&self);
  walk_deep(borrowed, 0, visit);
  borrowed.release();
  return entries;
}

bool is_volatile(const Expression& expression) {
  bool found = false;
  ExpressionPtr borrowed(&const_cast<Expression&>(expression));
  walk_deep(borrowed, 0, [&](ExpressionPtr& part, std::uint32_t) {
    const auto* call = dynamic_cast<const FunctionCall*>(part.get());
    found = found || (call != nullptr && call->is_volatile());
    return !found;
  });
  borrowed.release();
  return found;
}

/// That very NULL, or what is known to be it.
bool is_null(const Expression& expression) {
  const auto* constant = dynamic_cast<const Constant*>(&expression);
  if (constant != nullptr) return constant->value.is_null();
  return expression.is_constant() && expression.known()->is_null();
}

void split(const Expression* expression, std::vector<const Expression*>& parts) {
  const auto* boolean = dynamic_cast<const Boolean*>(expression);
  if (boolean != nullptr && boolean->operation() == Boolean::Operation::conjunction) {
    for (const ExpressionPtr& child : boolean->children) split(child.get(), parts);
    return;
  }
  parts.push_back(expression);
}

bool is_subset(const Entries& inner, const Entries& outer) {
  return std::ranges::includes(outer, inner);
}

/// Whether it, or a query in its FROM or WITH, reads a recursive table of a query further out,
/// which is another each time.
bool reads_recursive_around(const Query& query, std::uint32_t depth) {
  const auto reads = [&](const QueryPtr& inner) {
    return inner != nullptr && reads_recursive_around(*inner, depth + 1);
  };
  return reads(query.left) || reads(query.right) ||
         std::ranges::any_of(query.ctes, reads, &CommonTable::query) ||
         std::ranges::any_of(query.range, [&](const auto& entry) {
           return reads(entry->subquery) || (entry->is_recursive && entry->cte_level > depth);
         });
}

bool reads_around(Query& query) {
  bool found = reads_recursive_around(query, 0);
  walk(query, 0, [&](ExpressionPtr& part, std::uint32_t depth) {
    if (part->is_constant()) return false;
    const auto is_outer = [&](const auto* reference) {
      return reference != nullptr && reference->level > depth;
    };
    const auto* subquery = dynamic_cast<const Subquery*>(part.get());
    found = found || is_outer(dynamic_cast<const ColumnReference*>(part.get())) ||
            is_outer(dynamic_cast<const SystemColumn*>(part.get())) ||
            is_outer(dynamic_cast<const WholeRow*>(part.get())) ||
            is_outer(dynamic_cast<const RowReference*>(part.get())) ||
            (subquery != nullptr && reads_recursive_around(*subquery->query, depth + 1));
    return !found;
  });
  return found;
}

/// Whether an index on a column of one type finds values of the other by its own order.
bool shares_order(TypeId column, TypeId value) {
  const auto is_whole = [](TypeId id) {
    return id == TypeId::int2 || id == TypeId::int4 || id == TypeId::int8 || id == TypeId::oid;
  };
  const auto is_text = [](TypeId id) {
    return id == TypeId::text || id == TypeId::varchar || id == TypeId::name;
  };
  return column == value || (is_whole(column) && is_whole(value)) ||
         (is_text(column) && is_text(value));
}

/// A column of the entry, seen through a change of its type's name only.
const ColumnReference* column_of(const Expression* expression, std::uint32_t entry) {
  if (const auto* relabel = dynamic_cast<const Relabel*>(expression)) {
    const Expression* inner = relabel->children[0].get();
    if (shares_order(inner->type.id, relabel->type.id)) expression = inner;
  }
  const auto* column = dynamic_cast<const ColumnReference*>(expression);
  return column != nullptr && column->level == 0 && column->entry == entry ? column : nullptr;
}

/// column OP value, for a column of one entry and a value that is known before it.
struct Comparison {
  enum class Kind : std::uint8_t { one, any, in };
  std::uint32_t column = 0;
  std::string_view operation;
  const Expression* value = nullptr;
  Kind kind = Kind::one;
};

std::string_view mirrored(std::string_view operation) {
  if (operation == "<") return ">";
  if (operation == "<=") return ">=";
  if (operation == ">") return "<";
  if (operation == ">=") return "<=";
  return operation;
}

class AccessFinder {
 public:
  AccessFinder(const RangeEntry& range, std::uint32_t entry, const Entries& bound, Xid began_with)
      : range_(range), entry_(entry), bound_(bound), began_with_(began_with) {}

  Access find(const std::vector<const Expression*>& conditions) {
    if (range_.kind != RangeEntry::Kind::table) return {};
    for (const Expression* condition : conditions) consider(condition);
    Access best;
    int best_score = 0;
    for (std::size_t i = 0; i < range_.table->indexes.size(); ++i) {
      const TableIndex& index = range_.table->indexes[i];
      if (index.condition || !index.is_usable(began_with_)) continue;
      Access access = access_by(index, i);
      const int score = score_of(access);
      if (score <= best_score) continue;
      best_score = score;
      best = std::move(access);
    }
    return best;
  }

 private:
  void consider(const Expression* condition) {
    if (const auto* any = dynamic_cast<const ArrayComparison*>(condition)) {
      const auto* call = dynamic_cast<const FunctionCall*>(any->comparison.get());
      const ColumnReference* column = column_of(any->children[0].get(), entry_);
      const bool usable = !any->is_all() && call != nullptr && call->name() == "=" &&
                          column != nullptr && is_known(*any->children[1]) &&
                          shares_order(column->type.id, call->children[1]->type.id);
      if (usable) {
        found_.push_back({column->column, "=", any->children[1].get(), Comparison::Kind::any});
      }
      return;
    }
    if (const auto* subquery = dynamic_cast<const Subquery*>(condition)) {
      consider(*subquery);
      return;
    }
    const auto* call = dynamic_cast<const FunctionCall*>(condition);
    if (call == nullptr || call->children.size() != 2) return;
    const std::string_view name = call->name();
    if (name != "=" && name != "<" && name != "<=" && name != ">" && name != ">=") return;
    consider(call->children[0].get(), name, call->children[1].get());
    consider(call->children[1].get(), mirrored(name), call->children[0].get());
  }

  /// column IN (SELECT ...)
  void consider(const Subquery& subquery) {
    if (subquery.kind != Subquery::Kind::any || subquery.children.size() != 1) return;
    const auto* call = dynamic_cast<const FunctionCall*>(subquery.comparison.get());
    const ColumnReference* column = column_of(subquery.children[0].get(), entry_);
    const bool usable = call != nullptr && call->name() == "=" && column != nullptr &&
                        subquery.is_independent() &&
                        shares_order(column->type.id, call->children[1]->type.id);
    if (usable) found_.push_back({column->column, "=", &subquery, Comparison::Kind::in});
  }

  void consider(const Expression* left, std::string_view name, const Expression* right) {
    const ColumnReference* column = column_of(left, entry_);
    if (column == nullptr || !shares_order(column->type.id, right->type.id)) return;
    if (!is_known(*right)) return;
    found_.push_back({column->column, name, right, Comparison::Kind::one});
  }

  bool is_known(const Expression& value) const {
    return is_subset(entries_of(value), bound_) && !is_volatile(value);
  }

  const Comparison* comparison(std::int32_t column, std::string_view name,
                               Comparison::Kind kind = Comparison::Kind::one) const {
    const auto found = std::ranges::find_if(found_, [&](const Comparison& each) {
      return column >= 0 && each.column == static_cast<std::uint32_t>(column) &&
             each.operation == name && each.kind == kind;
    });
    return found != found_.end() ? &*found : nullptr;
  }

  Access access_by(const TableIndex& index, std::size_t number) const {
    Access access;
    std::size_t part = 0;
    for (; part < index.parts.size(); ++part) {
      const Comparison* equal = comparison(index.parts[part].column, "=");
      if (equal == nullptr) break;
      access.prefix.push_back(equal->value);
    }
    if (access.prefix.empty()) {
      const std::int32_t column = index.parts[0].column;
      if (const Comparison* any = comparison(column, "=", Comparison::Kind::any)) {
        access.any = any->value;
      } else if (const Comparison* in = comparison(column, "=", Comparison::Kind::in)) {
        access.in = dynamic_cast<const Subquery*>(in->value);
      }
    }
    const bool is_set = access.any != nullptr || access.in != nullptr;
    if (part < index.parts.size() && !is_set) add_bounds(access, index, part);
    const bool useful =
        !access.prefix.empty() || is_set || access.lower != nullptr || access.upper != nullptr;
    if (!useful) return {};
    access.index = &index;
    access.index_number = number;
    return access;
  }

  void add_bounds(Access& access, const TableIndex& index, std::size_t part) const {
    const std::int32_t column = index.parts[part].column;
    for (const char* name : {">", ">="}) {
      if (const Comparison* bound = comparison(column, name)) {
        access.lower = bound->value;
        access.lower_inclusive = std::string_view(name) == ">=";
      }
    }
    for (const char* name : {"<", "<="}) {
      if (const Comparison* bound = comparison(column, name)) {
        access.upper = bound->value;
        access.upper_inclusive = std::string_view(name) == "<=";
      }
    }
  }

  static int score_of(const Access& access) {
    if (access.index == nullptr) return 0;
    const bool whole = access.prefix.size() == access.index->parts.size();
    int score = static_cast<int>(access.prefix.size()) * 10 +
                (access.any != nullptr || access.in != nullptr ? 5 : 0) +
                (access.lower != nullptr ? 2 : 0) + (access.upper != nullptr ? 2 : 0);
    if (whole && access.index->is_unique) score += 1000;
    return score;
  }

  const RangeEntry& range_;
  std::uint32_t entry_;
  const Entries& bound_;
  Xid began_with_;
  std::vector<Comparison> found_;
};

class Planner {
 public:
  Planner(const Query& query, Xid began_with) : query_(query), began_with_(began_with) {}

  std::shared_ptr<const FromPlan> plan() {
    auto made = std::make_shared<FromPlan>();
    made->depends_on_age = std::ranges::any_of(query_.range, [](const auto& entry) {
      return entry->kind == RangeEntry::Kind::table &&
             std::ranges::any_of(entry->table->indexes, [](const TableIndex& index) {
               return index.usable_after != kNoXid;
             });
    });
    if (query_.from != nullptr) take_apart(*query_.from);
    if (query_.where != nullptr) split(query_.where.get(), conditions_);
    made->conditions = conditions_;
    std::erase_if(conditions_, [&](const Expression* condition) {
      const bool reads_nothing =
          entries_of(*condition).empty() && !units_.empty() && !is_volatile(*condition);
      if (reads_nothing) made->constant.push_back(condition);
      return reads_nothing;
    });
    for (const Expression* condition : made->conditions) {
      if (!units_.empty()) take_early(*condition, *made);
    }
    Entries bound;
    while (!units_.empty()) {
      const std::size_t next = best_unit(bound);
      const FromNode* unit = units_[next];
      units_.erase(units_.begin() + static_cast<std::ptrdiff_t>(next));
      Entries after = bound;
      after.insert(unit->entries.begin(), unit->entries.end());
      auto step = node(*unit, bound, conditions_);
      std::erase_if(conditions_, [&](const Expression* condition) {
        const bool ready = is_subset(entries_of(*condition), after);
        if (ready) step->filter.push_back(condition);
        return ready;
      });
      step->is_single = is_whole_key(*step) && joins(step->filter, *unit, made->conditions);
      made->steps.push_back(std::move(step));
      bound = std::move(after);
    }
    const bool is_plain = !query_.is_grouped && query_.windows.empty() && !query_.sort.empty() &&
                          made->steps.size() == 1 && made->steps[0]->join == FromNode::Join::none;
    made->is_ordered = is_plain && orders(*made->steps[0]);
    made->reads_ahead =
        made->is_ordered && made->steps[0]->access.index->parts.size() < query_.sort.size();
    return made;
  }

 private:
  /// By an index, its own or one taken for this: then the first rows are found without the others.
  bool orders(PlanNode& leaf) const {
    const RangeEntry& range = *query_.range[leaf.entry];
    Access& access = leaf.access;
    if (range.kind != RangeEntry::Kind::table || access.any != nullptr || access.in != nullptr) {
      return false;
    }
    for (std::size_t i = 0; i < range.table->indexes.size(); ++i) {
      const TableIndex& index = range.table->indexes[i];
      if (!index.is_usable(began_with_)) continue;
      if (index.condition || (access.index != nullptr && access.index != &index)) continue;
      for (const bool backwards : {false, true}) {
        if (!orders(index, leaf.entry, backwards)) continue;
        access.index = &index;
        access.index_number = i;
        access.backwards = backwards;
        return true;
      }
    }
    return false;
  }

  bool orders(const TableIndex& index, std::uint32_t entry, bool backwards) const {
    // Behind a whole key of a unique index, no two rows are left to be put in order.
    const bool is_key = index.is_unique && !index.is_deferrable && query_.limit != nullptr &&
                        !query_.locks_rows && query_.sort.size() > index.parts.size() &&
                        has_no_nulls(index, entry);
    const std::size_t keys = is_key ? index.parts.size() : query_.sort.size();
    if (keys > index.parts.size()) return false;
    for (std::size_t i = 0; i < keys; ++i) {
      const SortKey& key = query_.sort[i];
      const TableIndex::Part& part = index.parts[i];
      const auto* column =
          dynamic_cast<const ColumnReference*>(query_.targets[key.target].expression.get());
      if (column == nullptr || column->level != 0 || column->entry != entry ||
          static_cast<std::int32_t>(column->column) != part.column ||
          key.descending != (part.descending != backwards) ||
          key.nulls_first != (part.nulls_first != backwards)) {
        return false;
      }
    }
    return true;
  }

  /// (column, 1, NULL) = (SELECT ...), whose columns are compared one by one, as all conditions
  /// are: 1 = ... needs no row to be looked at, and NULL = ... is known before the subquery runs.
  static void take_early(const Expression& condition, FromPlan& plan) {
    const auto* subquery = dynamic_cast<const Subquery*>(&condition);
    if (subquery == nullptr || !subquery->compares_equal() || !subquery->is_independent()) return;
    const bool is_never = subquery->compares_null();
    const bool is_early = std::ranges::any_of(subquery->children, [&](const ExpressionPtr& child) {
      return entries_of(*child).empty() && !is_volatile(*child) && !is_null(*child);
    });
    if (is_early) plan.early.push_back(subquery);
    if (!is_never) return;
    plan.is_never = true;
    std::erase(plan.constant, &condition);
  }

  bool has_no_nulls(const TableIndex& index, std::uint32_t entry) const {
    const Table& table = *query_.range[entry]->table;
    return std::ranges::all_of(index.parts, [&](const TableIndex::Part& part) {
      return part.column >= 0 && table.columns[static_cast<std::size_t>(part.column)].not_null;
    });
  }

  void take_apart(const FromNode& from) {
    if (from.join != FromNode::Join::inner) {
      units_.push_back(&from);
      return;
    }
    take_apart(*from.left);
    take_apart(*from.right);
    if (from.condition != nullptr) split(from.condition.get(), conditions_);
  }

  /// Reads of a unit what stands outside of it: LATERAL.
  Entries needs_of(const FromNode& unit) const {
    Entries needs;
    for (const std::uint32_t entry : unit.entries) {
      const RangeEntry& range = *query_.range[entry];
      const auto visit = [&](ExpressionPtr& part, std::uint32_t depth) {
        const auto* column = dynamic_cast<const ColumnReference*>(part.get());
        if (column != nullptr && column->level == depth) needs.insert(column->entry);
        return true;
      };
      if (range.subquery != nullptr && range.is_lateral) {
        walk(const_cast<Query&>(*range.subquery), 1, visit);
      }
      for (const ExpressionPtr& argument : range.arguments) needs.merge(entries_of(*argument));
      if (range.scalar != nullptr) needs.merge(entries_of(*range.scalar));
    }
    for (const std::uint32_t entry : unit.entries) needs.erase(entry);
    return needs;
  }

  /// What can be found best with what is bound; of equals, the first.
  std::size_t best_unit(const Entries& bound) const {
    std::size_t best = units_.size();
    int best_score = -1;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      if (!is_subset(needs_of(*units_[i]), bound)) continue;
      int score = 0;
      if (units_[i]->join == FromNode::Join::none) {
        const std::uint32_t entry = units_[i]->entry;
        const Access access = access_to(entry, bound, conditions_);
        score = access.index == nullptr                                                         ? 0
                : access.index->is_unique && access.prefix.size() == access.index->parts.size() ? 2
                                                                                                : 1;
      }
      if (score > best_score) {
        best_score = score;
        best = i;
      }
    }
    check(best < units_.size(), "LATERAL refers to what stands before it");
    return best;
  }

  Access access_to(std::uint32_t entry, const Entries& bound,
                   const std::vector<const Expression*>& conditions) const {
    return AccessFinder(*query_.range[entry], entry, bound, began_with_).find(conditions);
  }

  std::unique_ptr<PlanNode> node(const FromNode& from, const Entries& bound,
                                 const std::vector<const Expression*>& conditions) {
    auto made = std::make_unique<PlanNode>();
    made->join = from.join;
    made->entry = from.entry;
    made->entries = from.entries;
    if (from.join == FromNode::Join::none) {
      made->access = access_to(from.entry, bound, conditions);
      return made;
    }
    std::vector<const Expression*> own;
    if (from.condition != nullptr) split(from.condition.get(), own);
    const bool swapped = from.join == FromNode::Join::right;
    const FromNode& left = swapped ? *from.right : *from.left;
    const FromNode& right = swapped ? *from.left : *from.right;
    if (swapped) made->join = FromNode::Join::left;
    // WHERE may narrow the side that is kept, ON the other one; FULL keeps both.
    const bool is_full = from.join == FromNode::Join::full;
    const bool is_inner = from.join == FromNode::Join::inner;
    made->left = node(left, bound, is_full ? kNothing : is_inner ? own : conditions);
    Entries inner = bound;
    inner.insert(left.entries.begin(), left.entries.end());
    made->right = node(right, is_full ? bound : inner, is_full ? kNothing : own);
    // What fixes a column to a constant does not replace what joins it where one side is kept.
    made->right->is_single =
        !is_full && is_whole_key(*made->right) && joins(own, right, is_inner ? own : kNothing);
    made->conditions = std::move(own);
    return made;
  }

  static bool is_whole_key(const PlanNode& leaf) {
    const TableIndex* index = leaf.access.index;
    return index != nullptr && index->is_unique && !index->is_deferrable &&
           leaf.access.prefix.size() == index->parts.size();
  }

  /// Whether some condition reads more than the one side: PostgreSQL asks for uniqueness only then.
  /// Columns that are equal, and equal to a constant by all these, are each compared with that.
  bool joins(const std::vector<const Expression*>& conditions, const FromNode& side,
             const std::vector<const Expression*>& all) const {
    const Entries inner(side.entries.begin(), side.entries.end());
    const Columns constant = constant_columns(all);
    return std::ranges::any_of(conditions, [&](const Expression* condition) {
      if (is_subset(entries_of(*condition), inner)) return false;
      const auto equal = equal_columns(*condition);
      return !equal || !constant.contains(equal->first);
    });
  }

  using Column = std::pair<std::uint32_t, std::uint32_t>;  ///< of an entry
  using Columns = std::set<Column>;

  static std::optional<Column> column_in(const Expression& expression) {
    const Entries entries = entries_of(expression);
    if (entries.size() != 1) return std::nullopt;
    const ColumnReference* column = column_of(&expression, *entries.begin());
    if (column == nullptr) return std::nullopt;
    return Column(column->entry, column->column);
  }

  static const FunctionCall* equality(const Expression& condition) {
    const auto* call = dynamic_cast<const FunctionCall*>(&condition);
    return call != nullptr && call->name() == "=" && call->children.size() == 2 ? call : nullptr;
  }

  static std::optional<std::pair<Column, Column>> equal_columns(const Expression& condition) {
    const FunctionCall* call = equality(condition);
    if (call == nullptr) return std::nullopt;
    const auto left = column_in(*call->children[0]);
    const auto right = column_in(*call->children[1]);
    if (!left || !right) return std::nullopt;
    return std::pair(*left, *right);
  }

  static Columns constant_columns(const std::vector<const Expression*>& conditions) {
    Columns found;
    for (const Expression* condition : conditions) {
      const FunctionCall* call = equality(*condition);
      if (call == nullptr) continue;
      for (const std::size_t side : {0, 1}) {
        const Expression& other = *call->children[1 - side];
        const auto column = column_in(*call->children[side]);
        if (column && entries_of(other).empty() && !is_volatile(other)) found.insert(*column);
      }
    }
    for (std::size_t before = SIZE_MAX; before != found.size();) {
      before = found.size();
      for (const Expression* condition : conditions) {
        const auto equal = equal_columns(*condition);
        if (!equal) continue;
        if (found.contains(equal->first)) found.insert(equal->second);
        if (found.contains(equal->second)) found.insert(equal->first);
      }
    }
    return found;
  }

  const std::vector<const Expression*> kNothing;
  const Query& query_;
  Xid began_with_;
  std::vector<const FromNode*> units_;
  std::vector<const Expression*> conditions_;
};

}  // namespace

bool Subquery::is_independent() const {
  if (!is_independent_) is_independent_ = !reads_around(*query);
  return *is_independent_;
}

bool Subquery::compares_equal() const {
  const auto* rows = dynamic_cast<const RowComparison*>(comparison.get());
  return kind == Kind::row_compare && rows != nullptr && rows->kind() == RowComparison::Kind::equal;
}

bool Subquery::compares_null() const {
  return compares_equal() &&
         std::ranges::any_of(children, [](const ExpressionPtr& child) { return is_null(*child); });
}

std::shared_ptr<const FromPlan> plan_of(const Query& query, Xid began_with) {
  return Planner(query, began_with).plan();
}

}  // namespace firedrill::sim::postgres
