#pragma once

#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lua/compat/lexer.h"
#include "lua/compat/translate.h"

namespace firedrill::lua {

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

/// Parses Lua 5.1 by recursive descent and writes Lua 5.4 as it goes; throws SyntaxError.
class Translator {
 public:
  Translator(std::string_view source, std::string_view chunk_name);

  Translation run();

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

  void advance();

  [[noreturn]] void fail(std::string_view what) { lexer_.fail(what, token_.text, token_.line); }
  [[noreturn]] void expected(std::string_view what) {
    fail("'" + std::string(what) + "' expected");
  }
  [[noreturn]] void unexpected() { fail("unexpected symbol"); }

  /// Text that belongs to the current token's line.
  void emit(std::string_view text);
  static bool word_part(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  }

  /// Emits the current token as it stands, and goes on.
  void copy();

  bool copy_if(std::string_view word);

  void copy_expected(std::string_view word);

  /// The `end` (or ')', ...) of what began with `opening` at `line`.
  void copy_closing(std::string_view word, std::string_view opening, int line);

  std::string name();

  static bool reserved(std::string_view name) {
    return name == "goto" || name.starts_with(kReserved);
  }
  static std::string spelt(const std::string& name) {
    return reserved(name) ? std::string(kReserved) + "x_" + name : name;
  }

  // --- Scopes ------------------------------------------------------------------------------------

  Target::Kind kind_of(std::string_view name) const;

  void declare(std::string name) { locals_.push_back({std::move(name), functions_.size()}); }

  // --- Statements --------------------------------------------------------------------------------

  bool at_block_end() const;
  void statements();
  void block();

  /// True where it must be the last one of its block.
  bool statement();
  void if_statement();
  void loop_body();
  void while_statement();
  void do_statement();
  void repeat_statement();

  /// A bound of a numeric for: Lua 5.1 takes a string that spells a number.
  void for_bound();
  void for_statement();
  void function_statement();
  void local_statement();
  void return_statement();
  void break_statement();
  void expression_statement();

  /// The global whose name stands at `start` becomes a field that refuses it.
  void refuse_assignment(std::size_t start);

  // --- Expressions -------------------------------------------------------------------------------

  void expressions();
  void expression() { expression(0); }

  /// An expression whose binary operators bind tighter than `limit`. What it is, where it is one
  /// suffixed expression and nothing more.
  Target expression(int limit);
  Target operand();

  /// Makes what was emitted since `start` the further arguments of a call of `helper`.
  void wrap(std::size_t start, std::string_view helper, std::string_view names);

  /// The operand of a rewritten operator; its name, if it has one. `is_last`: in parentheses, so
  /// that a function there does not spread its results over the call.
  std::string helper_operand(int limit, bool* is_last);
  void concatenation(std::size_t start, const Target& first);
  void modulo(std::size_t start, const Target& first);
  Target simple();
  void number(bool is_index);
  void string();
  static std::string literal(std::string_view value);
  void table();

  /// "[ ... ]", and the name of the field, if it is a constant.
  std::string index();
  Target plain_name();
  Target primary();
  Target suffixed();
  void arguments();
  void function_body(bool is_method, int line);
  void enter();
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

}  // namespace firedrill::lua
