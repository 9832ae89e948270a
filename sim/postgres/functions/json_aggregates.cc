#include <memory>
#include <string>
#include <utility>

#include "sim/postgres/functions/json_functions.h"

namespace firedrill::sim::postgres {

namespace {

Json value_json(const Call& call, std::size_t index) {
  return to_json(call.environment, argument_type(call, index), call[index]);
}

std::string value_text(const Call& call, std::size_t index) {
  return to_json_text(call.environment, argument_type(call, index), call[index]);
}

std::string key_of(const Call& call) {
  if (call[0].is_null()) fail(sqlstate::kInvalidParameterValue, "field name must not be null");
  return to_json_key(call.environment, argument_type(call, 0), call[0]);
}

class JsonbArray final : public Aggregate {
 public:
  void add(Call& call) override { elements_.push_back(value_json(call, 0)); }
  Value result(Call&) override {
    return elements_.empty() ? Value() : Value::boxed(Json::array(elements_));
  }

 private:
  Json::Elements elements_;
};

class JsonbObject final : public Aggregate {
 public:
  void add(Call& call) override {
    std::string key = key_of(call);
    members_.push_back({std::move(key), value_json(call, 1)});
  }
  Value result(Call&) override {
    return members_.empty() ? Value() : Value::boxed(Json::object(members_));
  }

 private:
  Json::Members members_;
};

class JsonArray final : public Aggregate {
 public:
  void add(Call& call) override {
    if (!text_.empty()) {
      const bool breaks =
          !call[0].is_null() && is_compound(call.environment.types(), argument_type(call, 0));
      text_ += breaks ? ", \n " : ", ";
    } else {
      text_ = "[";
    }
    text_ += value_text(call, 0);
  }
  Value result(Call&) override { return text_.empty() ? Value() : Value::of(text_ + "]"); }

 private:
  std::string text_;
};

class JsonObject final : public Aggregate {
 public:
  void add(Call& call) override {
    text_ += text_.empty() ? "{ " : ", ";
    text_ += quote_json(key_of(call)) + " : " + value_text(call, 1);
  }
  Value result(Call&) override { return text_.empty() ? Value() : Value::of(text_ + " }"); }

 private:
  std::string text_;
};

template <class T>
std::unique_ptr<Aggregate> make() {
  return std::make_unique<T>();
}

constexpr AggregateRow kRows[] = {
    {"jsonb_agg", "anyelement", "jsonb", make<JsonbArray>, false},
    {"jsonb_object_agg", "any any", "jsonb", make<JsonbObject>, false},
    {"json_agg", "anyelement", "json", make<JsonArray>, false},
    {"json_object_agg", "any any", "json", make<JsonObject>, false},
};

}  // namespace

FunctionFamily json_aggregate_part() {
  return {.aggregates = kRows};
}

}  // namespace firedrill::sim::postgres
