#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/postgres/query/query.h"

namespace firedrill::sim::postgres {

/// How the rows of one table are found.
struct Access {
  const TableIndex* index = nullptr;  ///< null: all rows
  std::size_t index_number = 0;
  std::vector<const Expression*> prefix;  ///< what its first columns equal
  const Expression* lower = nullptr;      ///< bounds of the next column
  const Expression* upper = nullptr;
  bool lower_inclusive = true;
  bool upper_inclusive = true;
  bool backwards = false;
  const Expression* any = nullptr;  ///< the first column equals an element of this array
  const Subquery* in = nullptr;     ///< the first column equals a row of this
};

/// One step of FROM, with what must hold once it is bound.
struct PlanNode {
  FromNode::Join join = FromNode::Join::none;
  std::uint32_t entry = 0;  ///< of a leaf
  Access access;
  /// Of the inner leaf of a join, found by a whole unique key: PostgreSQL leaves it at the first
  /// row that fits ("Inner Unique"). There are two where a snapshot still sees one that is gone,
  /// and its transaction has put another in its place.
  bool is_single = false;
  std::vector<std::uint32_t> entries;
  std::unique_ptr<PlanNode> left;
  std::unique_ptr<PlanNode> right;
  std::vector<const Expression*> conditions;  ///< of the join: ON
  std::vector<const Expression*> filter;      ///< of a step: what can be checked after it
};

/// Inner joins are taken apart: their sides are steps, run one within the other, and their
/// conditions and those of WHERE are checked as soon as all that they read is bound.
struct FromPlan {
  std::vector<std::unique_ptr<PlanNode>> steps;
  std::vector<const Expression*> conditions;  ///< all of them: to be checked again on a newer row
  std::vector<const Expression*> constant;    ///< those that read nothing of FROM
  bool is_ordered = false;                    ///< rows come in the order of ORDER BY
  /// They do, though an index has the first keys only. As PostgreSQL's incremental sort does, those
  /// that LIMIT wants are all read first, and one beyond: whether it belongs to the last one's
  /// group.
  bool reads_ahead = false;
  /// Of conditions that compare rows, some column of which is no column of FROM: they are run
  /// before there is a row.
  std::vector<const Subquery*> early;
  /// One of them compares a NULL: there is no row, once those have run.
  bool is_never = false;
  bool depends_on_age = false;  ///< some index is not for all: another statement plans anew
};

/// `began_with`: TableIndex::is_usable().
std::shared_ptr<const FromPlan> plan_of(const Query& query, Xid began_with);

}  // namespace firedrill::sim::postgres
