#include "sim/postgres/copy_options.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {

[[noreturn]] void refuse(std::string message) {
  fail(sqlstate::kFeatureNotSupported, std::move(message));
}
[[noreturn]] void invalid(std::string message, std::int32_t position = 0) {
  fail(sqlstate::kInvalidParameterValue, std::move(message), position);
}

/// As text, whatever it was written as; nothing: there is no argument.
std::optional<std::string> argument_of(const PgQuery__DefElem& option) {
  const PgQuery__Node* node = option.arg;
  if (node == nullptr) return std::nullopt;
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_STRING: return node->string->sval;
    case PG_QUERY__NODE__NODE_INTEGER: return std::to_string(node->integer->ival);
    case PG_QUERY__NODE__NODE_FLOAT: return node->float_->fval;
    case PG_QUERY__NODE__NODE_BOOLEAN: return node->boolean->boolval ? "true" : "false";
    case PG_QUERY__NODE__NODE_A_STAR: return "*";
    default: return std::nullopt;
  }
}

std::optional<bool> as_boolean(const std::optional<std::string>& argument) {
  if (!argument) return true;
  const std::string text = ascii_lower(*argument);
  if (text == "true" || text == "on" || text == "1") return true;
  if (text == "false" || text == "off" || text == "0") return false;
  return std::nullopt;
}

/// The options as they are given, before they are held against each other.
struct Given {
  std::optional<std::string> delimiter;
  std::optional<std::string> null;
  std::optional<std::string> quote;
  std::optional<std::string> escape;
};

class OptionReader {
 public:
  OptionReader(const ParseTree& tree, const PgQuery__CopyStmt& node)
      : tree_(tree), is_from_(node.is_from) {
    for (std::size_t i = 0; i < node.n_options; ++i) read(*node.options[i]->def_elem);
  }

  CopyOptions checked() {
    const bool csv = options_.is_csv;
    if (given_.delimiter && given_.delimiter->size() != 1) {
      refuse("COPY delimiter must be a single one-byte character");
    }
    options_.delimiter = given_.delimiter ? (*given_.delimiter)[0] : (csv ? ',' : '\t');
    options_.null = given_.null.value_or(csv ? "" : "\\N");
    check_lines();
    if (!csv && is_letter_of_text(options_.delimiter)) {
      invalid("COPY delimiter cannot be \"" + std::string(1, options_.delimiter) + "\"");
    }
    options_.quote = one_byte(given_.quote, "quote", '"');
    if (csv && options_.delimiter == options_.quote) {
      invalid("COPY delimiter and quote must be different");
    }
    options_.escape = one_byte(given_.escape, "escape", options_.quote);
    check_forced();
    if (options_.null.find(options_.delimiter) != std::string::npos) {
      refuse("COPY delimiter must not appear in the NULL specification");
    }
    if (csv && options_.null.find(options_.quote) != std::string::npos) {
      refuse("CSV quote character must not appear in the NULL specification");
    }
    return std::move(options_);
  }

 private:
  void read(const PgQuery__DefElem& option) {
    const std::string name = option.defname;
    const std::int32_t position = tree_.position(option.location);
    if (!seen_.insert(name).second) {
      fail(sqlstate::kSyntaxError, "conflicting or redundant options", position);
    }
    const std::optional<std::string> argument = argument_of(option);
    if (name == "format") {
      read_format(argument.value_or(""), position);
    } else if (name == "header") {
      read_header(argument);
    } else if (name == "freeze") {
      const auto freezes = as_boolean(argument);
      if (!freezes) fail(sqlstate::kSyntaxError, "freeze requires a Boolean value");
      options_.freezes = *freezes;
    } else if (name == "encoding") {
      read_encoding(argument, position);
    } else if (auto* text = text_of(name)) {
      if (!argument) fail(sqlstate::kSyntaxError, name + " requires a parameter");
      *text = *argument;
    } else if (auto* columns = columns_of(name)) {
      read_columns(option, *columns);
    } else {
      fail(sqlstate::kSyntaxError, "option \"" + name + "\" not recognized", position);
    }
  }

  std::optional<std::string>* text_of(std::string_view name) {
    return name == "delimiter" ? &given_.delimiter
           : name == "null"    ? &given_.null
           : name == "quote"   ? &given_.quote
           : name == "escape"  ? &given_.escape
                               : nullptr;
  }
  std::vector<std::string>* columns_of(std::string_view name) {
    return name == "force_quote"      ? &options_.force_quote
           : name == "force_not_null" ? &options_.force_not_null
           : name == "force_null"     ? &options_.force_null
                                      : nullptr;
  }

  void read_format(const std::string& format, std::int32_t position) {
    if (format == "binary") unsupported("COPY in the binary format", position);
    if (format != "text" && format != "csv") {
      invalid("COPY format \"" + format + "\" not recognized", position);
    }
    options_.is_csv = format == "csv";
  }

  void read_header(const std::optional<std::string>& argument) {
    if (argument && ascii_lower(*argument) == "match") {
      if (!is_from_) refuse("cannot use \"match\" with HEADER in COPY TO");
      options_.header = CopyOptions::Header::match;
      return;
    }
    const auto has_header = as_boolean(argument);
    if (!has_header) {
      fail(sqlstate::kSyntaxError, "header requires a Boolean value or \"match\"");
    }
    options_.header = *has_header ? CopyOptions::Header::line : CopyOptions::Header::none;
  }

  static void read_encoding(const std::optional<std::string>& argument, std::int32_t position) {
    const std::string name = ascii_lower(argument.value_or(""));
    if (name == "utf8" || name == "utf-8" || name == "unicode") return;
    static constexpr std::array kOthers = {"sql_ascii", "latin1", "iso_8859_1", "win1252"};
    if (std::ranges::find(kOthers, name) != kOthers.end()) {
      unsupported("encoding \"" + name + "\"", position);
    }
    invalid("argument to option \"encoding\" must be a valid encoding name", position);
  }

  void read_columns(const PgQuery__DefElem& option, std::vector<std::string>& columns) {
    if (option.arg != nullptr && option.arg->node_case == PG_QUERY__NODE__NODE_A_STAR) {
      options_.quotes_all = true;
      return;
    }
    if (option.arg == nullptr || option.arg->node_case != PG_QUERY__NODE__NODE_LIST) {
      invalid("argument to option \"" + std::string(option.defname) +
                  "\" must be a list of column names",
              tree_.position(option.location));
    }
    const PgQuery__List& list = *option.arg->list;
    for (std::size_t i = 0; i < list.n_items; ++i) {
      columns.emplace_back(string_of(list.items[i]));
    }
  }

  void check_lines() const {
    const auto has_line_end = [](const std::string& text) {
      return text.find_first_of("\r\n") != std::string::npos;
    };
    if (has_line_end(std::string(1, options_.delimiter))) {
      invalid("COPY delimiter cannot be newline or carriage return");
    }
    if (has_line_end(options_.null)) {
      invalid("COPY null representation cannot use newline or carriage return");
    }
  }

  static bool is_letter_of_text(char letter) {
    return std::string_view("\\.abcdefghijklmnopqrstuvwxyz0123456789").find(letter) !=
           std::string_view::npos;
  }

  char one_byte(const std::optional<std::string>& given, std::string_view what,
                char otherwise) const {
    if (!given) return otherwise;
    if (!options_.is_csv) refuse("COPY " + std::string(what) + " available only in CSV mode");
    if (given->size() != 1) {
      refuse("COPY " + std::string(what) + " must be a single one-byte character");
    }
    return (*given)[0];
  }

  void check_forced() const {
    const auto only = [&](const char* option, std::string_view what, bool of_from) {
      if (!seen_.contains(option)) return;
      if (!options_.is_csv) refuse("COPY " + std::string(what) + " available only in CSV mode");
      if (is_from_ == of_from) return;
      refuse("COPY " + std::string(what) + " only available using COPY " +
             (of_from ? "FROM" : "TO"));
    };
    only("force_quote", "force quote", false);
    only("force_not_null", "force not null", true);
    only("force_null", "force null", true);
  }

  const ParseTree& tree_;
  bool is_from_;
  std::set<std::string> seen_;
  Given given_;
  CopyOptions options_;
};

}  // namespace

CopyOptions copy_options_of(const ParseTree& tree, const PgQuery__CopyStmt& node) {
  return OptionReader(tree, node).checked();
}

}  // namespace firedrill::sim::postgres
