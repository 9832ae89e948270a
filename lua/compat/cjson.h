#pragma once

#include <lua.hpp>

namespace firedrill::lua {

/// What the configuring functions of one cjson module have set.
struct CjsonSettings {
  int encode_sparse_convert = 0;
  int encode_sparse_ratio = 2;
  int encode_sparse_safe = 10;
  int encode_max_depth = 1000;
  int encode_invalid_numbers = 0;  ///< 0 an error, 1 as printf has them, 2 null
  int encode_number_precision = 14;
  int encode_keep_buffer = 1;
  int decode_invalid_numbers = 1;
  int decode_max_depth = 1000;
};

/// The settings of the module whose function runs: its first upvalue.
CjsonSettings& cjson_settings(lua_State* state);

int cjson_encode(lua_State* state);
int cjson_decode(lua_State* state);

}  // namespace firedrill::lua
