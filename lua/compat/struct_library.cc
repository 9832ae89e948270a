#include <cctype>
#include <climits>
#include <cstdint>
#include <cstring>
#include <string>

#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

constexpr std::size_t kMaxIntegerSize = 32;
constexpr int kMaxAlignment = 8;

/// A format as it is read: where it is, and what its options have set.
struct Format {
  lua_State* state;
  const char* at;
  bool is_big_endian = false;
  std::size_t alignment = 1;

  /// The number that stands here, or `otherwise`.
  int number(int otherwise) {
    if (!std::isdigit(static_cast<unsigned char>(*at))) return otherwise;
    int value = 0;
    do {
      const int digit = *at - '0';
      if (value > INT_MAX / 10 || value * 10 > INT_MAX - digit) {
        luaL_error(state, "integral size overflow");
      }
      value = value * 10 + digit;
      ++at;
    } while (std::isdigit(static_cast<unsigned char>(*at)));
    return value;
  }

  /// How many bytes an item of kind `option` takes; reads its size.
  std::size_t size_of(char option) {
    switch (option) {
      case 'B':
      case 'b':
      case 'x': return 1;
      case 'H':
      case 'h': return 2;
      case 'f': return 4;
      case 'L':
      case 'l':
      case 'T':
      case 'd': return 8;
      case 'c': return static_cast<std::size_t>(number(1));
      case 'i':
      case 'I': {
        const int size = number(4);
        if (size > static_cast<int>(kMaxIntegerSize)) {
          luaL_error(state, "integral size %d is larger than limit of %d", size,
                     static_cast<int>(kMaxIntegerSize));
        }
        return static_cast<std::size_t>(size);
      }
      default: return 0;
    }
  }

  /// How many bytes stand before an item, so that it is aligned.
  std::size_t padding(std::size_t position, char option, std::size_t size) const {
    if (size == 0 || option == 'c') return 0;
    if (size > alignment) size = alignment;
    return (size - (position & (size - 1))) & (size - 1);
  }

  /// An option that is no item.
  void control(char option) {
    switch (option) {
      case ' ': return;
      case '>': is_big_endian = true; return;
      case '<': is_big_endian = false; return;
      case '!': {
        const int value = number(kMaxAlignment);
        if (value <= 0 || (value & (value - 1)) != 0) {
          luaL_error(state, "alignment %d is not a power of 2", value);
        }
        alignment = static_cast<std::size_t>(value);
        return;
      }
      default:
        luaL_argerror(state, 1, lua_pushfstring(state, "invalid format option '%c'", option));
    }
  }
};

bool is_integer(char option) {
  return option != '\0' && std::strchr("bBhHlLTiI", option) != nullptr;
}

void append_integer(std::string& out, std::uint64_t bits, std::size_t size, bool is_big_endian) {
  char bytes[kMaxIntegerSize];
  for (std::size_t i = 0; i < size; ++i) {
    bytes[is_big_endian ? size - 1 - i : i] = static_cast<char>(bits & 0xFF);
    bits >>= 8;
  }
  out.append(bytes, size);
}

double read_integer(const char* bytes, std::size_t size, bool is_big_endian, bool is_signed) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const char byte = bytes[is_big_endian ? i : size - 1 - i];
    bits = (bits << 8) | static_cast<unsigned char>(byte);
  }
  if (!is_signed) return static_cast<double>(bits);
  const std::uint64_t sign_and_above = ~std::uint64_t{0} << ((size * 8 - 1) & 63);
  if (bits & sign_and_above) bits |= sign_and_above;
  return static_cast<double>(static_cast<std::int64_t>(bits));
}

/// A float or double's bytes, turned round where the format says so.
template <class Real>
void append_real(std::string& out, Real value, bool is_big_endian) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out += bytes[is_big_endian ? sizeof value - 1 - i : i];
  }
}

template <class Real>
double read_real(const char* bytes, bool is_big_endian) {
  char ordered[sizeof(Real)];
  for (std::size_t i = 0; i < sizeof ordered; ++i) {
    ordered[i] = bytes[is_big_endian ? sizeof ordered - 1 - i : i];
  }
  Real value;
  std::memcpy(&value, ordered, sizeof value);
  return static_cast<double>(value);
}

/// Appends the text at `index` as a cN or s item; how many bytes that took.
std::size_t append_text(lua_State* state, std::string& out, char option, std::size_t size,
                        int index) {
  const std::string_view text = check_text(state, index);
  if (size == 0) size = text.size();
  luaL_argcheck(state, text.size() >= size, index + 1, "string too short");
  out.append(text.substr(0, size));
  if (option != 's') return size;
  out += '\0';
  return size + 1;
}

int struct_pack(lua_State* state) {
  Format format{state, check_text(state, 1).data()};
  int argument = 2;
  std::size_t total = 0;
  lua_pushnil(state);  // what an argument that is missing is taken for
  std::string& out = Sandbox::of(state).scratch().text;
  out.clear();
  while (*format.at != '\0') {
    const char option = *format.at++;
    std::size_t size = format.size_of(option);
    const std::size_t padding = format.padding(total, option, size);
    total += padding;
    out.append(padding, '\0');
    if (is_integer(option)) {
      append_integer(out, whole_bits(check_number(state, argument++)), size, format.is_big_endian);
    } else if (option == 'x') {
      out += '\0';
    } else if (option == 'f') {
      append_real(out, static_cast<float>(check_number(state, argument++)), format.is_big_endian);
    } else if (option == 'd') {
      append_real(out, check_number(state, argument++), format.is_big_endian);
    } else if (option == 'c' || option == 's') {
      size = append_text(state, out, option, size, argument++);
    } else {
      format.control(option);
    }
    total += size;
  }
  push_text(state, out);
  return 1;
}

/// Reads items one by one, pushing each.
class Unpacker {
 public:
  Unpacker(lua_State* state, const char* format, std::string_view data, std::size_t position)
      : state_(state), format_{state, format}, data_(data), position_(position) {}

  int run() {
    while (*format_.at != '\0') item(*format_.at++);
    push_whole(state_, static_cast<lua_Integer>(position_) + 1);
    return count_ + 1;
  }

 private:
  void need(std::size_t size) {
    luaL_argcheck(state_, size <= data_.size() && position_ <= data_.size() - size, 2,
                  "data string too short");
  }

  void push(double number) {
    lua_pushnumber(state_, number);
    ++count_;
  }

  void item(char option) {
    std::size_t size = format_.size_of(option);
    position_ += format_.padding(position_, option, size);
    need(size);
    check_stack(state_, 2, "too many results");
    const char* bytes = data_.data() + position_;
    const bool big = format_.is_big_endian;
    if (is_integer(option)) {
      push(read_integer(bytes, size, big, std::islower(static_cast<unsigned char>(option)) != 0));
    } else if (option == 'f') {
      push(read_real<float>(bytes, big));
    } else if (option == 'd') {
      push(read_real<double>(bytes, big));
    } else if (option == 'c') {
      if (size == 0) size = size_before();
      push_bytes(size);
    } else if (option == 's') {
      size = push_terminated();
    } else if (option != 'x') {
      format_.control(option);
    }
    position_ += size;
  }

  /// The number that was read last, which c0 takes off as the size.
  std::size_t size_before() {
    double size = 0;
    if (count_ == 0 || !to_number(state_, -1, &size)) {
      luaL_error(state_, "format 'c0' needs a previous size");
    }
    lua_pop(state_, 1);
    --count_;
    need(whole_bits(size));
    return whole_bits(size);
  }

  void push_bytes(std::size_t size) {
    push_text(state_, data_.substr(position_, size));
    ++count_;
  }

  std::size_t push_terminated() {
    const std::size_t end = data_.find('\0', position_);
    if (end == data_.npos) luaL_error(state_, "unfinished string in data");
    push_bytes(end - position_);
    return end - position_ + 1;
  }

  lua_State* state_;
  Format format_;
  std::string_view data_;
  std::size_t position_;
  int count_ = 0;
};

int struct_unpack(lua_State* state) {
  const char* format = check_text(state, 1).data();
  const std::string_view data = check_text(state, 2);
  const auto position = static_cast<std::size_t>(optional_whole(state, 3, 1));
  luaL_argcheck(state, position > 0, 3, "offset must be 1 or greater");
  return Unpacker(state, format, data, position - 1).run();
}

int struct_size(lua_State* state) {
  Format format{state, check_text(state, 1).data()};
  std::size_t total = 0;
  while (*format.at != '\0') {
    const char option = *format.at++;
    const std::size_t size = format.size_of(option);
    total += format.padding(total, option, size);
    if (option == 's') luaL_argerror(state, 1, "option 's' has no fixed size");
    if (option == 'c' && size == 0) luaL_argerror(state, 1, "option 'c0' has no fixed size");
    if (!std::isalnum(static_cast<unsigned char>(option))) format.control(option);
    total += size;
  }
  push_whole(state, static_cast<lua_Integer>(total));
  return 1;
}

}  // namespace

void push_struct_library(lua_State* state) {
  constexpr luaL_Reg kFunctions[] = {
      {"pack", struct_pack}, {"size", struct_size}, {"unpack", struct_unpack}, {nullptr, nullptr}};
  luaL_newlib(state, kFunctions);
}

}  // namespace firedrill::lua
