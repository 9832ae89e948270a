#include "sim/postgres/cursors.h"

#include <algorithm>

#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

// --- FETCH ---------------------------------------------------------------------------------------

void Cursor::require_scroll() const {
  if (scrolls) return;
  throw SqlError{.sqlstate = std::string(sqlstate::kObjectNotInPrerequisiteState),
                 .message = "cursor can only scan forward",
                 .hint = "Declare it with SCROLL option to enable backward scan."};
}

std::vector<Row> Cursor::fetch(PgQuery__FetchDirection direction, std::int64_t count) {
  switch (direction) {
    case PG_QUERY__FETCH_DIRECTION__FETCH_BACKWARD:
      return count < 0 ? forward(-count) : backward(count);
    case PG_QUERY__FETCH_DIRECTION__FETCH_ABSOLUTE: return absolute(count);
    case PG_QUERY__FETCH_DIRECTION__FETCH_RELATIVE: return relative(count);
    default: return count < 0 ? backward(-count) : forward(count);
  }
}

/// 0: the current row again.
std::vector<Row> Cursor::forward(std::int64_t count) {
  const std::size_t size = rows->size();
  if (count == 0) {
    if (position == 0 || position > size) return {};
    require_scroll();
    return {(*rows)[position - 1]};
  }
  std::vector<Row> found;
  while (count > 0 && position <= size) {
    if (++position > size) break;
    found.push_back((*rows)[position - 1]);
    --count;
  }
  return found;
}

std::vector<Row> Cursor::backward(std::int64_t count) {
  if (count == 0) return forward(0);
  require_scroll();
  std::vector<Row> found;
  while (count > 0 && position > 0) {
    if (--position == 0) break;
    found.push_back((*rows)[position - 1]);
    --count;
  }
  return found;
}

std::vector<Row> Cursor::absolute(std::int64_t place) {
  const auto size = static_cast<std::int64_t>(rows->size());
  const std::int64_t wanted = place >= 0 ? place : std::max<std::int64_t>(size + 1 + place, 0);
  if (place < 0 || wanted <= static_cast<std::int64_t>(position)) {
    const bool is_untouched = position == 0 && place >= 0;
    if (!is_untouched) require_scroll();
  }
  position = static_cast<std::size_t>(std::min(wanted, size + 1));
  if (position == 0 || position > rows->size()) return {};
  return {(*rows)[position - 1]};
}

std::vector<Row> Cursor::relative(std::int64_t count) {
  if (count == 0) return forward(0);
  if (count < 0) require_scroll();
  const auto size = static_cast<std::int64_t>(rows->size());
  const std::int64_t wanted = static_cast<std::int64_t>(position) + count;
  position = static_cast<std::size_t>(std::clamp<std::int64_t>(wanted, 0, size + 1));
  if (position == 0 || position > rows->size()) return {};
  return {(*rows)[position - 1]};
}

// --- DECLARE -------------------------------------------------------------------------------------

namespace {

// The parser's CURSOR_OPT_ bits.
constexpr std::int32_t kScroll = 0x0002;
constexpr std::int32_t kNoScroll = 0x0004;
constexpr std::int32_t kHold = 0x0020;

/// Whether PostgreSQL's plan could go back by itself: where it sorts, or merely reads one thing.
bool can_go_back(const Query& query) {
  if (query.locks_rows || !query.sets.empty()) return false;
  if (!query.sort.empty()) return !query.is_distinct;
  const bool is_plain = query.set_operation == Query::SetOperation::none && !query.is_grouped &&
                        !query.is_distinct && query.windows.empty() && query.from != nullptr &&
                        query.from->join == FromNode::Join::none;
  if (!is_plain) return false;
  const RangeEntry& entry = *query.range[query.from->entry];
  return entry.kind != RangeEntry::Kind::subquery || can_go_back(*entry.subquery);
}

[[noreturn]] void refuse_cursor(std::string message, std::string detail) {
  throw SqlError{.sqlstate = std::string(sqlstate::kFeatureNotSupported),
                 .message = std::move(message),
                 .detail = std::move(detail)};
}

}  // namespace

void Session::declare_cursor(const std::shared_ptr<const ParseTree>& tree,
                             const PgQuery__DeclareCursorStmt& node) {
  const bool holds = (node.options & kHold) != 0;
  if (!holds && !in_block_ && !is_implicit_block_) require_block("DECLARE CURSOR");
  if (node.portalname[0] == '\0') fail("34000", "invalid cursor name: must not be empty");
  Prepared prepared;
  prepared.tree = tree;
  prepared.statement = node.query;
  prepared.takes_parameters = false;
  analyze(prepared);
  for (const CommonTable& common : prepared.query->ctes) {
    if (common.query->command != Query::Command::select) {
      fail(sqlstate::kFeatureNotSupported,
           "DECLARE CURSOR must not contain data-modifying statements in WITH");
    }
  }
  if (prepared.query->locks_rows && holds) {
    refuse_cursor("DECLARE CURSOR WITH HOLD ... FOR UPDATE is not supported",
                  "Holdable cursors must be READ ONLY.");
  }
  if (prepared.query->locks_rows && (node.options & kScroll) != 0) {
    refuse_cursor("DECLARE SCROLL CURSOR ... FOR UPDATE is not supported",
                  "Scrollable cursors must be READ ONLY.");
  }
  if (find_cursor(node.portalname) != nullptr) {
    fail("42P03", "cursor \"" + std::string(node.portalname) + "\" already exists");
  }
  Cursor cursor;
  cursor.name = node.portalname;
  cursor.tree = tree;
  cursor.snapshot = statement_snapshot();
  cursor.is_held = holds;
  cursor.scrolls = (node.options & kScroll) != 0 ||
                   ((node.options & kNoScroll) == 0 && can_go_back(*prepared.query));
  cursor.savepoints = savepoints_.size();
  cursor.query = std::move(prepared.query);
  cursors_.push_back(std::move(cursor));
}

Cursor* Session::find_cursor(std::string_view name) {
  const auto found = std::ranges::find(cursors_, name, &Cursor::name);
  return found != cursors_.end() ? &*found : nullptr;
}

void Session::fill_cursor(Cursor& cursor) {
  if (cursor.rows) return;
  if (cursor.has_failed) {
    fail(sqlstate::kObjectNotInPrerequisiteState, "portal \"" + cursor.name + "\" cannot be run");
  }
  cursor.has_failed = true;
  Execution execution(*this, cursor.snapshot, {});
  cursor.rows = execution.rows(*cursor.query, nullptr);
  cursor.has_failed = false;
}

void Session::fetch(const PgQuery__FetchStmt& node, StatementResult& result) {
  Cursor* cursor = find_cursor(node.portalname);
  if (cursor == nullptr) {
    fail("34000", "cursor \"" + std::string(node.portalname) + "\" does not exist");
  }
  fill_cursor(*cursor);
  std::vector<Row> rows = cursor->fetch(node.direction, node.how_many);
  result.tag = (node.ismove ? "MOVE " : "FETCH ") + std::to_string(rows.size());
  if (node.ismove) return;
  result.columns = cursor->query->output();
  result.rows = std::move(rows);
  result.returns_rows = true;
}

void Session::close_cursor(const PgQuery__ClosePortalStmt& node, StatementResult& result) {
  const std::string_view name = node.portalname;
  result.tag = name.empty() ? "CLOSE CURSOR ALL" : "CLOSE CURSOR";
  if (name.empty()) {
    cursors_.clear();
  } else if (std::erase_if(cursors_, [&](const Cursor& each) { return each.name == name; }) == 0) {
    fail("34000", "cursor \"" + std::string(name) + "\" does not exist");
  }
}

/// Before a commit: those that stay have their rows by then.
void Session::settle_cursors() {
  for (Cursor& cursor : cursors_) {
    if (cursor.is_held) fill_cursor(cursor);
  }
  for (Cursor& cursor : cursors_) {
    if (cursor.is_held) cursor.is_settled = true;
    cursor.is_held = false;
  }
}

/// At the end of a transaction (0), or of what came after the savepoint of that depth.
void Session::drop_cursors(std::size_t savepoints) {
  std::erase_if(cursors_, [&](const Cursor& cursor) {
    return !cursor.is_settled && cursor.savepoints >= savepoints;
  });
}

bool Session::cursor_statement(const std::shared_ptr<const ParseTree>& tree,
                               const PgQuery__Node* node, StatementResult& result) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
      declare_cursor(tree, *node->declare_cursor_stmt);
      result.tag = "DECLARE CURSOR";
      return true;
    case PG_QUERY__NODE__NODE_FETCH_STMT: fetch(*node->fetch_stmt, result); return true;
    case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
      close_cursor(*node->close_portal_stmt, result);
      return true;
    default: return false;
  }
}

}  // namespace firedrill::sim::postgres
