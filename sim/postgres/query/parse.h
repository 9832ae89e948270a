#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace firedrill::sim::postgres {

/// What PostgreSQL's own parser (libpg_query) makes of a text of statements.
class ParseTree {
 public:
  /// Throws 42601 and the like.
  explicit ParseTree(std::string_view sql);

  const std::string& text() const { return text_; }
  std::span<PgQuery__RawStmt* const> statements() const { return {tree_->stmts, tree_->n_stmts}; }
  /// Byte offset (a node's `location`) as a position in characters, from 1; 0 for -1.
  std::int32_t position(std::int32_t location) const;

 private:
  struct Free {
    void operator()(PgQuery__ParseResult* tree) const {
      pg_query__parse_result__free_unpacked(tree, nullptr);
    }
  };
  std::string text_;
  std::unique_ptr<PgQuery__ParseResult, Free> tree_;
};

/// An expression that outlives the statement that it stood in: a default, a CHECK, a condition.
struct StoredExpression {
  std::shared_ptr<const ParseTree> tree;  ///< owns the node
  const PgQuery__Node* node = nullptr;

  explicit operator bool() const { return node != nullptr; }
};

/// As SQL, for error messages and the catalogue.
std::string text_of(const StoredExpression& expression);

using NodeList = std::span<PgQuery__Node* const>;

/// The text of a String node; of a list of them, its last.
std::string_view string_of(const PgQuery__Node* node);
std::string_view last_name(NodeList names);

}  // namespace firedrill::sim::postgres
