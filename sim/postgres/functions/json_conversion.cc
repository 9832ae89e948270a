#include <string>
#include <utility>

#include "sim/postgres/functions/json_functions.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

enum class Form { boolean, number, time, json, jsonb, array, record, other };

Form form_of(const Types& types, TypeId type) {
  switch (type) {
    case TypeId::boolean: return Form::boolean;
    case TypeId::int2:
    case TypeId::int4:
    case TypeId::int8:
    case TypeId::float4:
    case TypeId::float8:
    case TypeId::numeric: return Form::number;
    case TypeId::timestamp:
    case TypeId::timestamptz: return Form::time;
    case TypeId::json: return Form::json;
    case TypeId::jsonb: return Form::jsonb;
    default: break;
  }
  const TypeInfo& info = types.get(type);
  if (info.is_array()) return Form::array;
  return info.kind == Kind::record ? Form::record : Form::other;
}

/// NaN and the infinities are strings in JSON.
bool is_number_text(std::string_view text) {
  return text.find_first_of("nN") == std::string_view::npos;
}

/// "2020-01-02 03:04:05+00" as ISO 8601 has it: "2020-01-02T03:04:05+00:00".
std::string iso_time(std::string text, TypeId type) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string::npos) return text;
  text[blank] = 'T';
  if (type == TypeId::timestamp) return text;
  const std::size_t sign = text.find_first_of("+-", blank);
  if (sign == std::string::npos) return text;
  const std::size_t end = std::min(text.find(' ', sign), text.size());
  if (end - sign == 3) text.insert(end, ":00");
  return text;
}

std::string scalar_text(const Environment& environment, TypeId type, const Value& value,
                        Form form) {
  std::string text = to_text(environment, type, value);
  return form == Form::time ? iso_time(std::move(text), type) : text;
}

Json scalar_to_json(const Environment& environment, TypeId type, const Value& value, Form form) {
  std::string text = scalar_text(environment, type, value, form);
  if (form == Form::number && is_number_text(text)) return Json::of(parse_numeric(text));
  return Json::of(std::move(text));
}

Json record_to_json(const Environment& environment, const Record& record) {
  Json::Members members;
  for (std::size_t i = 0; i < record.values.size(); ++i) {
    members.push_back({record.names[i], to_json(environment, static_cast<TypeId>(record.types[i]),
                                                record.values[i])});
  }
  return Json::object(std::move(members));
}

class ArrayConverter {
 public:
  ArrayConverter(const Environment& environment, const Array& array)
      : environment_(environment), array_(array) {}

  Json convert(std::size_t level = 0) {
    if (array_.dimensions.empty()) return Json::array({});
    if (level == array_.dimensions.size()) {
      return to_json(environment_, array_.element, array_.elements[next_++]);
    }
    Json::Elements elements;
    for (std::int32_t i = 0; i < array_.dimensions[level].length; ++i) {
      elements.push_back(convert(level + 1));
    }
    return Json::array(std::move(elements));
  }

 private:
  const Environment& environment_;
  const Array& array_;
  std::size_t next_ = 0;
};

class TextWriter {
 public:
  explicit TextWriter(const Environment& environment) : environment_(environment) {}

  void write(TypeId type, const Value& value, bool is_pretty) {
    if (value.is_null()) {
      text_ += "null";
      return;
    }
    const Form form = form_of(environment_.types(), type);
    switch (form) {
      case Form::boolean: text_ += value.boolean() ? "true" : "false"; return;
      case Form::json: text_ += value.text(); return;
      case Form::jsonb: text_ += print_json(value.as<Json>()); return;
      case Form::array: return write_array(value.as<Array>(), is_pretty);
      case Form::record: return write_record(value.as<Record>(), is_pretty);
      default: break;
    }
    const std::string text = scalar_text(environment_, type, value, form);
    text_ += form == Form::number && is_number_text(text) ? text : quote_json(text);
  }

  std::string take() { return std::move(text_); }

 private:
  void write_array(const Array& array, bool is_pretty) {
    if (array.dimensions.empty()) {
      text_ += "[]";
      return;
    }
    std::size_t next = 0;
    write_level(array, 0, next, is_pretty);
  }

  void write_level(const Array& array, std::size_t level, std::size_t& next, bool is_pretty) {
    const bool is_innermost = level + 1 == array.dimensions.size();
    text_ += '[';
    for (std::int32_t i = 0; i < array.dimensions[level].length; ++i) {
      if (i > 0) text_ += is_pretty ? ",\n " : ",";
      if (is_innermost) {
        write(array.element, array.elements[next++], false);
      } else {
        write_level(array, level + 1, next, false);
      }
    }
    text_ += ']';
  }

  void write_record(const Record& record, bool is_pretty) {
    text_ += '{';
    for (std::size_t i = 0; i < record.values.size(); ++i) {
      if (i > 0) text_ += is_pretty ? ",\n " : ",";
      text_ += quote_json(record.names[i]) + ":";
      write(static_cast<TypeId>(record.types[i]), record.values[i], false);
    }
    text_ += '}';
  }

  const Environment& environment_;
  std::string text_;
};

}  // namespace

Json to_json(const Environment& environment, TypeId type, const Value& value) {
  if (value.is_null()) return {};
  const Form form = form_of(environment.types(), type);
  switch (form) {
    case Form::boolean: return Json::of(value.boolean());
    case Form::json: return parse_json(value.text());
    case Form::jsonb: return value.as<Json>();
    case Form::array: return ArrayConverter(environment, value.as<Array>()).convert();
    case Form::record: return record_to_json(environment, value.as<Record>());
    default: return scalar_to_json(environment, type, value, form);
  }
}

std::string to_json_text(const Environment& environment, TypeId type, const Value& value,
                         bool is_pretty) {
  TextWriter writer(environment);
  writer.write(type, value, is_pretty);
  return writer.take();
}

std::string to_json_key(const Environment& environment, TypeId type, const Value& value) {
  const Form form = form_of(environment.types(), type);
  switch (form) {
    case Form::array:
    case Form::record:
    case Form::json:
    case Form::jsonb:
      fail(sqlstate::kInvalidParameterValue,
           "key value must be scalar, not array, composite, or json");
    case Form::boolean: return value.boolean() ? "true" : "false";
    default: return scalar_text(environment, type, value, form);
  }
}

bool is_compound(const Types& types, TypeId type) {
  const Form form = form_of(types, type);
  return form == Form::array || form == Form::record;
}

TypeId argument_type(const Call& call, std::size_t index) {
  check(!call.site.arguments.empty(), "the call site has the types of its arguments");
  return call.site.arguments[std::min(index, call.site.arguments.size() - 1)].id;
}

}  // namespace firedrill::sim::postgres
