#include "sim/postgres/session.h"

#include "sim/postgres/settings.h"

// What a session is told by SET, and random numbers that SET may seed.

namespace firedrill::sim::postgres {

std::string Session::setting(std::string_view name) const {
  if (name == "transaction_isolation" && is_open_) {
    return isolation_ == Isolation::serializable      ? "serializable"
           : isolation_ == Isolation::repeatable_read ? "repeatable read"
                                                      : "read committed";
  }
  if (name == "transaction_read_only" && is_open_) return is_read_only_ ? "on" : "off";
  const Setting* known = find_setting(name);
  const auto set = settings_.find(std::string(known != nullptr ? known->name : name));
  if (set != settings_.end()) return set->second;
  if (known != nullptr) {
    const auto configured = shared_.configured.find(std::string(known->name));
    if (configured != shared_.configured.end()) return configured->second;
  }
  if (known == nullptr) {
    fail(sqlstate::kUndefinedObject,
         "unrecognized configuration parameter \"" + std::string(name) + "\"");
  }
  return std::string(known->value);
}

std::string_view Session::plain_setting(std::string_view name) const {
  if (const auto set = settings_.find(name); set != settings_.end()) return set->second;
  const auto configured = shared_.configured.find(name);
  if (configured != shared_.configured.end()) return configured->second;
  const Setting* known = find_setting(name);
  check(known != nullptr, "a setting that there is");
  return known->value;
}

std::string Session::set_setting(std::string_view name, std::string_view value) {
  const Setting* known = find_setting(name);
  if (known == nullptr && name.find('.') == std::string_view::npos) {
    fail(sqlstate::kUndefinedObject,
         "unrecognized configuration parameter \"" + std::string(name) + "\"");
  }
  std::string kept(value);
  if (known != nullptr) kept = normal_value(*known, value);
  settings_[std::string(known != nullptr ? known->name : name)] = kept;
  return kept;
}

void Session::set(const PgQuery__VariableSetStmt& node, StatementResult& result) {
  result.tag = "SET";
  const std::string_view name = node.name;
  if (name == "role" || name == "session_authorization") unsupported("SET " + std::string(name));
  switch (node.kind) {
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI:
      if (name == "TRANSACTION") {
        warn_outside_block("SET TRANSACTION");
        set_characteristics({node.args, node.n_args});
        return;
      }
      for (std::size_t i = 0; i < node.n_args; ++i) {  // SESSION CHARACTERISTICS
        const PgQuery__DefElem& option = *node.args[i]->def_elem;
        const std::string option_name = "default_" + std::string(option.defname);
        const PgQuery__AConst& value = *option.arg->a_const;
        set_setting(option_name,
                    value.val_case == PG_QUERY__A__CONST__VAL_SVAL
                        ? std::string(value.sval->sval)
                        : (value.ival != nullptr && value.ival->ival != 0 ? "on" : "off"));
      }
      return;
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET:
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT:
      if (const Setting* known = find_setting(name)) settings_.erase(std::string(known->name));
      result.tag = node.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET ? "RESET" : "SET";
      return;
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL:
      settings_.clear();
      result.tag = "RESET";
      return;
    default: break;
  }
  std::string value;
  for (std::size_t i = 0; i < node.n_args; ++i) {
    if (i > 0) value += ", ";
    const PgQuery__Node* argument = node.args[i];
    if (argument->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) argument = argument->type_cast->arg;
    if (argument->node_case == PG_QUERY__NODE__NODE_PARAM_REF) {  // only this parser takes it
      fail(sqlstate::kSyntaxError,
           "syntax error at or near \"$" + std::to_string(argument->param_ref->number) + "\"");
    }
    if (argument->node_case != PG_QUERY__NODE__NODE_A_CONST) unsupported("this SET");
    const PgQuery__AConst& each = *argument->a_const;
    switch (each.val_case) {
      case PG_QUERY__A__CONST__VAL_SVAL: value += each.sval->sval; break;
      case PG_QUERY__A__CONST__VAL_FVAL: value += each.fval->fval; break;
      case PG_QUERY__A__CONST__VAL_IVAL: value += std::to_string(each.ival->ival); break;
      default: value += "0";
    }
  }
  if (name == "transaction_isolation") unsupported("SET transaction_isolation");
  if (node.is_local) warn_outside_block("SET LOCAL");
  set_setting(name, value);
  const Setting* known = find_setting(name);
  if (node.is_local) local_.emplace_back(known != nullptr ? known->name : name);
}

std::vector<std::pair<std::string, std::string>> Session::all_settings() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Setting& each : known_settings()) all.emplace_back(each.name, setting(each.name));
  return all;
}

void Session::show(const PgQuery__VariableShowStmt& node, StatementResult& result) {
  const std::string_view name = node.name;
  if (name == "all") unsupported("SHOW ALL");
  const Setting* known = find_setting(name);
  result.columns.push_back(
      {known != nullptr ? std::string(known->name) : std::string(name), Type{TypeId::text, -1}});
  result.rows.push_back({Value::of(setting(known != nullptr ? known->name : name))});
  result.returns_rows = true;
  result.tag = "SHOW";
}

double Session::random() {
  std::uint64_t& state = shared_.random_state;
  state ^= state << 13U;
  state ^= state >> 7U;
  state ^= state << 17U;
  constexpr double kScale = 1.0 / 9007199254740992.0;  // 2^-53
  return static_cast<double>(state >> 11U) * kScale;
}
void Session::seed_random(double seed) {
  shared_.random_state = static_cast<std::uint64_t>((seed + 2.0) * 1e15) | 1U;
}
std::string Session::random_uuid() {
  std::string bytes;
  for (int i = 0; i < 16; ++i) bytes += static_cast<char>(static_cast<int>(random() * 256));
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  return bytes;
}

}  // namespace firedrill::sim::postgres
