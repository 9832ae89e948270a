#include "sim/postgres/wire/connection.h"
#include "sim/postgres/wire/message_writer.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::size_t kBuffer = 8192;  ///< PostgreSQL sends when its buffer is full

std::int16_t format_of(const StatementResult& result, std::size_t column) {
  return column < result.formats.size() ? result.formats[column] : kTextFormat;
}

}  // namespace

/// Sends what the session has answered. True: it has come to the end of what it ran.
bool Connection::settle() {
  const bool is_busy = engine().is_busy(*session_);
  for (StatementResult& result : engine().take_results(*session_)) {
    is_copying_ = false;
    answer(std::move(result));
    if (is_over_) return true;
  }
  if (!is_busy) {
    finish();
    return true;
  }
  const auto wanted = engine().copy_input(*session_);
  if (wanted && !is_copying_) {
    begin_copy('G', wanted->columns);
    is_copying_ = true;
    flush();
  }
  return false;
}

void Connection::look_around() {
  if (!session_ || is_over_ || running_ != Running::nothing) return;
  for (const StatementResult& result : engine().take_results(*session_)) {
    tell_notices(result.notices);
    if (result.error) fail(*result.error);
    flush();
    if (is_over_) return;
  }
  const std::size_t before = out_.size();
  tell_notifications();
  if (out_.size() > before) flush();
}

void Connection::answer(StatementResult result) {
  tell_notices(result.notices);
  if (result.error) {
    if (running_ == Running::execute) append_rows(result);  // those before it
    fail(*result.error);
    if (lost_its_way_ && !is_over_) {
      end({.sqlstate = "08P01",
           .message = "terminating connection because protocol synchronization was lost",
           .is_fatal = true});
    }
    return;
  }
  switch (running_) {
    case Running::parse: MessageWriter(out_, '1'); break;
    case Running::bind: MessageWriter(out_, '2'); break;
    case Running::close: MessageWriter(out_, '3'); break;
    case Running::describe_statement:
      describe_parameters(result);
      describe(result);
      break;
    case Running::describe_portal: describe(result); break;
    case Running::query: answer_rows(result, true); break;
    case Running::execute: answer_rows(result, false); break;
    case Running::nothing:
    case Running::sync:
    case Running::refusal: break;
  }
  flush_much();
}

void Connection::describe_parameters(const StatementResult& result) {
  MessageWriter message(out_, 't');
  message.int16(static_cast<std::int16_t>(result.parameters.size()));
  for (const TypeId type : result.parameters) message.int32(static_cast<std::int32_t>(type));
}

void Connection::describe(const StatementResult& result) {
  if (!result.returns_rows) {
    MessageWriter(out_, 'n');
    return;
  }
  MessageWriter message(out_, 'T');
  message.int16(static_cast<std::int16_t>(result.columns.size()));
  for (std::size_t i = 0; i < result.columns.size(); ++i) {
    const OutputColumn& column = result.columns[i];
    message.text(column.name)
        .int32(static_cast<std::int32_t>(column.table))
        .int16(column.column)
        .int32(static_cast<std::int32_t>(column.type.id))
        .int16(engine().type_length(*session_, column.type.id))
        .int32(column.type.modifier)
        .int16(format_of(result, i));
  }
}

void Connection::begin_copy(char type, std::size_t columns) {
  MessageWriter message(out_, type);
  message.byte('\0').int16(static_cast<std::int16_t>(columns));
  for (std::size_t i = 0; i < columns; ++i) message.int16(kTextFormat);
}

/// False: a value cannot be sent, and the client has been told so.
bool Connection::append_rows(StatementResult& result) {
  const std::size_t begin = out_.size();
  try {
    for (Row& row : result.rows) {
      MessageWriter message(out_, 'D');
      message.int16(static_cast<std::int16_t>(result.columns.size()));
      for (std::size_t i = 0; i < result.columns.size(); ++i) {
        const OutputColumn& column = result.columns[i];
        message.value(format_of(result, i) == kBinaryFormat
                          ? engine().binary(*session_, column, row[i])
                          : engine().text(*session_, column, row[i]));
      }
      row = {};
    }
  } catch (const SqlError& error) {
    out_.resize(begin);
    fail(error);
    return false;
  }
  return true;
}

void Connection::answer_rows(StatementResult& result, bool describes) {
  if (describes && result.returns_rows) describe(result);
  if (!append_rows(result)) return;
  if (result.copied) {
    begin_copy('H', result.copied->columns);
    for (const std::string& line : result.copied->lines) MessageWriter(out_, 'd').bytes(line);
    MessageWriter(out_, 'c');
  }
  if (result.is_suspended) {
    MessageWriter(out_, 's');
  } else if (result.tag.empty()) {
    MessageWriter(out_, 'I');
  } else {
    MessageWriter(out_, 'C').text(result.tag);
  }
}

void Connection::fail(const SqlError& error) {
  if (error.is_fatal) return end(error);
  append_message(out_, 'E', "ERROR", error);
  flush();
  if (running_ != Running::query && running_ != Running::sync && running_ != Running::nothing) {
    skips_ = true;
  }
}

/// The last that it says.
void Connection::end(const SqlError& error) {
  append_message(out_, 'E', "FATAL", error);
  is_over_ = true;
  flush();
}

void Connection::finish() {
  const Running what = std::exchange(running_, Running::nothing);
  is_copying_ = false;
  if (what == Running::query || what == Running::sync) ready_for_query();
}

void Connection::ready_for_query() {
  tell_notifications();
  tell_parameters();
  MessageWriter(out_, 'Z').byte(engine().transaction_status(*session_));
  flush();
}

void Connection::tell_notices(const std::vector<Notice>& notices) {
  for (const Notice& notice : notices) append_message(out_, 'N', notice.severity, notice.message);
  if (!notices.empty()) flush();
}

void Connection::tell_notifications() {
  for (const Notification& each : engine().take_notifications(*session_)) {
    MessageWriter(out_, 'A')
        .int32(static_cast<std::int32_t>(each.sender))
        .text(each.channel)
        .text(each.payload);
  }
}

void Connection::tell_parameters() {
  for (const auto& [name, value] : engine().changed_parameters(*session_)) {
    MessageWriter(out_, 'S').text(name).text(value);
  }
}

void Connection::flush_much() {
  if (out_.size() - ready_ >= kBuffer) flush();
}

}  // namespace firedrill::sim::postgres
