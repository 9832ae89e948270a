#include "tests/conformance/postgres/generated_comparison.h"

#include <algorithm>
#include <cctype>
#include <exception>

namespace firedrill::test {

namespace {

/// Names, numbers and values left out: what is left is the sort of a message.
std::string blanked(const std::string& text) {
  std::string plain;
  bool is_quoted = false;
  for (const char c : text) {
    if (c == '"') {
      is_quoted = !is_quoted;
      if (is_quoted) plain += "\"\"";
    } else if (!is_quoted) {
      const bool is_digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
      if (!is_digit) plain += c;
    }
  }
  return plain;
}

std::string kind_of(const SeenAnswer& model, const SeenAnswer& real) {
  const auto sort = [](const SeenAnswer& answer) {
    return answer.sqlstate.empty() ? std::string("an answer")
                                   : answer.sqlstate + " " + blanked(answer.message);
  };
  const bool lacks =
      model.sqlstate == "42883" && model.message.find("no_function") == std::string::npos;
  if (lacks && real.sqlstate != "42883") {
    return "model: 42883 " + model.message.substr(0, model.message.find('('));
  }
  if (model.sqlstate != real.sqlstate || model.message != real.message) {
    return "model: " + sort(model) + "; real: " + sort(real);
  }
  if (!model.sqlstate.empty()) {
    if (model.rest != real.rest) {
      return "fields of " + sort(real) + "; model: " + blanked(model.rest) +
             "; real: " + blanked(real.rest);
    }
    return "position of " + sort(real);
  }
  const auto columns = [](const SeenAnswer& answer) {
    return answer.text.substr(0, answer.text.find('\n'));
  };
  return columns(model) == columns(real) ? "other rows" : "other columns";
}

/// What values decide, and no analysis.
bool is_data_exception(const SeenAnswer& answer) {
  return answer.sqlstate.starts_with("22");
}

/// Why answers count as equal that are not; empty: they do not.
std::string_view allowance(const std::string& statement, const SeenAnswer& model,
                           const SeenAnswer& real) {
  // Of a join, the planner decides which row comes first, of which each violates one constraint.
  const bool joins =
      (statement.starts_with("UPDATE") && statement.find(" FROM (") != std::string::npos) ||
      (statement.starts_with("DELETE") && statement.find(" USING ") != std::string::npos);
  if (joins && model.sqlstate.starts_with("23") && model.sqlstate == real.sqlstate &&
      model.message == real.message) {
    return "another row of a join violates the same constraint first";
  }
  // Of several rows that WHERE finds, by an index or one after the other, each violates it.
  const bool changes = statement.starts_with("UPDATE") || statement.starts_with("DELETE");
  if (changes && statement.find(" WHERE ") != std::string::npos &&
      model.sqlstate.starts_with("23") && model.sqlstate == real.sqlstate &&
      model.message == real.message) {
    return "another row violates the same constraint first";
  }
  // A mistake of PostgreSQL 15 itself: it takes min() and max() for the first of a query with
  // LIMIT 1, which gets the WITH TIES of the whole.
  if (real.sqlstate == "21000" && model.sqlstate.empty() &&
      statement.find(" WITH TIES") != std::string::npos &&
      (statement.find("min(") != std::string::npos ||
       statement.find("max(") != std::string::npos)) {
    return "min() or max() beside WITH TIES, which PostgreSQL fails";
  }
  // A mistake of PostgreSQL's: it plans a prepared statement again without looking for what its
  // text names, and finds a type's number gone. (The model knows that of parameters.)
  if (statement.starts_with("EXECUTE") && model.sqlstate == "42704" && real.sqlstate == "XX000" &&
      real.message.starts_with("cache lookup failed for type")) {
    return "a prepared statement with a type that is gone: an internal error";
  }
  // PostgreSQL's planner decides which of two values it meets first, of which each is an error.
  if (is_data_exception(model) && is_data_exception(real) && model.message != real.message) {
    return "another value's error first";
  }
  // A new index sorts its keys, and stops where it happens to compare two that are equal.
  const bool is_new_index = model.message.starts_with("could not create unique index") &&
                            model.message == real.message && model.sqlstate == real.sqlstate;
  return is_new_index ? "another duplicate found while an index is made" : "";
}

}  // namespace

std::optional<GeneratedComparison::Difference> GeneratedComparison::judge(
    const GeneratedStatement& statement, std::size_t number, bool is_counting) {
  SeenAnswer model;
  try {
    model = both_.ask_model(statement);
  } catch (const std::exception& error) {
    return Difference{number, std::string("the model throws ") + error.what(), error.what(), ""};
  }
  if (model.is_refusal) {
    if (is_counting) ++refusals_[model.message];
    is_spoilt_ = true;  // what the real one would make of it is not known to the model
    return std::nullopt;
  }
  const SeenAnswer real = both_.ask_real(statement);
  if (is_counting) {
    ++compared_;
    if (!real.sqlstate.empty()) ++errors_[real.sqlstate];
  }
  if (model.text == real.text) return std::nullopt;
  if (const std::string_view why = allowance(statement.text, model, real); !why.empty()) {
    if (is_counting) ++allowed_[std::string(why)];
    return std::nullopt;
  }
  return Difference{number, kind_of(model, real), model.text, real.text};
}

std::optional<GeneratedComparison::Difference> GeneratedComparison::run(const Script& script,
                                                                        bool is_counting) {
  both_.clear();
  is_spoilt_ = false;
  for (std::size_t i = 0; i < script.size(); ++i) {
    const auto difference = judge(script[i], i, is_counting);
    if (difference) return difference;
    if (is_spoilt_ && both_.model_is_in_transaction()) {
      both_.ask_model({"ROLLBACK"});
      both_.ask_real({"ROLLBACK"});
    }
    is_spoilt_ = false;
  }
  for (int table = 1; table <= 4; ++table) {
    const auto difference =
        judge({"SELECT * FROM t" + std::to_string(table)}, script.size(), false);
    if (is_counting) ++tables_;
    if (difference) return difference;
  }
  return std::nullopt;
}

GeneratedComparison::Script GeneratedComparison::smaller(Script script,
                                                         const Difference& difference) {
  const auto still = [&](const Script& candidate) {
    const auto found = run(candidate, false);
    return found && found->kind == difference.kind;
  };
  if (difference.statement + 1 < script.size()) script.resize(difference.statement + 1);
  for (std::size_t step = std::max<std::size_t>(script.size() / 2, 1); step > 0; step /= 2) {
    for (std::size_t end = script.size(); end > 0;) {
      const std::size_t begin = end > step ? end - step : 0;
      Script candidate = script;
      candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(begin),
                      candidate.begin() + static_cast<std::ptrdiff_t>(end));
      if (still(candidate)) script = std::move(candidate);
      end = begin;
    }
  }
  for (std::size_t i = script.size(); i-- > 0;) {
    for (bool again = true; again;) {
      again = false;
      for (const std::string& text : smaller_texts(script[i].text)) {
        Script candidate = script;
        candidate[i].text = text;
        if (!still(candidate)) continue;
        script = std::move(candidate);
        again = true;
        break;
      }
    }
  }
  return script;
}

std::string GeneratedComparison::text_of(const Script& script, const Difference& difference) {
  std::string text;
  for (const GeneratedStatement& statement : script) {
    text += without_marks(statement.text) + ";\n";
    if (!statement.is_extended) continue;
    text += "-- by the extended protocol, with";
    for (const auto& parameter : statement.parameters) {
      text += " " + (parameter ? "'" + *parameter + "'" : "NULL");
    }
    text += '\n';
  }
  if (difference.statement >= script.size()) text += "-- and then what the tables hold\n";
  return text + "--- model\n" + difference.model + "--- real\n" + difference.real;
}

}  // namespace firedrill::test
