#include "sim/postgres/wire/message_writer.h"

#include "sim/postgres/values/byte_order.h"

namespace firedrill::sim::postgres {

MessageWriter::MessageWriter(std::string& out, char type) : out_(out) {
  out_ += type;
  begin_ = out_.size();
  append_number(out_, std::int32_t{0});
}

MessageWriter::~MessageWriter() {
  auto length = static_cast<std::uint32_t>(out_.size() - begin_);
  for (std::size_t i = sizeof(length); i > 0; --i) {
    out_[begin_ + i - 1] = static_cast<char>(length & 0xffU);
    length >>= 8U;
  }
}

MessageWriter& MessageWriter::byte(char value) {
  out_ += value;
  return *this;
}
MessageWriter& MessageWriter::int16(std::int16_t value) {
  append_number(out_, value);
  return *this;
}
MessageWriter& MessageWriter::int32(std::int32_t value) {
  append_number(out_, value);
  return *this;
}
MessageWriter& MessageWriter::text(std::string_view value) {
  out_ += value;
  out_ += '\0';
  return *this;
}
MessageWriter& MessageWriter::bytes(std::string_view raw) {
  out_ += raw;
  return *this;
}
MessageWriter& MessageWriter::value(const std::optional<std::string>& bytes) {
  if (!bytes) return int32(-1);
  int32(static_cast<std::int32_t>(bytes->size()));
  out_ += *bytes;
  return *this;
}

void append_message(std::string& out, char type, std::string_view severity, const SqlError& error) {
  MessageWriter message(out, type);
  const auto field = [&](char code, std::string_view text) {
    if (!text.empty()) message.byte(code).text(text);
  };
  field('S', severity);
  field('V', severity);
  field('C', error.sqlstate);
  message.byte('M').text(error.message);
  field('D', error.detail);
  field('H', error.hint);
  if (error.position > 0) field('P', std::to_string(error.position));
  field('W', error.context);
  field('s', error.schema);
  field('t', error.table);
  field('c', error.column);
  field('d', error.data_type);
  field('n', error.constraint);
  message.byte('\0');
}

}  // namespace firedrill::sim::postgres
