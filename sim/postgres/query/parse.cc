#include "sim/postgres/query/parse.h"

#include <pg_query.h>

#include <algorithm>
#include <array>

#include "sim/postgres/query/nesting.h"
#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

namespace {

std::int32_t characters_before(std::string_view text, std::size_t bytes) {
  const auto head = text.substr(0, std::min(bytes, text.size()));
  const auto starts = std::ranges::count_if(head, [](char c) { return (c & 0xc0) != 0x80; });
  return static_cast<std::int32_t>(starts);
}

/// The parser's errors carry no SQLSTATE through libpg_query; nearly all are 42601.
struct KnownState {
  std::string_view beginning;
  std::string_view state;
};
constexpr auto kStates = std::to_array<KnownState>({
    {"invalid Unicode escape", "42601"},
    {"invalid byte sequence", "22021"},
    {"unsafe use of", "0A000"},
    {"GLOBAL is deprecated", "42601"},
    {"MATCH PARTIAL not yet implemented", "0A000"},
    {"ROWS FROM() with multiple", "0A000"},
    {"WITH TIES cannot be specified", "42601"},
    {"UNIQUE predicate is not yet implemented", "0A000"},
    {"improper use of", "42601"},
    {"multiple", "42601"},
    {"aggregates cannot have output arguments", "0A000"},
    {"CREATE ASSERTION is not yet implemented", "0A000"},
    {"frame start", "42P20"},
    {"frame end", "42P20"},
    {"memory exhausted", "54001"},
    {"stack depth limit exceeded", "54001"},
    {"value for", "22003"},
});

std::string_view state_of(std::string_view message) {
  for (const KnownState& known : kStates) {
    if (message.starts_with(known.beginning)) return known.state;
  }
  return sqlstate::kSyntaxError;
}

}  // namespace

ParseTree::ParseTree(std::string_view sql) : text_(sql) {
  if (nesting_of(sql) > kMaxNesting) {
    throw SqlError{
        .sqlstate = std::string(sqlstate::kStatementTooComplex),
        .message = "stack depth limit exceeded",
        .hint =
            "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after "
            "ensuring the platform's stack depth limit is adequate."};
  }
  PgQueryProtobufParseResult result = pg_query_parse_protobuf(text_.c_str());
  struct FreeResult {
    PgQueryProtobufParseResult& result;
    ~FreeResult() { pg_query_free_protobuf_parse_result(result); }
  } const free_result{result};
  if (result.error != nullptr) {
    const std::string message = result.error->message;
    const std::int32_t position = result.error->cursorpos;
    const bool is_values = message == "VALUES in FROM must have an alias";
    const bool is_nameless = is_values || message == "subquery in FROM must have an alias";
    throw SqlError{.sqlstate = std::string(state_of(message)),
                   .message = message,
                   .hint = !is_nameless ? ""
                           : is_values  ? "For example, FROM (VALUES ...) [AS] foo."
                                        : "For example, FROM (SELECT ...) [AS] foo.",
                   .position = position};
  }
  tree_.reset(pg_query__parse_result__unpack(
      nullptr, result.parse_tree.len,
      reinterpret_cast<const std::uint8_t*>(result.parse_tree.data)));
  if (tree_ == nullptr) fail(sqlstate::kStatementTooComplex, "stack depth limit exceeded");
}

std::int32_t ParseTree::position(std::int32_t location) const {
  return location < 0 ? 0 : characters_before(text_, static_cast<std::size_t>(location)) + 1;
}

/// As the target of a SELECT, which libpg_query can write.
std::string text_of(const StoredExpression& expression) {
  PgQuery__ResTarget target = PG_QUERY__RES_TARGET__INIT;
  target.val = const_cast<PgQuery__Node*>(expression.node);
  PgQuery__Node target_node = PG_QUERY__NODE__INIT;
  target_node.node_case = PG_QUERY__NODE__NODE_RES_TARGET;
  target_node.res_target = &target;
  PgQuery__Node* targets[] = {&target_node};
  PgQuery__SelectStmt select = PG_QUERY__SELECT_STMT__INIT;
  select.n_target_list = 1;
  select.target_list = targets;
  select.limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT;
  select.op = PG_QUERY__SET_OPERATION__SETOP_NONE;
  PgQuery__Node select_node = PG_QUERY__NODE__INIT;
  select_node.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
  select_node.select_stmt = &select;
  PgQuery__RawStmt raw = PG_QUERY__RAW_STMT__INIT;
  raw.stmt = &select_node;
  PgQuery__RawStmt* statements[] = {&raw};
  PgQuery__ParseResult whole = PG_QUERY__PARSE_RESULT__INIT;
  whole.version = PG_VERSION_NUM;
  whole.n_stmts = 1;
  whole.stmts = statements;
  std::string packed(pg_query__parse_result__get_packed_size(&whole), '\0');
  pg_query__parse_result__pack(&whole, reinterpret_cast<std::uint8_t*>(packed.data()));
  PgQueryDeparseResult result =
      pg_query_deparse_protobuf({.len = packed.size(), .data = packed.data()});
  std::string text = result.query == nullptr ? "?" : result.query;
  pg_query_free_deparse_result(result);
  constexpr std::string_view kSelect = "SELECT ";
  if (text.starts_with(kSelect)) text.erase(0, kSelect.size());
  return text;
}

std::string_view string_of(const PgQuery__Node* node) {
  return node->node_case == PG_QUERY__NODE__NODE_STRING ? node->string->sval : std::string_view();
}

std::string_view last_name(NodeList names) {
  return string_of(names.back());
}

}  // namespace firedrill::sim::postgres
