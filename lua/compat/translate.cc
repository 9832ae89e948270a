#include "lua/compat/translate.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "lua/compat/lexer.h"

namespace firedrill::lua {

namespace {

/// What a suffixed expression turned out to be.
struct Target {
  enum class Kind : std::uint8_t { global, local, upvalue, field, method, call, other };
  Kind kind = Kind::other;
  std::string name;

  bool assignable() const {
    return kind == Kind::global || kind == Kind::local || kind == Kind::upvalue ||
           kind == Kind::field;
  }
  std::string describe() const {
    switch (kind) {
      case Kind::global: return "global '" + name + "'";
      case Kind::local: return "local '" + name + "'";
      case Kind::upvalue: return "upvalue '" + name + "'";
      case Kind::field: return "field '" + name + "'";
      default: return {};
    }
  }
};

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

class Translator {
 public:
  Translator(std::string_view source, std::string_view chunk_name) : lexer_(source, chunk_name) {
    token_ = lexer_.next();
    ahead_ = lexer_.next();
  }

  Translation run() {
    functions_.push_back({.is_vararg = true});
    block();
    if (token_.kind != Token::Kind::end) expected("<eof>");
    return std::move(result_);
  }

 private:
  struct Function {
    bool is_vararg = false;
    bool uses_dots = false;
    bool uses_arg = false;
    int loops = 0;
  };
  struct Local {
    std::string name;
    std::size_t function;
  };

  // --- Tokens and text ---------------------------------------------------------------------------

  std::string& out() { return result_.text; }

  void advance() {
    last_line_ = token_.line;
    token_ = std::move(ahead_);
    ahead_ = lexer_.next();
  }

  [[noreturn]] void fail(std::string_view what) { lexer_.fail(what, token_.text, token_.line); }
  [[noreturn]] void expected(std::string_view what) {
    fail("'" + std::string(what) + "' expected");
  }
  [[noreturn]] void unexpected() { fail("unexpected symbol"); }

  /// Text that belongs to the current token's line.
  void emit(std::string_view text) {
    for (; line_ < token_.line; ++line_) out() += '\n';
    const char before = out().empty() ? ' ' : out().back();
    const bool would_join = word_part(before) && word_part(text.front());
    if (would_join || (before == '-' && text.front() == '-') || (before == '.' && text == "..."))
      out() += ' ';
    out() += text;
  }
  static bool word_part(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  }

  /// Emits the current token as it stands, and goes on.
  void copy() {
    emit(token_.text);
    advance();
  }

  bool copy_if(std::string_view word) {
    if (!token_.is(word)) return false;
    copy();
    return true;
  }

  void copy_expected(std::string_view word) {
    if (!copy_if(word)) expected(word);
  }

  /// The `end` (or ')', ...) of what began with `opening` at `line`.
  void copy_closing(std::string_view word, std::string_view opening, int line) {
    if (copy_if(word)) return;
    if (line == token_.line) expected(word);
    fail("'" + std::string(word) + "' expected (to close '" + std::string(opening) + "' at line " +
         std::to_string(line) + ")");
  }

  std::string name() {
    if (token_.kind != Token::Kind::name) fail("'<name>' expected");
    return std::string(token_.text);
  }

  static bool reserved(std::string_view name) {
    return name == "goto" || name.starts_with(kReserved);
  }
  static std::string spelt(const std::string& name) {
    return reserved(name) ? std::string(kReserved) + "x_" + name : name;
  }

  // --- Scopes ------------------------------------------------------------------------------------

  Target::Kind kind_of(std::string_view name) const {
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
      if (local->name != name) continue;
      return local->function == functions_.size() ? Target::Kind::local : Target::Kind::upvalue;
    }
    return Target::Kind::global;
  }

  void declare(std::string name) { locals_.push_back({std::move(name), functions_.size()}); }

  // --- Statements --------------------------------------------------------------------------------

  bool at_block_end() const {
    return token_.kind == Token::Kind::end || token_.is("else") || token_.is("elseif") ||
           token_.is("end") || token_.is("until");
  }

  void statements() {
    bool is_last = false;
    while (!is_last && !at_block_end()) {
      is_last = statement();
      if (copy_if(";")) continue;
      out() += ' ';
    }
  }

  void block() {
    enter();
    const std::size_t scope = locals_.size();
    statements();
    locals_.resize(scope, Local{});
    leave();
  }

  /// True where it must be the last one of its block.
  bool statement() {
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

  void if_statement() {
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

  void loop_body() {
    result_.may_run_long = true;
    ++functions_.back().loops;
    block();
    --functions_.back().loops;
  }

  void while_statement() {
    const int line = token_.line;
    copy();
    expression();
    copy_expected("do");
    loop_body();
    copy_closing("end", "while", line);
  }

  void do_statement() {
    const int line = token_.line;
    copy();
    block();
    copy_closing("end", "do", line);
  }

  void repeat_statement() {
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

  /// A bound of a numeric for: Lua 5.1 takes a string that spells a number.
  void for_bound() {
    const std::size_t start = out().size();
    const bool literal = token_.kind == Token::Kind::number;
    expression();
    if (literal) return;
    out().insert(start, std::string(" ") + std::string(kReserved) + "num(");
    out() += ')';
  }

  void for_statement() {
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

  void function_statement() {
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

  void local_statement() {
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

  void return_statement() {
    copy();
    if (!at_block_end() && !token_.is(";")) expressions();
  }

  void break_statement() {
    copy();
    if (functions_.back().loops == 0) fail("no loop to break");
  }

  void expression_statement() {
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

  /// The global whose name stands at `start` becomes a field that refuses it.
  void refuse_assignment(std::size_t start) {
    start = std::min(out().find_first_not_of(" \n;", start), out().size());
    out().insert(start, std::string(kReserved) + "ro.");
  }

  // --- Expressions -------------------------------------------------------------------------------

  void expressions() {
    do {
      expression();
    } while (copy_if(","));
  }

  void expression() { expression(0); }

  /// An expression whose binary operators bind tighter than `limit`. What it is, where it is one
  /// suffixed expression and nothing more.
  Target expression(int limit) {
    enter();
    out() += ' ';
    const std::size_t start = out().size();
    Target target = operand();
    for (;;) {
      const Priority* priority = binary();
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

  const Priority* binary() const {
    if (token_.kind != Token::Kind::symbol && token_.kind != Token::Kind::keyword) return nullptr;
    for (const Priority& priority : kBinary) {
      if (token_.text == priority.symbol) return &priority;
    }
    return nullptr;
  }

  Target operand() {
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

  /// Makes what was emitted since `start` the further arguments of a call of `helper`.
  void wrap(std::size_t start, std::string_view helper, std::string_view names) {
    std::string call(kReserved);
    call.append(helper).append("(").append(literal(names)).append(",");
    out().insert(start, call);
    out() += ')';
  }

  /// The operand of a rewritten operator; its name, if it has one. `is_last`: in parentheses, so
  /// that a function there does not spread its results over the call.
  std::string helper_operand(int limit, bool* is_last) {
    const std::size_t start = out().size();
    const Target target = expression(limit);
    *is_last = !token_.is("..") || limit != kTighterThanConcat;
    if (*is_last) {
      out().insert(start, "(");
      out() += ')';
    }
    return target.describe();
  }

  void concatenation(std::size_t start, const Target& first) {
    std::string names = first.describe();
    for (bool is_last = false; !is_last;) {
      emit(",");
      advance();
      names.append("\n").append(helper_operand(kTighterThanConcat, &is_last));
    }
    wrap(start, "cat", names);
  }

  void modulo(std::size_t start, const Target& first) {
    emit(",");
    advance();
    bool is_last = false;
    const std::string second = helper_operand(kTighterThanProduct, &is_last);
    wrap(start, "mod", first.describe() + "\n" + second);
  }

  Target simple() {
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

  void number(bool is_index) {
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

  void string() {
    emit(literal(token_.value));
    advance();
  }

  static std::string literal(std::string_view value) {
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

  void table() {
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

  /// "[ ... ]", and the name of the field, if it is a constant.
  std::string index() {
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

  Target plain_name() {
    const std::string own = name();
    if (own == "arg") functions_.back().uses_arg = true;
    if (own == "loadstring" || own == "load") result_.may_run_long = true;
    emit(spelt(own));
    advance();
    return {kind_of(own), own};
  }

  Target primary() {
    if (token_.kind == Token::Kind::name) return plain_name();
    if (!token_.is("(")) unexpected();
    const int line = token_.line;
    copy();
    expression();
    copy_closing(")", "(", line);
    return {};
  }

  Target suffixed() {
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

  void arguments() {
    if (token_.kind == Token::Kind::string) return string();
    if (token_.is("{")) return table();
    if (!token_.is("(")) fail("function arguments expected");
    const int line = token_.line;
    if (line != last_line_) fail("ambiguous syntax (function call x new statement)");
    copy();
    if (!token_.is(")")) expressions();
    copy_closing(")", "(", line);
  }

  void function_body(bool is_method, int line) {
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

  void enter() {
    if (++depth_ > 200) lexer_.fail("chunk has too many syntax levels", token_.text, token_.line);
  }
  void leave() { --depth_; }

  Lexer lexer_;
  Token token_;
  Token ahead_;
  int last_line_ = 1;  ///< of the token before token_
  int line_ = 1;       ///< of the end of the text so far
  int depth_ = 0;
  std::vector<Local> locals_;
  std::vector<Function> functions_;
  Translation result_;
};

}  // namespace

std::expected<Translation, std::string> translate(std::string_view source,
                                                  std::string_view chunk_name) {
  try {
    return Translator(source, chunk_name).run();
  } catch (const SyntaxError& error) {
    return std::unexpected(error.message);
  }
}

}  // namespace firedrill::lua
