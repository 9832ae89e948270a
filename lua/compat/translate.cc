#include "lua/compat/translate.h"

#include <algorithm>

#include "lua/compat/number_text.h"
#include "lua/compat/translator.h"

namespace firedrill::lua {

Translator::Translator(std::string_view source, std::string_view chunk_name)
    : lexer_(source, chunk_name),
      has_length_(source.contains("__len")),
      has_comparison_(source.contains("__eq") || source.contains("__lt") ||
                      source.contains("__le")) {}

Translation Translator::run() {
  token_ = lexer_.next();
  look_ahead();
  functions_.push_back({.is_vararg = true});
  block();
  if (token_.kind != Token::Kind::end) expected("<eof>");
  return std::move(result_);
}

void Translator::advance() {
  last_line_ = token_.line;
  if (ahead_error_) throw SyntaxError(*ahead_error_);
  token_ = std::move(ahead_);
  look_ahead();
}

void Translator::look_ahead() {
  try {
    ahead_ = lexer_.next();
  } catch (const SyntaxError& error) {
    ahead_ = Token{};
    ahead_error_ = error;
  }
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

void Translator::declare(std::string name) {
  constexpr int kMost = 200;
  Function& function = functions_.back();
  if (++function.locals > kMost) too_many(function, kMost, "local variables");
  locals_.push_back({std::move(name), functions_.size()});
}

void Translator::forget_locals(std::size_t count) {
  for (; locals_.size() > count; locals_.pop_back()) {
    if (locals_.back().function <= functions_.size()) {
      --functions_[locals_.back().function - 1].locals;
    }
  }
}

void Translator::too_many(const Function& function, int limit, std::string_view what) {
  const std::string where =
      function.line == 0 ? "main function" : "function at line " + std::to_string(function.line);
  lexer_.fail(where + " has more than " + std::to_string(limit) + " " + std::string(what),
              token_.line);
}

std::size_t Translator::find_local(std::string_view name) const {
  for (std::size_t i = locals_.size(); i-- > 0;) {
    if (locals_[i].name == name) return i;
  }
  return locals_.size();
}

void Translator::note_upvalue(std::size_t local) {
  constexpr std::size_t kMost = 60;
  for (std::size_t i = locals_[local].function; i < functions_.size(); ++i) {
    Function& function = functions_[i];
    auto& known = function.upvalues;
    if (std::find(known.begin(), known.end(), local) != known.end()) continue;
    known.push_back(local);
    if (known.size() > kMost) too_many(function, kMost, "upvalues");
  }
}

Target::Kind Translator::kind_of(std::string_view name) const {
  const std::size_t local = find_local(name);
  if (local == locals_.size()) return Target::Kind::global;
  return locals_[local].function == functions_.size() ? Target::Kind::local : Target::Kind::upvalue;
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
  forget_locals(scope);
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
  forget_locals(scope);
  --functions_.back().loops;
}

Translator::Bound Translator::for_bound() {
  const std::size_t start = out().size();
  expression();
  std::string text;
  for (const char c : std::string_view(out()).substr(start)) {
    if (c != ' ' && c != '\n') text += c;
  }
  const bool plain = text.find_first_not_of("0123456789.e+-") == text.npos;
  return {start, out().size(), plain ? parse_number(text) : std::nullopt};
}

/// Where the step is a literal other than 0, 5.4's own loop serves; else _FD_for gives an iterator.
/// A bound that is no literal goes through _FD_num, which takes "3" and NaN as 5.1 does, and begins
/// where 5.1 begins: at initial - step + step.
void Translator::numeric_for() {
  const std::size_t equals = out().size();
  copy();
  const Bound first = for_bound();
  copy_expected(",");
  const Bound last = for_bound();
  std::optional<double> step = 1;
  if (copy_if(",")) {
    const Bound given = for_bound();
    step = given.literal;
    if (!step || *step == 0) {
      out().insert(given.start, "(");
      out() += "))";
      out().replace(out().find('=', equals), 1, " in " + std::string(kReserved) + "for(");
      return;
    }
  }
  // The later one first, so that the place of the earlier one stays.
  const auto wrap_bound = [&](const Bound& bound, const std::string& more) {
    out().insert(bound.end, "," + more + ")");
    out().insert(bound.start, " " + std::string(kReserved) + "num(");
  };
  if (!last.literal) wrap_bound(last, *step > 0 ? "-1e999,0.0" : "1e999,0.0");
  const bool is_exact = first.literal && (*first.literal - *step) + *step == *first.literal;
  if (!is_exact) wrap_bound(first, (*step > 0 ? "1e999," : "-1e999,") + float_literal(*step));
}

void Translator::for_statement() {
  const int line = token_.line;
  copy();
  const std::size_t scope = locals_.size();
  std::vector<std::string> names{name()};
  emit(spelt(names.back()));
  advance();
  if (token_.is("=")) {
    numeric_for();
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
  for (int i = 0; i < 3; ++i) declare("(for)");  // 5.1's own, which count
  for (auto& each : names) declare(std::move(each));
  loop_body();
  forget_locals(scope);
  copy_closing("end", "for", line);
}

std::string Translator::field_name(std::string_view separator) {
  std::string field = name();
  emit(reserved(field) ? "[\"" + field + "\"]" : std::string(separator) + field);
  advance();
  return field;
}

void Translator::function_statement() {
  const int line = token_.line;
  copy();
  const std::size_t keyword = out().size() - std::string_view("function").size();
  out() += ' ';
  const std::size_t start = out().size();
  Target target = plain_name();
  bool is_method = false;
  bool as_assignment = false;
  while (!is_method && (token_.is(".") || token_.is(":"))) {
    const std::string separator(token_.text);
    is_method = token_.is(":");
    advance();
    as_assignment = as_assignment || reserved(name());
    // A method's last name may turn out to be one that only an assignment can have.
    target = {Target::Kind::field, field_name(is_method && as_assignment ? "." : separator)};
  }
  if (target.kind == Target::Kind::global) refuse_assignment(start);
  if (as_assignment) {
    out().erase(keyword, std::string_view("function").size());
    out() += "=function";
  }
  function_body(is_method, line, as_assignment);
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
