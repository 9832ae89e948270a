#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/catalog/tables.h"
#include "sim/postgres/storage/transactions.h"

namespace firedrill::sim::postgres {

/// What there is: schemas, tables, sequences, types. Each state of a thing lives from the
/// transaction that made it to the one that replaced or dropped it, so that rolling back undoes
/// DDL, and nobody sees what is not committed.
class Catalog {
 public:
  /// Whether a transaction's work counts for who asks: its own, or committed.
  using Counts = std::function<bool(Xid)>;

  struct Enum {
    std::string schema;
    TypeInfo type;
    TypeInfo array;
  };

  struct Schema {
    Oid oid = 0;
    std::string name;
  };

  Oid next_oid() { return next_oid_++; }

  std::shared_ptr<const Table> find_table(std::string_view schema, std::string_view name,
                                          const Counts& counts) const;
  std::shared_ptr<const Table> table(Oid oid, const Counts& counts) const;
  std::vector<std::shared_ptr<const Table>> tables(const Counts& counts) const;
  void put_table(std::shared_ptr<const Table> table, Xid by, const Counts& counts);
  void drop_table(Oid oid, Xid by, const Counts& counts);

  std::shared_ptr<const Sequence> find_sequence(std::string_view schema, std::string_view name,
                                                const Counts& counts) const;
  std::shared_ptr<const Sequence> sequence(Oid oid, const Counts& counts) const;
  std::vector<std::shared_ptr<const Sequence>> sequences(const Counts& counts) const;
  void put_sequence(std::shared_ptr<const Sequence> sequence, Xid by, const Counts& counts);
  void drop_sequence(Oid oid, Xid by, const Counts& counts);

  /// Who makes a relation of that name and has not ended; kNoXid: nobody.
  Xid being_made(std::string_view schema, std::string_view name, const Counts& is_running) const;

  bool has_schema(std::string_view name, const Counts& counts) const;
  /// Those that are built in first. 0: there is none of that name.
  std::vector<Schema> schemas(const Counts& counts) const;
  Oid schema_oid(std::string_view name, const Counts& counts) const;
  void put_schema(std::string name, Xid by);
  void drop_schema(std::string_view name, Xid by, const Counts& counts);

  /// Enums stay for ever once they are made, so that values of theirs have a type; whose
  /// transaction was rolled back is not found by name.
  /// `name`: of the type, or of its arrays' type.
  const Enum* find_enum(std::string_view schema, std::string_view name, const Counts& counts) const;
  std::vector<const Enum*> enums(const Counts& counts) const;
  const TypeInfo* enum_type(TypeId id) const;
  void put_enum(Enum type, Xid by);
  void drop_enum(TypeId id, Xid by);

  /// What counts, as if one transaction had made it all; tables and sequences by the given copies
  /// of them.
  Catalog copy(
      const Counts& counts, Xid by,
      const std::function<std::shared_ptr<const Table>(const Table&)>& table,
      const std::function<std::shared_ptr<const Sequence>(const Sequence&)>& sequence) const;

  /// Counts all changes: what was analysed before one is analysed anew.
  std::uint64_t version() const { return version_; }
  void changed() { ++version_; }

 private:
  template <class Thing>
  struct State {
    std::shared_ptr<const Thing> thing;
    Xid made_by = kNoXid;
    Xid ended_by = kNoXid;
  };
  template <class Thing>
  static bool is_current(const State<Thing>& state, const Counts& counts) {
    return counts(state.made_by) && (state.ended_by == kNoXid || !counts(state.ended_by));
  }
  template <class Thing>
  static std::vector<std::shared_ptr<const Thing>> current(const std::vector<State<Thing>>& states,
                                                           const Counts& counts);
  template <class Thing>
  void end(std::vector<State<Thing>>& states, Oid oid, Xid by, const Counts& counts);

  struct NamedEnum {
    Oid oid = 0;
    Enum type;
  };

  Oid next_oid_ = 16384;
  std::uint64_t version_ = 1;
  std::vector<State<Table>> tables_;
  std::vector<State<Sequence>> sequences_;
  std::vector<State<Schema>> schemas_;
  std::vector<State<NamedEnum>> enums_;
};

}  // namespace firedrill::sim::postgres
