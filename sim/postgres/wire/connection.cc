#include "sim/postgres/wire/connection.h"

#include <algorithm>
#include <utility>

#include "sim/postgres/values/byte_order.h"
#include "sim/postgres/wire/message_writer.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kProtocolViolation = "08P01";
constexpr std::size_t kLength = sizeof(std::int32_t);
constexpr std::size_t kHeader = 1 + kLength;

// Of the length of a message, which counts itself.
constexpr std::uint32_t kMostLarge = 0x3fff'fffe;  // MaxAllocSize - 1
constexpr std::uint32_t kMostSmall = 10'000;

SqlError fatal(std::string_view state, std::string message) {
  return {.sqlstate = std::string(state), .message = std::move(message), .is_fatal = true};
}

/// Nothing: there is no such message.
std::optional<std::uint32_t> most_of(char type) {
  switch (type) {
    case 'Q':
    case 'F':
    case 'B':
    case 'P':
    case 'd': return kMostLarge;
    case 'C':
    case 'D':
    case 'E':
    case 'H':
    case 'S':
    case 'X':
    case 'c':
    case 'f': return kMostSmall;
    default: return std::nullopt;
  }
}

bool is_extended(char type) {
  return std::string_view("PBDECH").find(type) != std::string_view::npos;
}

}  // namespace

// --- Bytes ---------------------------------------------------------------------------------------

void Connection::sent(std::size_t bytes) {
  sent_ += bytes;
  if (sent_ == out_.size()) {
    constexpr std::size_t kMostKept = 1 << 16;
    if (out_.capacity() > kMostKept) out_ = {};
    out_.clear();
    sent_ = ready_ = 0;
  } else if (sent_ > kMostUnsent) {
    out_.erase(0, sent_);
    ready_ -= std::exchange(sent_, 0);
  }
}

void Connection::consume(std::size_t bytes) {
  read_ += bytes;
  constexpr std::size_t kMostKept = 1 << 16;
  if (read_ == in_.size()) {
    if (in_.capacity() > kMostKept) in_ = {};
    in_.clear();
    read_ = 0;
  } else if (read_ > kMostKept) {
    in_.erase(0, std::exchange(read_, 0));
  }
}

bool Connection::wants_input() const {
  if (is_over_ || is_held()) return false;
  return running_ == Running::nothing || awaits_data_;
}

bool Connection::may_go_on() const {
  if (is_over_ || is_held() || running_ == Running::nothing) return false;
  return !engine().is_busy(*session_) || (!awaits_data_ && engine().copy_input(*session_));
}

/// False: it has not all come yet, or cannot be. What it refers to stays until it is consumed.
bool Connection::next_message(Message& message) {
  const std::string_view bytes = pending();
  if (bytes.empty()) return false;
  const auto most = most_of(bytes[0]);
  if (!most) {
    end(fatal(kProtocolViolation,
              "invalid frontend message type " +
                  std::to_string(static_cast<int>(static_cast<unsigned char>(bytes[0])))));
    return false;
  }
  if (bytes.size() < kHeader) return false;
  const auto length = number_at<std::uint32_t>(bytes.substr(1));
  if (length < kLength || length > *most) {
    is_over_ = true;  // PostgreSQL, too, says nothing
    return false;
  }
  if (bytes.size() < 1 + std::size_t{length}) return false;
  message = {bytes[0], bytes.substr(kHeader, length - kLength)};
  return true;
}

void Connection::advance() {
  if (!session_ && !is_over_) {
    while (!session_ && !is_over_ && take_startup()) {
    }
  }
  awaits_data_ = false;
  Message message;
  while (session_ && !is_over_ && !is_held()) {
    if (running_ != Running::nothing && !settle()) {
      awaits_data_ = engine().copy_input(*session_).has_value();
      if (awaits_data_ && feed_copy()) continue;
      return;
    }
    if (is_over_ || !next_message(message)) return;
    const std::size_t size = kHeader + message.body.size();
    handle(message);
    consume(size);
  }
}

// --- The beginning -------------------------------------------------------------------------------

/// False: it has not all come yet.
bool Connection::take_startup() {
  const std::string_view bytes = pending();
  if (bytes.size() < kLength) return false;
  const auto length = number_at<std::uint32_t>(bytes);
  if (length < 2 * kLength || length > kMostStartup + kLength) {
    is_over_ = true;
    return false;
  }
  if (bytes.size() < length) return false;
  try {
    start(read_startup(bytes.substr(kLength, length - kLength), may_ask_tls_, may_ask_gss_));
  } catch (const SqlError& error) {
    const bool is_old = number_at<std::uint16_t>(bytes.substr(kLength)) < 3;
    if (is_old) {  // as these wanted errors to be
      out_ += "EFATAL:  " + error.message + "\n" + '\0';
      is_over_ = true;
      flush();
    } else {
      end(error);
    }
  }
  consume(length);
  return true;
}

void Connection::start(const StartupPacket& packet) {
  switch (packet.kind) {
    case StartupPacket::Kind::cancel:
      reception_.cancel(packet.backend, packet.secret);
      is_over_ = true;
      return;
    case StartupPacket::Kind::tls:
    case StartupPacket::Kind::gss:
      (packet.kind == StartupPacket::Kind::tls ? may_ask_tls_ : may_ask_gss_) = false;
      out_ += 'N';
      flush();
      return;
    case StartupPacket::Kind::session: open_session(packet); return;
  }
}

void Connection::open_session(const StartupPacket& packet) {
  if (packet.minor > 0 || !packet.unknown.empty()) {
    MessageWriter negotiation(out_, 'v');
    negotiation.int32(3 << 16).int32(static_cast<std::int32_t>(packet.unknown.size()));
    for (const std::string& name : packet.unknown) negotiation.text(name);
  }
  const std::optional<SessionId> session = reception_.admit();
  if (!session) return end(fatal("53300", "sorry, too many clients already"));
  session_ = session;
  MessageWriter(out_, 'R').int32(0);
  if (packet.user != "postgres") {
    return end(fatal("28000", "role \"" + packet.user + "\" does not exist"));
  }
  if (packet.database != "postgres") {
    return end(fatal("3D000", "database \"" + packet.database + "\" does not exist"));
  }
  for (const auto& [name, value] : settings_of(packet.options)) {
    engine().set_parameter(*session_, name, value);
  }
  for (const auto& [name, value] : packet.settings) {
    engine().set_parameter(*session_, name, value);
  }
  tell_parameters();
  MessageWriter(out_, 'K')
      .int32(static_cast<std::int32_t>(*session_))
      .int32(reception_.secret_of(*session_));
  ready_for_query();
}

// --- Messages ------------------------------------------------------------------------------------

void Connection::handle(const Message& message) {
  if (message.type == 'X') {
    is_over_ = true;
    return;
  }
  if (message.type == 'S') skips_ = false;
  if (skips_) return;
  const MessageReader body(message.body);
  try {
    switch (message.type) {
      case 'Q': return run_query(body);
      case 'F': unsupported("a call of a function by the wire");
      case 'S': body.end(); return run(Running::sync, SyncRequest{});
      case 'H': body.end(); return flush();
      case 'd':
      case 'c':
      case 'f': return;  // of a COPY that has failed meanwhile
      default: handle_extended(message.type, body);
    }
  } catch (const SqlError& error) {
    refuse(error);
    if (is_extended(message.type)) {
      skips_ = true;
    } else {
      running_ = Running::query;  // after which there is a ReadyForQuery
    }
  }
}

void Connection::refuse(const SqlError& error) {
  running_ = Running::refusal;
  engine().refuse(*session_, error, reception_.now());
}

void Connection::run_query(MessageReader body) {
  const std::string sql = body.text();
  body.end();
  running_ = Running::query;
  engine().query(*session_, sql, reception_.now());
}

void Connection::run(Running what, ExtendedRequest request) {
  running_ = what;
  engine().extended(*session_, std::move(request), reception_.now());
}

ParseRequest Connection::read_parse(MessageReader& body) const {
  ParseRequest request;
  request.statement = body.text();
  request.sql = body.text();
  const auto count = static_cast<std::uint16_t>(body.int16());
  for (std::size_t i = 0; i < count; ++i) {
    request.parameter_types.push_back(static_cast<std::uint32_t>(body.int32()));
  }
  return request;
}

BindRequest Connection::read_bind(MessageReader& body) const {
  BindRequest request;
  request.portal = body.text();
  request.statement = body.text();
  const auto formats = [&](std::vector<std::int16_t>& into) {
    const auto count = static_cast<std::uint16_t>(body.int16());
    for (std::size_t i = 0; i < count; ++i) into.push_back(body.int16());
  };
  formats(request.parameter_formats);
  const auto count = static_cast<std::uint16_t>(body.int16());
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t length = body.int32();
    if (length == -1) {
      request.parameters.emplace_back();
    } else {
      request.parameters.emplace_back(body.bytes(static_cast<std::uint32_t>(length)));
    }
  }
  formats(request.result_formats);
  return request;
}

/// Whether it is a portal, and its name.
std::pair<bool, std::string> Connection::read_target(MessageReader& body,
                                                     const char* message) const {
  const char kind = body.byte();
  std::string name = body.text();
  body.end();
  if (kind != 'S' && kind != 'P') {
    firedrill::sim::postgres::fail(
        kProtocolViolation, "invalid " + std::string(message) + " message subtype " +
                                std::to_string(static_cast<int>(static_cast<unsigned char>(kind))));
  }
  return {kind == 'P', std::move(name)};
}

bool Connection::handle_extended(char type, MessageReader body) {
  switch (type) {
    case 'P': {
      ParseRequest request = read_parse(body);
      body.end();
      run(Running::parse, std::move(request));
      return true;
    }
    case 'B': {
      BindRequest request = read_bind(body);
      body.end();
      run(Running::bind, std::move(request));
      return true;
    }
    case 'E': {
      std::string portal = body.text();
      const std::int32_t most_rows = body.int32();
      body.end();
      run(Running::execute, ExecuteRequest{std::move(portal), most_rows});
      return true;
    }
    case 'D': {
      auto [is_portal, name] = read_target(body, "DESCRIBE");
      run(is_portal ? Running::describe_portal : Running::describe_statement,
          DescribeRequest{is_portal, std::move(name)});
      return true;
    }
    case 'C': {
      auto [is_portal, name] = read_target(body, "CLOSE");
      run(Running::close, CloseRequest{is_portal, std::move(name)});
      return true;
    }
    default: return false;
  }
}

// --- COPY ----------------------------------------------------------------------------------------

/// Hands over all data that has come, in one piece. False: there was none.
bool Connection::feed_copy() {
  std::string data;
  const auto hand_over = [&] {
    if (!data.empty()) engine().copy_data(*session_, data, reception_.now());
    return !data.empty();
  };
  constexpr std::size_t kMostAtOnce = 1 << 18;
  while (data.size() < kMostAtOnce) {
    const std::string_view bytes = pending();
    if (!bytes.empty() && std::string_view("dcfHS").find(bytes[0]) == std::string_view::npos) {
      if (hand_over()) return true;
      break_copy(bytes[0]);
      return true;
    }
    Message message;
    if (!next_message(message)) return hand_over() || is_over_;
    const std::size_t size = kHeader + message.body.size();
    if (message.type == 'd') {
      data += message.body;
      consume(size);
      continue;
    }
    if (hand_over()) return true;
    if (message.type == 'c') {
      engine().copy_done(*session_, reception_.now());
    } else if (message.type == 'f') {
      try {
        engine().copy_fail(*session_, MessageReader(message.body).text(), reception_.now());
      } catch (const SqlError& error) {
        engine().copy_fail(*session_, error, reception_.now());
      }
    }  // Flush and Sync mean nothing here
    consume(size);
    return true;
  }
  return hand_over();
}

/// Where the next message begins nobody knows: PostgreSQL has not read it.
void Connection::break_copy(char type) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto code = static_cast<unsigned char>(type);
  lost_its_way_ = true;
  engine().copy_fail(
      *session_,
      SqlError{.sqlstate = std::string(kProtocolViolation),
               .message = std::string("unexpected message type 0x") + kHex[code >> 4U] +
                          kHex[code & 15U] + " during COPY from stdin"},
      reception_.now());
}

}  // namespace firedrill::sim::postgres
