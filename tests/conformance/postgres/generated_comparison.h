#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/conformance/postgres/both_postgres.h"
#include "tests/conformance/postgres/generated_grammar.h"

namespace firedrill::test {

/// Runs scripts on both sides, judges what they answer, and makes what differs small.
class GeneratedComparison {
 public:
  using Script = std::vector<GeneratedStatement>;

  struct Difference {
    std::size_t statement = 0;  ///< beyond the last: what the tables hold
    std::string kind;           ///< differences of one cause have one kind, mostly
    std::string model;
    std::string real;
  };

  /// The first difference; nothing: there is none.
  std::optional<Difference> run(const Script& script, bool is_counting);
  /// A script with a difference of the same kind, from which nothing can be left out.
  Script smaller(Script script, const Difference& difference);
  /// To be pasted into psql.
  static std::string text_of(const Script& script, const Difference& difference);

  std::uint64_t compared() const { return compared_; }
  const std::map<std::string, std::uint64_t>& errors() const { return errors_; }
  std::uint64_t tables() const { return tables_; }
  const std::map<std::string, std::uint64_t>& refusals() const { return refusals_; }
  const std::map<std::string, std::uint64_t>& allowed() const { return allowed_; }

 private:
  std::optional<Difference> judge(const GeneratedStatement& statement, std::size_t number,
                                  bool is_counting);
  std::optional<Difference> run_once(const Script& script);

  BothPostgres both_;
  std::uint64_t compared_ = 0;
  std::map<std::string, std::uint64_t> errors_;  ///< by SQLSTATE
  std::uint64_t tables_ = 0;
  std::map<std::string, std::uint64_t> refusals_;
  std::map<std::string, std::uint64_t> allowed_;
  bool is_spoilt_ = false;  ///< a refusal has made both sides part
};

}  // namespace firedrill::test
