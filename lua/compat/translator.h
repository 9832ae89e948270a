#pragma once

#include <cctype>
#include <cstdint>
#include <optional>
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
    int line = 0;  ///< where it begins; 0 is the chunk
    bool is_vararg = false;
    bool uses_dots = false;
    bool uses_arg = false;
    int loops = 0;
    int locals = 0;                       ///< that are in scope
    std::vector<std::size_t> upvalues{};  ///< indexes of locals_
    enum class Zero : std::uint8_t { none, positive, negative };
    Zero zero = Zero::none;  ///< how its constant 0 is spelt: there is one, 0 or -0
  };
  struct Local {
    std::string name;
    std::size_t function;  ///< how many functions are open around it
    bool is_arg = false;   ///< the `arg` that 5.1 makes for "..."
  };

  // --- Tokens and text ---------------------------------------------------------------------------

  std::string& out() { return result_.text; }

  void advance();
  void look_ahead();

  [[noreturn]] void fail(std::string_view what) { lexer_.fail(what, token_.shown(), token_.line); }
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

  void declare(std::string name);
  /// Leaves the scopes of all locals but the first `count`.
  void forget_locals(std::size_t count);
  /// Index of the local that `name` means; locals_.size() for a global.
  std::size_t find_local(std::string_view name) const;
  /// Notes that the innermost function, and those around it up to the local's, use it.
  void note_upvalue(std::size_t local);
  [[noreturn]] void too_many(const Function& function, int limit, std::string_view what);

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

  /// A bound of a numeric for, as it was written.
  struct Bound {
    std::size_t start;  ///< where its text begins
    std::size_t end;
    std::optional<double> literal;
  };
  Bound for_bound();
  void for_statement();
  void numeric_for();
  void function_statement();
  /// The name of a field or method, emitted so that 5.4 takes it; `separator` is "." or ":".
  std::string field_name(std::string_view separator);
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
  /// A binary operator that becomes a call of `helper`.
  void rewritten(std::size_t start, const Target& first, std::string_view helper, int limit);
  /// The helper for a binary operator, or nothing.
  std::string_view helper_for(std::string_view symbol) const;
  Target simple();
  void number(bool is_index);
  /// A number as 5.4 source that is a float.
  static std::string float_literal(double value);
  void string();
  static std::string literal(std::string_view value);
  void table();

  /// "[ ... ]", and the name of the field, if it is a constant.
  std::string index();
  Target plain_name();
  Target primary();
  Target suffixed();
  void arguments();
  /// obj:name(...) of a name that 5.4 does not take.
  void reserved_method(std::size_t start, const Target& object);
  void zero(bool is_negated);
  void function_body(bool is_method, int line, bool writes_self = false);
  void parameters();
  void enter();
  void leave() { --depth_; }

  Lexer lexer_;
  bool has_length_;      ///< "__len" stands in the source
  bool has_comparison_;  ///< "__eq", "__lt" or "__le" does
  Token token_;
  Token ahead_;
  std::optional<SyntaxError> ahead_error_;  ///< in place of ahead_: raised as it is reached
  int last_line_ = 1;                       ///< of the token before token_
  int line_ = 1;                            ///< of the end of the text so far
  int depth_ = 0;
  std::vector<Local> locals_;
  std::vector<Function> functions_;
  Translation result_;
};

}  // namespace firedrill::lua
