#include "tests/conformance/postgres/generated_grammar.h"

#include <algorithm>

namespace firedrill::test {

GeneratedStatement StatementGrammar::transaction_statement() {
  if (!is_open_) {
    count("BEGIN");
    is_open_ = true;
    before_ = schema_;
    savepoints_.clear();
    return {draw_.one_in(4) ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN"};
  }
  switch (savepoints_.empty() && !draw_.one_in(6) ? draw_.below(2) * 7 : draw_.below(8)) {
    case 0:
    case 1:
      count("SAVEPOINT");
      savepoints_.push_back("s" + std::to_string(draw_.between(1, 3)));
      return {"SAVEPOINT " + savepoints_.back()};
    case 2:
    case 3:
      count("ROLLBACK TO");
      return {"ROLLBACK TO SAVEPOINT " +
              (savepoints_.empty() ? std::string("s1") : draw_.pick(savepoints_))};
    case 4: {
      count("RELEASE");
      if (savepoints_.empty()) return {"RELEASE SAVEPOINT s1"};
      const std::string name = draw_.pick(savepoints_);
      return {"RELEASE " + name};
    }
    case 5:
      count("ROLLBACK");
      is_open_ = false;
      schema_ = before_;
      return {"ROLLBACK"};
    default:
      count("COMMIT");
      is_open_ = false;
      return {draw_.one_in(3) ? "END" : "COMMIT"};
  }
}

GeneratedStatement StatementGrammar::with_parameters() {
  takes_parameters_ = true;
  parameter_sorts_.clear();
  parameter_texts_.clear();
  GeneratedStatement statement;
  switch (draw_.below(5)) {
    case 0: statement = insert_statement(); break;
    case 1: statement = update_statement(); break;
    case 2: statement = delete_statement(); break;
    default: statement = select_statement();
  }
  takes_parameters_ = false;
  return statement;
}

GeneratedStatement StatementGrammar::prepared_statement() {
  if (!prepared_.empty() && draw_.percent(65)) {
    count("EXECUTE");
    const Prepared& of = draw_.pick(prepared_);
    if (draw_.one_in(15)) return {"DEALLOCATE " + of.name};
    std::string arguments;
    for (const Sort sort : of.parameters) {
      arguments += (arguments.empty() ? "(" : ", ") + typed_literal(draw_, sort);
    }
    if (!arguments.empty()) arguments += ")";
    return {"EXECUTE " + of.name + arguments};
  }
  count("PREPARE");
  casts_parameters_ = draw_.one_in(2);
  GeneratedStatement statement = with_parameters();
  casts_parameters_ = false;
  Prepared made{"p" + std::to_string(prepared_.size() + 1), parameter_sorts_};
  std::string types;
  if (draw_.one_in(2)) {
    for (const Sort sort : made.parameters) {
      types += (types.empty() ? " (" : ", ") + std::string(type_of(sort));
    }
    if (!types.empty()) types += ")";
  }
  statement.text = "PREPARE " + made.name + types + " AS " + statement.text;
  statement.is_ordered = false;
  prepared_.push_back(std::move(made));
  return statement;
}

GeneratedStatement StatementGrammar::any_statement() {
  if (is_open_ && draw_.one_in(3)) return transaction_statement();
  const std::size_t roll = draw_.below(100);
  if (roll < 38) return select_statement();
  if (roll < 56) return insert_statement();
  if (roll < 66) return update_statement();
  if (roll < 71) return delete_statement();
  if (roll < 72) return truncate_statement();
  if (roll < 76) return alter_table();
  if (roll < 78) return create_index();
  if (roll < 79) return drop_something();
  if (roll < 82) return sequence_statement();
  if (roll < 87) return transaction_statement();
  if (roll < 92) return prepared_statement();
  count("extended protocol");
  GeneratedStatement statement = with_parameters();
  statement.is_extended = true;
  statement.parameters = parameter_texts_;
  return statement;
}

/// One word less, or one too many: what no grammar has.
void StatementGrammar::spoil(GeneratedStatement& statement) {
  std::string& text = statement.text;
  // A recursion might have no end then, in the real one either.
  if (text.find("RECURSIVE") != std::string::npos) return;
  count("spoilt text");
  const std::size_t at = text.find(' ', draw_.below(text.size()));
  if (at == std::string::npos) {
    text += " oops";
    return;
  }
  const std::size_t end = std::min(text.find(' ', at + 1), text.size());
  if (draw_.one_in(3)) {
    text.insert(at, " , ");
  } else {
    text.erase(at, end - at);
  }
}

std::vector<GeneratedStatement> StatementGrammar::script(std::size_t length) {
  schema_ = {};
  savepoints_.clear();
  prepared_.clear();
  is_open_ = false;
  std::vector<GeneratedStatement> statements;
  define_schema(statements);
  while (statements.size() < length) {
    aliases_ = 0;
    is_mistaken_ = draw_.one_in(14);
    statements.push_back(any_statement());
    is_mistaken_ = false;
    const bool has_parameters = statements.back().text.find('$') != std::string::npos;
    if (draw_.one_in(120) && !has_parameters) spoil(statements.back());
  }
  if (is_open_) statements.push_back({"COMMIT"});
  return statements;
}

}  // namespace firedrill::test
