#include "lua/compat/translate.h"

#include <algorithm>

#include "lua/compat/translator.h"

namespace firedrill::lua {

Translator::Translator(std::string_view source, std::string_view chunk_name)
    : lexer_(source, chunk_name) {
  token_ = lexer_.next();
  ahead_ = lexer_.next();
}

Translation Translator::run() {
  functions_.push_back({.is_vararg = true});
  block();
  if (token_.kind != Token::Kind::end) expected("<eof>");
  return std::move(result_);
}

void Translator::advance() {
  last_line_ = token_.line;
  token_ = std::move(ahead_);
  ahead_ = lexer_.next();
}

void Translator::emit(std::string_view text) {
  for (; line_ < token_.line; ++line_) out() += '\n';
  const char before = out().empty() ? ' ' : out().back();
  const bool would_join = word_part(before) && word_part(text.front());
  if (would_join || (before == '-' && text.front() == '-') || (before == '.' && text == "..."))
    out() += ' ';
  out() += text;
}

void Translator::copy() {
  emit(token_.text);
  advance();
}

bool Translator::copy_if(std::string_view word) {
  if (!token_.is(word)) return false;
  copy();
  return true;
}

void Translator::copy_expected(std::string_view word) {
  if (!copy_if(word)) expected(word);
}

void Translator::copy_closing(std::string_view word, std::string_view opening, int line) {
  if (copy_if(word)) return;
  if (line == token_.line) expected(word);
  fail("'" + std::string(word) + "' expected (to close '" + std::string(opening) + "' at line " +
       std::to_string(line) + ")");
}

std::string Translator::name() {
  if (token_.kind != Token::Kind::name) fail("'<name>' expected");
  return std::string(token_.text);
}

Target::Kind Translator::kind_of(std::string_view name) const {
  for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
    if (local->name != name) continue;
    return local->function == functions_.size() ? Target::Kind::local : Target::Kind::upvalue;
  }
  return Target::Kind::global;
}

bool Translator::at_block_end() const {
  return token_.kind == Token::Kind::end || token_.is("else") || token_.is("elseif") ||
         token_.is("end") || token_.is("until");
}

void Translator::statements() {
  bool is_last = false;
  while (!is_last && !at_block_end()) {
    is_last = statement();
    if (copy_if(";")) continue;
    out() += ' ';
  }
}

void Translator::block() {
  enter();
  const std::size_t scope = locals_.size();
  statements();
  locals_.resize(scope, Local{});
  leave();
}

bool Translator::statement() {
  if (token_.is("if")) return if_statement(), false;
  if (token_.is("while")) return while_statement(), false;
  if (token_.is("do")) return do_statement(), false;
  if (token_.is("for")) return for_statement(), false;
  if (token_.is("repeat")) return repeat_statement(), false;
  if (token_.is("function")) return function_statement(), false;
  if (token_.is("local")) return local_statement(), false;
  if (token_.is("return")) return return_statement(), true;
  if (token_.is("break")) return break_statement(), true;
  return expression_statement(), false;
}

void Translator::if_statement() {
  const int line = token_.line;
  copy();
  expression();
  copy_expected("then");
  block();
  while (token_.is("elseif")) {
    copy();
    expression();
    copy_expected("then");
    block();
  }
  if (copy_if("else")) block();
  copy_closing("end", "if", line);
}

void Translator::loop_body() {
  result_.may_run_long = true;
  ++functions_.back().loops;
  block();
  --functions_.back().loops;
}

void Translator::while_statement() {
  const int line = token_.line;
  copy();
  expression();
  copy_expected("do");
  loop_body();
  copy_closing("end", "while", line);
}

void Translator::do_statement() {
  const int line = token_.line;
  copy();
  block();
  copy_closing("end", "do", line);
}

void Translator::repeat_statement() {
  const int line = token_.line;
  result_.may_run_long = true;
  copy();
  ++functions_.back().loops;
  const std::size_t scope = locals_.size();
  statements();
  copy_closing("until", "repeat", line);
  expression();  // sees the body's locals
  locals_.resize(scope, Local{});
  --functions_.back().loops;
}

void Translator::for_bound() {
  const std::size_t start = out().size();
  const bool literal = token_.kind == Token::Kind::number;
  expression();
  if (literal) return;
  out().insert(start, std::string(" ") + std::string(kReserved) + "num(");
  out() += ')';
}

void Translator::for_statement() {
  const int line = token_.line;
  copy();
  const std::size_t scope = locals_.size();
  std::vector<std::string> names{name()};
  emit(spelt(names.back()));
  advance();
  if (token_.is("=")) {
    copy();
    for_bound();
    copy_expected(",");
    for_bound();
    if (copy_if(",")) for_bound();
  } else if (token_.is(",") || token_.is("in")) {
    while (copy_if(",")) {
      names.push_back(name());
      emit(spelt(names.back()));
      advance();
    }
    copy_expected("in");
    expressions();
  } else {
    fail("'=' or 'in' expected");
  }
  copy_expected("do");
  for (auto& each : names) declare(std::move(each));
  loop_body();
  locals_.resize(scope, Local{});
  copy_closing("end", "for", line);
}

void Translator::function_statement() {
  const int line = token_.line;
  copy();
  out() += ' ';
  const std::size_t start = out().size();
  Target target = plain_name();
  bool is_method = false;
  while (token_.is(".") || token_.is(":")) {
    is_method = token_.is(":");
    copy();
    target = {Target::Kind::field, name()};
    copy();
    if (is_method) break;
  }
  if (target.kind == Target::Kind::global) refuse_assignment(start);
  function_body(is_method, line);
}

void Translator::local_statement() {
  copy();
  if (token_.is("function")) {
    const int line = token_.line;
    copy();
    const std::string own = name();
    emit(spelt(own));
    advance();
    declare(own);
    function_body(false, line);
    return;
  }
  std::vector<std::string> names;
  do {
    names.push_back(name());
    emit(spelt(names.back()));
    advance();
  } while (copy_if(","));
  if (copy_if("=")) expressions();
  for (auto& each : names) declare(std::move(each));
}

void Translator::return_statement() {
  copy();
  if (!at_block_end() && !token_.is(";")) expressions();
}

void Translator::break_statement() {
  copy();
  if (functions_.back().loops == 0) fail("no loop to break");
}

void Translator::expression_statement() {
  std::size_t start = out().size();
  Target target = suffixed();
  if (target.kind == Target::Kind::call) return;
  for (;;) {
    if (!target.assignable()) fail("syntax error");
    if (target.kind == Target::Kind::global) refuse_assignment(start);
    if (!token_.is(",")) break;
    copy();
    start = out().size();
    target = suffixed();
  }
  copy_expected("=");
  expressions();
}

void Translator::refuse_assignment(std::size_t start) {
  start = std::min(out().find_first_not_of(" \n;", start), out().size());
  out().insert(start, std::string(kReserved) + "ro.");
}

std::expected<Translation, std::string> translate(std::string_view source,
                                                  std::string_view chunk_name) {
  try {
    return Translator(source, chunk_name).run();
  } catch (const SyntaxError& error) {
    return std::unexpected(error.message);
  }
}

}  // namespace firedrill::lua
