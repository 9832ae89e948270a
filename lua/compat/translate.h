#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace firedrill::lua {

/// Lua 5.1 source as Lua 5.4 source that means the same, line for line.
struct Translation {
  std::string text;
  /// It has a loop or a function: only then can it run for long.
  bool may_run_long = false;
};

/// How names that the translation uses begin; a script's own names that begin so are renamed.
constexpr std::string_view kReserved = "_FD_";
/// What is put before such a name.
constexpr std::string_view kMangled = "_FD_x_";

/// What is rewritten, and why:
/// - Numerals become floats. In Lua 5.1 every number is a double; with float literals, float
///   results of every library function and of #, all arithmetic in the 5.4 machine is double
///   arithmetic. (An index such as KEYS[1] may stay an integer: tables do not tell the two apart.)
///   A function has one constant for 0 and -0, spelt as the first of them.
/// - a .. b .. c becomes _FD_cat(names, a, b, (c)): the 5.4 machine would write 5.0 for 5.
/// - a % b becomes _FD_mod(names, a, (b)): 5.1 computes a - floor(a/b)*b, which rounds otherwise.
///   `names` tells error messages what the operands are called: "local 'x'\nfield 'y'".
/// - #a becomes (0.0+#a); _FD_len(a) in a script that names __len, which 5.1 asks no table for.
/// - Comparisons become _FD_lt and so on in a script that names __eq, __lt or __le, for 5.1 wants
///   both operands to have the same.
/// - The bounds of a numeric for that are not literals go through _FD_num, for 5.1 takes "3" there,
///   and does nothing at NaN; where the step is none or 0, _FD_for gives an iterator.
/// - An assignment to a global becomes one to a field of _FD_ro, which refuses it.
/// - Names that 5.4 keeps for itself (goto), or this, are spelt otherwise; as fields and methods,
///   t["goto"] and _FD_self(names, t, "goto", ...).
/// - Strings are spelt anew, for 5.4 knows more escapes; `arg` is made where 5.1 would make it.
/// The error is Lua 5.1's own message: chunk, line, what is wrong, near what.
std::expected<Translation, std::string> translate(std::string_view source,
                                                  std::string_view chunk_name);

}  // namespace firedrill::lua
