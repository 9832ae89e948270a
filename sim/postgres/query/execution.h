#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/postgres/query/plan.h"
#include "sim/postgres/query/query.h"
#include "sim/postgres/storage/heap.h"
#include "sim/postgres/storage/predicate_locks.h"
#include "sim/postgres/storage/transactions.h"

namespace firedrill::sim::postgres {

enum class Isolation : std::uint8_t { read_committed, repeatable_read, serializable };

/// What the session that runs a statement does for it.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual Environment& environment() = 0;
  virtual PredicateLocks& predicates() = 0;
  virtual Isolation isolation() const = 0;
  virtual const Actor& actor() const = 0;
  /// The oldest transaction that may have been running when the statement began.
  virtual Xid began_with() const = 0;
  /// Before a statement writes. Throws 25006 where the transaction is read only; `what`: "INSERT",
  /// ...
  virtual void begin_writing(std::string_view what) = 0;
  /// Throws 25006 where it is read only.
  virtual void require_writable(std::string_view what) = 0;
  virtual std::int64_t next_value(Oid sequence) = 0;
  /// For what follows a statement: foreign keys. Null: there is none, before or after.
  virtual void row_changed(const std::shared_ptr<const Table>& table, Version* before,
                           Version* after) = 0;
  /// Of a deferrable constraint's index: the version may be a duplicate, which is to be seen later.
  virtual void unique_unchecked(const std::shared_ptr<const Table>& table, Oid index,
                                Version& version) = 0;
};

/// Of a subquery that is to have one row at most.
[[noreturn]] void fail_many_rows();

/// One statement as it runs.
class Execution {
 public:
  using Emit = std::function<bool(Row&)>;  ///< false: enough

  Execution(Backend& backend, Snapshot snapshot, std::vector<Value> parameters)
      : backend_(backend), snapshot_(std::move(snapshot)), parameters_(std::move(parameters)) {}

  /// Runs a query; rows are those of its output(). Returns how many rows an INSERT, UPDATE or
  /// DELETE touched, or a SELECT returned.
  std::uint64_t run(const Query& query, const Frame* outer, const Emit& emit);
  std::vector<Row> rows(const Query& query, const Frame* outer);

  /// What unique_unchecked() left. Throws 23505. The index has columns only.
  void check_unique(const Table& table, const TableIndex& index, Version& version);
  /// What it changes has to be visible to that snapshot, too: 40001 otherwise.
  void set_crosscheck(Snapshot snapshot) { crosscheck_ = std::move(snapshot); }

  Environment& environment() { return backend_.environment(); }
  Backend& backend() { return backend_; }
  const Snapshot& snapshot() const { return snapshot_; }
  /// Throws 42P02 where the statement has none: it stands where there cannot be one.
  const Value& parameter(std::size_t index) const {
    if (index >= parameters_.size()) {
      fail("42P02", "there is no parameter $" + std::to_string(index + 1));
    }
    return parameters_[index];
  }
  bool has_null_parameter() const { return std::ranges::any_of(parameters_, &Value::is_null); }
  const Types& types() { return backend_.environment().types(); }
  /// Of a subquery that is_independent(): as many of its rows as `most`, found when first asked.
  const std::vector<Row>& rows_of(const Subquery& subquery, const Frame& frame, std::size_t most);

 private:
  using Next = std::function<bool()>;

  class Recursion;
  /// The rows of a common table expression, of one run of the query that has it.
  struct CommonRows {
    const Query* owner = nullptr;
    std::size_t index = 0;
    const Frame* frame = nullptr;  ///< of the owner
    bool is_made = false;
    std::deque<Row> rows;
    /// Of a recursive one while it is made: what the recursive part reads.
    const std::deque<Row>* working = nullptr;
    std::shared_ptr<Recursion> recursion = nullptr;
  };
  struct Group;
  struct Candidate;

  /// Where the entries of a query stand, to come back to: rows of no table are copied.
  struct KeptSlots {
    KeptSlots() = default;
    KeptSlots(const Query& query, const std::vector<Slot>& from);
    KeptSlots(KeptSlots&&) noexcept = default;  // a copy would point into the other's rows
    KeptSlots& operator=(KeptSlots&&) noexcept = default;
    std::vector<Slot> slots;
    std::vector<Row> rows;
  };

  // execute.cc
  std::uint64_t run_select(const Query& query, Frame& frame, std::vector<Slot>& slots,
                           const Emit& emit);
  bool produce(const Query& query, Frame& frame, std::vector<Slot>& slots,
               const std::function<bool(Frame&)>& found);
  bool grouped(const Query& query, Frame& frame, std::vector<Slot>& slots,
               const std::function<bool(Frame&)>& found);
  bool set_rows(const Query& query, Frame& frame, std::vector<Slot>& slots,
                const std::function<bool(Frame&)>& found);
  void require_writable(const Query& query);
  bool lock_rows(const Query& query, Frame& frame, std::vector<Slot>& slots);
  void make_common(CommonRows& common);
  bool has_common(CommonRows& common, std::size_t row);
  CommonRows& common(const Query& owner, std::size_t index);
  void finish_modifying(const Query& query, const Frame& frame);

  // execute_from.cc
  bool from(const Query& query, Frame& frame, std::vector<Slot>& slots, const Next& next);
  bool step(const Query& query, std::size_t index, Frame& frame, std::vector<Slot>& slots,
            const Next& next);
  bool node(const Query& query, const PlanNode& plan, Frame& frame, std::vector<Slot>& slots,
            const Next& next);
  bool matches(const Query& query, const PlanNode& plan,
               const std::vector<const Expression*>& conditions, Frame& frame,
               std::vector<Slot>& slots, const Next& next);
  bool left_join(const Query& query, const PlanNode& plan, Frame& frame, std::vector<Slot>& slots,
                 const Next& next);
  bool full_join(const Query& query, const PlanNode& plan, Frame& frame, std::vector<Slot>& slots,
                 const Next& next);
  bool scan(const Query& query, const PlanNode& plan, Frame& frame, std::vector<Slot>& slots,
            const Next& next);
  bool scan_table(const RangeEntry& entry, const PlanNode& plan, Frame& frame, Slot& slot,
                  const Next& next);
  bool scan_set(const RangeEntry& entry, const Access& access, Row wanted, Slot& slot,
                const Next& next);
  bool scan_index(const RangeEntry& entry, const Access& access, Index::Range range, Slot& slot,
                  const Next& next);
  bool scan_function(const RangeEntry& entry, Frame& frame, Slot& slot, const Next& next);
  static bool may_hold(const Expression& condition);
  static bool may_have_rows(const Query& query);
  static bool may_hold(const std::vector<const Expression*>& conditions);
  bool holds(const std::vector<const Expression*>& conditions, const Frame& frame);
  const Value* nulls(std::size_t width);

  // execute_modify.cc
  std::uint64_t run_modification(const Query& query, Frame& frame, std::vector<Slot>& slots,
                                 const Emit& emit);
  Row one_row(const Query& query, Frame& frame, std::vector<Slot>& slots);
  std::uint64_t run_insert(const Query& query, Frame& frame, std::vector<Slot>& slots,
                           const Emit& emit);
  bool insert_row(const Query& query, Frame& frame, std::vector<Slot>& slots, Row row,
                  const Emit& emit);
  bool update_conflicting(const Query& query, Frame& frame, std::vector<Slot>& slots,
                          Version* version, const Row& excluded, const Emit& emit);
  std::uint64_t run_change(const Query& query, Frame& frame, std::vector<Slot>& slots,
                           const Emit& emit);
  bool change_row(const Query& query, Frame& frame, std::vector<Slot>& slots, const Emit& emit);
  bool update_version(const Query& query, Frame& frame, std::vector<Slot>& slots, Version*& version,
                      Row values);
  Row updated_row(const Modification& modification,
                  const std::vector<Modification::Assignment>& assignments, const Version& version,
                  Frame& frame);
  void writes(const Heap& heap, const Version& version);
  void check_row(const Modification& modification, Frame& frame, std::vector<Slot>& slots,
                 Row& row);
  void index_row(const Modification& modification, Frame& frame, std::vector<Slot>& slots,
                 Version& version, const Version* before);
  std::optional<Row> key_of(const Modification& modification, std::size_t index, Frame& frame,
                            std::vector<Slot>& slots, const Row& values);
  void emit_returning(const Query& query, Frame& frame, const Emit& emit);
  bool changes_columns(const TableIndex& index, const Row& before, const Row& after);
  RowLockMode change_mode(const Modification& modification, const Version& version,
                          const Row& values);
  [[noreturn]] void fail_duplicate(const Table& table, const TableIndex& index, const Row& key);
  std::string row_text(const Table& table, const Row& row);

  Backend& backend_;
  Snapshot snapshot_;
  std::optional<Snapshot> crosscheck_;
  std::vector<Value> parameters_;
  std::vector<std::unique_ptr<CommonRows>> common_;
  /// Those that ran: once in a statement.
  std::deque<std::pair<const Subquery*, std::vector<Row>>> independent_;
  Row nulls_;
};

}  // namespace firedrill::sim::postgres
