#include <array>
#include <cmath>
#include <cstdio>

#include "lua/compat/translator.h"

namespace firedrill::lua {

namespace {

struct Priority {
  std::string_view symbol;
  int left;
  int right;
};

constexpr std::array<Priority, 15> kBinary = {{{"+", 6, 6},
                                               {"-", 6, 6},
                                               {"*", 7, 7},
                                               {"/", 7, 7},
                                               {"%", 7, 7},
                                               {"^", 10, 9},
                                               {"..", 5, 4},
                                               {"~=", 3, 3},
                                               {"==", 3, 3},
                                               {"<", 3, 3},
                                               {"<=", 3, 3},
                                               {">", 3, 3},
                                               {">=", 3, 3},
                                               {"and", 2, 2},
                                               {"or", 1, 1}}};
constexpr int kUnary = 8;
constexpr int kTighterThanConcat = 5;

const Priority* priority_of(const Token& token) {
  if (token.kind != Token::Kind::symbol && token.kind != Token::Kind::keyword) return nullptr;
  for (const Priority& priority : kBinary) {
    if (token.text == priority.symbol) return &priority;
  }
  return nullptr;
}

}  // namespace

void Translator::expressions() {
  do {
    expression();
  } while (copy_if(","));
}

Target Translator::expression(int limit) {
  enter();
  out() += ' ';
  const std::size_t start = out().size();
  Target target = operand();
  for (;;) {
    const Priority* priority = priority_of(token_);
    if (priority == nullptr || priority->left <= limit) break;
    if (priority->symbol == "..") {
      concatenation(start, target);
    } else if (const auto helper = helper_for(priority->symbol); !helper.empty()) {
      rewritten(start, target, helper, priority->right);
    } else {
      copy();
      expression(priority->right);
    }
    target = Target{};
  }
  leave();
  return target;
}

Target Translator::operand() {
  if (token_.is("-") && ahead_.kind == Token::Kind::number && ahead_.number == 0) {
    advance();
    zero(!ahead_.is("^"));
    return {};
  }
  if (token_.is("not") || token_.is("-")) {
    copy();
    out() += ' ';
    expression(kUnary);
    return {};
  }
  if (token_.is("#")) {
    emit(has_length_ ? std::string(kReserved) + "len(" : "(0.0+#");
    advance();
    expression(kUnary);
    out() += ')';
    return {};
  }
  return simple();
}

void Translator::wrap(std::size_t start, std::string_view helper, std::string_view names) {
  std::string call(kReserved);
  call.append(helper).append("(").append(literal(names)).append(",");
  out().insert(start, call);
  out() += ')';
}

std::string Translator::helper_operand(int limit, bool* is_last) {
  const std::size_t start = out().size();
  const Target target = expression(limit);
  *is_last = !token_.is("..") || limit != kTighterThanConcat;
  if (*is_last) {
    out().insert(start, "(");
    out() += ')';
  }
  return target.describe();
}

void Translator::concatenation(std::size_t start, const Target& first) {
  std::string names = first.describe();
  for (bool is_last = false; !is_last;) {
    emit(",");
    advance();
    names.append("\n").append(helper_operand(kTighterThanConcat, &is_last));
  }
  wrap(start, "cat", names);
}

std::string_view Translator::helper_for(std::string_view symbol) const {
  if (symbol == "%") return "mod";
  if (!has_comparison_) return {};
  if (symbol == "==") return "eq";
  if (symbol == "~=") return "ne";
  if (symbol == "<") return "lt";
  if (symbol == "<=") return "le";
  if (symbol == ">") return "gt";
  if (symbol == ">=") return "ge";
  return {};
}

void Translator::rewritten(std::size_t start, const Target& first, std::string_view helper,
                           int limit) {
  emit(",");
  advance();
  bool is_last = false;
  const std::string second = helper_operand(limit, &is_last);
  wrap(start, helper, first.describe() + "\n" + second);
}

Target Translator::simple() {
  switch (token_.kind) {
    case Token::Kind::number: return number(false), Target{};
    case Token::Kind::string: return string(), Target{};
    default: break;
  }
  if (token_.is("nil") || token_.is("true") || token_.is("false")) return copy(), Target{};
  if (token_.is("...")) {
    if (!functions_.back().is_vararg) fail("cannot use '...' outside a vararg function");
    functions_.back().uses_dots = true;
    copy();
    return {};
  }
  if (token_.is("{")) return table(), Target{};
  if (token_.is("function")) {
    const int line = token_.line;
    copy();
    function_body(false, line);
    return {};
  }
  return suffixed();
}

void Translator::number(bool is_index) {
  const double value = token_.number;
  if (value == 0) return zero(false);
  if (is_index && value < 1e9 && value == std::floor(value)) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "%.0f", value);
    emit(buffer);
  } else {
    emit(float_literal(value));
  }
  advance();
}

std::string Translator::float_literal(double value) {
  if (std::isinf(value)) return value > 0 ? "1e999" : "-1e999";
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  std::string text = buffer;
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return text;
}

/// 5.1 keeps one constant for 0 and -0 in each function: the first that it meets.
void Translator::zero(bool is_negated) {
  using Zero = Function::Zero;
  Zero& spelling = functions_.back().zero;
  if (spelling == Zero::none) spelling = is_negated ? Zero::negative : Zero::positive;
  emit(spelling == Zero::negative ? "(-0.0)" : "0.0");
  advance();
}

void Translator::string() {
  emit(literal(token_.value));
  advance();
}

std::string Translator::literal(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (code < 32 || code >= 127) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\%03d", code);
      text += escape;
    } else {
      text += c;
    }
  }
  return text += '"';
}

void Translator::table() {
  const int line = token_.line;
  copy();
  while (!token_.is("}")) {
    if (token_.kind == Token::Kind::name && ahead_.is("=")) {
      const std::string field = name();
      emit(reserved(field) ? "[\"" + field + "\"]" : field);
      advance();
      copy();
      expression();
    } else if (token_.is("[")) {
      index();
      copy_expected("=");
      expression();
    } else {
      expression();
    }
    if (!copy_if(",") && !copy_if(";")) break;
  }
  copy_closing("}", "{", line);
}

std::string Translator::index() {
  copy();
  std::string field = "?";
  if (token_.kind == Token::Kind::string && ahead_.is("]")) field = token_.value;
  if (token_.kind == Token::Kind::number && ahead_.is("]")) {
    number(true);
  } else {
    // "[[" would begin a long string.
    expression();
  }
  copy_expected("]");
  return field;
}

Target Translator::plain_name() {
  const std::string own = name();
  const std::size_t local = find_local(own);
  if (local < locals_.size()) {
    if (locals_[local].is_arg) functions_[locals_[local].function - 1].uses_arg = true;
    note_upvalue(local);
  }
  if (own == "loadstring" || own == "load") result_.may_run_long = true;
  emit(spelt(own));
  advance();
  return {kind_of(own), own};
}

Target Translator::primary() {
  if (token_.kind == Token::Kind::name) return plain_name();
  if (!token_.is("(")) unexpected();
  const int line = token_.line;
  copy();
  expression();
  copy_closing(")", "(", line);
  return {};
}

Target Translator::suffixed() {
  const std::size_t start = out().size();
  Target target = primary();
  for (;;) {
    if (token_.is(".")) {
      advance();
      target = {Target::Kind::field, field_name(".")};
    } else if (token_.is("[")) {
      target = {Target::Kind::field, index()};
    } else if (token_.is(":") && ahead_.kind == Token::Kind::name && reserved(ahead_.text)) {
      reserved_method(start, target);
      target = {Target::Kind::call, {}};
    } else if (token_.is(":")) {
      copy();
      emit(name());
      advance();
      arguments();
      target = {Target::Kind::call, {}};
    } else if (token_.is("(") || token_.is("{") || token_.kind == Token::Kind::string) {
      arguments();
      target = {Target::Kind::call, {}};
    } else {
      return target;
    }
  }
}

void Translator::reserved_method(std::size_t start, const Target& object) {
  advance();
  const std::string method = name();
  emit(",\"" + method + "\"");
  advance();
  const std::size_t open = out().size();
  arguments();
  // "(a, b)", "{...}" or a string becomes ",a, b)" or ",{...})".
  const std::size_t at = std::min(out().find_first_not_of(" \n", open), out().size() - 1);
  if (out()[at] != '(') {
    out().insert(at, ",");
    out() += ')';
  } else if (out().find_first_not_of(" \n", at + 1) == out().size() - 1) {
    out().erase(at, 1);
  } else {
    out()[at] = ',';
  }
  start = std::min(out().find_first_not_of(" \n;", start), out().size());
  out().insert(start, std::string(kReserved) + "self(" +
                          literal(object.describe() + "\nmethod '" + method + "'") + ",");
}

void Translator::arguments() {
  if (token_.kind == Token::Kind::string) return string();
  if (token_.is("{")) return table();
  if (!token_.is("(")) fail("function arguments expected");
  const int line = token_.line;
  if (line != last_line_) fail("ambiguous syntax (function call x new statement)");
  copy();
  if (!token_.is(")")) expressions();
  copy_closing(")", "(", line);
}

void Translator::function_body(bool is_method, int line, bool writes_self) {
  result_.may_run_long = true;
  enter();
  const std::size_t scope = locals_.size();
  functions_.push_back({.line = line});
  if (is_method) declare("self");
  copy_expected("(");
  if (is_method && writes_self) emit(token_.is(")") ? "self" : "self,");
  parameters();
  copy_expected(")");
  const std::size_t start = out().size();
  block();
  const Function& function = functions_.back();
  if (function.uses_arg) {
    out().insert(start, function.uses_dots ? std::string(" local arg;")
                                           : " local arg=" + std::string(kReserved) + "arg(...);");
  }
  forget_locals(scope);
  functions_.pop_back();
  copy_closing("end", "function", line);
  leave();
}

void Translator::parameters() {
  if (token_.is(")")) return;
  do {
    if (token_.is("...")) {
      functions_.back().is_vararg = true;
      copy();
      declare("arg");  // made only where it is used
      locals_.back().is_arg = true;
      return;
    }
    if (token_.kind != Token::Kind::name) fail("<name> or '...' expected");
    const std::string parameter = name();
    emit(spelt(parameter));
    advance();
    declare(parameter);
  } while (copy_if(","));
}

void Translator::enter() {
  if (++depth_ > 200) fail("chunk has too many syntax levels");
}

}  // namespace firedrill::lua
