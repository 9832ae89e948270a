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
constexpr int kTighterThanProduct = 7;

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
    } else if (priority->symbol == "%") {
      modulo(start, target);
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
  if (token_.is("not") || token_.is("-")) {
    copy();
    out() += ' ';
    expression(kUnary);
    return {};
  }
  if (token_.is("#")) {
    emit("(0.0+#");
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

void Translator::modulo(std::size_t start, const Target& first) {
  emit(",");
  advance();
  bool is_last = false;
  const std::string second = helper_operand(kTighterThanProduct, &is_last);
  wrap(start, "mod", first.describe() + "\n" + second);
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
    return copy(), Target{};
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
  char buffer[48];
  const double value = token_.number;
  if (is_index && value >= 0 && value < 1e9 && value == std::floor(value)) {
    std::snprintf(buffer, sizeof buffer, "%.0f", value);
  } else if (std::isinf(value)) {
    std::snprintf(buffer, sizeof buffer, "(1.0/0.0)");
  } else {
    std::snprintf(buffer, sizeof buffer, "%.17g", value);
    const std::string_view text = buffer;
    if (text.find_first_of(".e") == text.npos) {
      std::snprintf(buffer, sizeof buffer, "%.17g.0", value);
    }
  }
  emit(buffer);
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
  if (own == "arg") functions_.back().uses_arg = true;
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
  Target target = primary();
  for (;;) {
    if (token_.is(".")) {
      advance();
      const std::string field = name();
      emit(reserved(field) ? "[\"" + field + "\"]" : "." + field);
      advance();
      target = {Target::Kind::field, field};
    } else if (token_.is("[")) {
      target = {Target::Kind::field, index()};
    } else if (token_.is(":")) {
      copy();
      if (reserved(name())) fail("a method of this name is not supported");
      copy();
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

void Translator::function_body(bool is_method, int line) {
  result_.may_run_long = true;
  enter();
  const std::size_t scope = locals_.size();
  functions_.emplace_back();
  if (is_method) declare("self");
  copy_expected("(");
  while (!token_.is(")")) {
    if (token_.is("...")) {
      functions_.back().is_vararg = true;
      copy();
      break;
    }
    const std::string parameter = name();
    emit(spelt(parameter));
    advance();
    declare(parameter);
    if (!copy_if(",")) break;
    if (token_.is(")")) fail("'<name>' expected");
  }
  copy_expected(")");
  const std::size_t start = out().size();
  block();
  const Function& function = functions_.back();
  if (function.is_vararg && function.uses_arg && !function.uses_dots) {
    out().insert(start, " local arg={n=select('#',...),...};");
  }
  functions_.pop_back();
  locals_.resize(scope, Local{});
  copy_closing("end", "function", line);
  leave();
}

void Translator::enter() {
  if (++depth_ > 200) lexer_.fail("chunk has too many syntax levels", token_.text, token_.line);
}

}  // namespace firedrill::lua
