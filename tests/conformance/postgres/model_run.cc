#include "tests/conformance/postgres/model_run.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "sim/postgres/engine.h"
#include "tests/conformance/postgres/answer.h"

namespace firedrill::test {

namespace {

using sim::postgres::Engine;
using sim::postgres::SessionId;
using Step = Interleaving::Step;

/// As long as an action takes in the model, by whose end every deadlock has been looked for.
constexpr std::int64_t kStep_us = 3'000;
constexpr const char* kLikeRealSessions = "SET deadlock_timeout = '1ms'";

class Runner {
 public:
  Runner(const Interleaving& interleaving, const std::vector<std::size_t>& orders, Notes notes)
      : interleaving_(interleaving), orders_(orders), sessions_(interleaving.sessions()) {
    engine_.set_wake_order([this](std::size_t size) { return choose(size); });
    if (notes == Notes::pages) engine_.note_pages();
  }

  ModelRun run() {
    const SessionId setup = engine_.connect(now_);
    for (const std::string& sql : interleaving_.setup) {
      if (!ask(setup, sql).starts_with("ERROR")) continue;
      run_.failure = "setup: " + sql;
      return run_;
    }
    for (Session& session : sessions_) {
      session.id = engine_.connect(now_);
      ask(session.id, kLikeRealSessions);
    }
    while (const std::optional<Step> next = next_step()) {
      take(*next);
      if (!run_.failure.empty()) return run_;
    }
    for (const std::string& sql : interleaving_.contents) run_.contents += ask(setup, sql);
    return run_;
  }

 private:
  struct Session {
    SessionId id = 0;
    std::string sql;
    bool is_gone = false;
    bool is_finished = false;
  };

  std::size_t choose(std::size_t size) {
    const std::size_t made = run_.sizes.size();
    const std::size_t choice = made < orders_.size() ? orders_[made] % size : 0;
    run_.sizes.push_back(size);
    run_.orders.push_back(choice);
    return choice;
  }

  std::string ask(SessionId session, const std::string& sql) {
    engine_.query(session, sql, now_);
    if (engine_.is_busy(session)) return "ERROR it waits\n";
    return answers_text(take_answers(engine_, session), sql);
  }

  bool is_free(std::uint32_t number) const {
    const Session& session = sessions_[number];
    return !session.is_gone && !engine_.is_busy(session.id);
  }

  /// The first that can be given; or one that lets go of what a session still holds.
  std::optional<Step> next_step() {
    for (std::size_t i = 0; i < left_.size();) {
      const Step step = left_[i];
      const auto end = left_.begin() + static_cast<std::ptrdiff_t>(i);
      const bool is_first = std::find_if(left_.begin(), end, [&](const Step& other) {
                              return other.session == step.session;
                            }) == end;
      const bool is_statement = step.kind == Step::Kind::statement;
      const bool is_vain = step.kind == Step::Kind::cancel && is_free(step.session);
      const bool is_pause = step.kind == Step::Kind::pause;
      if ((sessions_[step.session].is_gone && !is_pause) || (is_first && is_vain)) {
        left_.erase(end);
        i = 0;
      } else if (is_first && (!is_statement || is_free(step.session))) {
        left_.erase(end);
        return step;
      } else {
        ++i;
      }
    }
    return last_step();
  }

  std::optional<Step> last_step() {
    bool anybody_waits = false;
    for (std::uint32_t number = 0; number < sessions_.size(); ++number) {
      Session& session = sessions_[number];
      if (session.is_gone || session.is_finished) continue;
      if (!is_free(number)) {
        anybody_waits = true;
        continue;
      }
      session.is_finished = true;
      return Step{number, Step::Kind::statement, "ROLLBACK; SELECT pg_advisory_unlock_all()"};
    }
    if (anybody_waits) run_.failure = "somebody waits for nobody";
    return std::nullopt;
  }

  void take(const Step& step) {
    Session& session = sessions_[step.session];
    std::int64_t end = now_ + kStep_us;
    switch (step.kind) {
      case Step::Kind::cancel: engine_.cancel(session.id, now_); break;
      case Step::Kind::disconnect:
        engine_.disconnect(session.id, now_);
        session.is_gone = true;
        break;
      case Step::Kind::statement:
        session.sql = step.sql;
        engine_.query(session.id, step.sql, now_);
        break;
      case Step::Kind::pause: end = now_ + std::stoll(step.sql) * 1000; break;
    }
    engine_.tick(end);
    now_ = end;
    look(step);
  }

  void look(const Step& step) {
    Views views(sessions_.size());
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
      Session& session = sessions_[i];
      if (session.is_gone) continue;
      const std::vector<PostgresResult> results = take_answers(engine_, session.id);
      if (is_refusal(results)) run_.failure = session.sql + "\n" + results.back().error->message;
      views[i] = {answers_text(results, session.sql), engine_.is_busy(session.id)};
      if (!engine_.has_ended(session.id)) continue;
      engine_.disconnect(session.id, now_);
      session.is_gone = true;
    }
    run_.actions.push_back({step, std::move(views), run_.sizes.size()});
  }

  const Interleaving& interleaving_;
  const std::vector<std::size_t>& orders_;
  std::vector<Session> sessions_;
  std::vector<Step> left_ = interleaving_.steps;
  ModelRun run_;
  Engine engine_;
  std::int64_t now_ = 653'000'000'000'000;
};

}  // namespace

std::string text_of(const Views& views) {
  std::string text;
  for (std::uint32_t i = 0; i < views.size(); ++i) {
    const std::string name = name_of(i) + ": ";
    std::string line;
    for (const char c : views[i].answers) {
      if (c != '\n') {
        line += c;
        continue;
      }
      text += "  " + name + line + '\n';
      line.clear();
    }
    if (views[i].waits) text += "  " + name + "waits\n";
  }
  return text;
}

std::string answers_text(std::vector<PostgresResult> results, const std::string& sql) {
  for (PostgresResult& result : results) {
    if (!result.error) continue;
    const std::string& state = result.error->sqlstate;
    const bool has_numbers = state == "40P01" || state == "40001" ||
                             result.error->message.find("\"pg_") != std::string::npos;
    if (has_numbers) result.error->detail.clear();
  }
  return describe(results, sql);
}

ModelRun run_model(const Interleaving& interleaving, const std::vector<std::size_t>& orders,
                   Notes notes) {
  return Runner(interleaving, orders, notes).run();
}

}  // namespace firedrill::test
