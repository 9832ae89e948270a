#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/postgres/catalog/catalog.h"

namespace firedrill::sim::postgres {

/// What may depend on something, or be depended on.
struct ObjectAddress {
  enum class Kind : std::uint8_t { type, relation, default_value, constraint, schema };
  Kind kind = Kind::relation;  ///< relation: a table, an index, a sequence, a view
  Oid oid = 0;                 ///< default_value: of the table
  std::size_t column = 0;      ///< from 1; 0: the whole
  bool operator==(const ObjectAddress&) const = default;
};

/// Who depends on what, of one moment (pg_depend).
class Dependencies {
 public:
  enum class Strength : std::uint8_t {
    normal,     ///< only CASCADE drops it as well
    automatic,  ///< goes with what it depends on
    internal    ///< is part of what it depends on, and cannot be dropped alone
  };
  struct Edge {
    ObjectAddress dependent;
    ObjectAddress referenced;
    Strength strength = Strength::normal;
  };
  void add(ObjectAddress dependent, ObjectAddress referenced, Strength strength) {
    edges_.push_back({dependent, referenced, strength});
  }

  /// What is to be dropped, in the order in which PostgreSQL drops it, dependents first.
  struct Target {
    ObjectAddress object;
    ObjectAddress dependee;  ///< through which it was found
    bool is_original = false;
    bool goes_silently = false;  ///< as part of something, or automatically
  };
  std::vector<Target> closure(const std::vector<ObjectAddress>& originals) const;

  /// What it is a part of; null: it stands for itself.
  const ObjectAddress* owner_of(const ObjectAddress& object) const;

 private:
  struct Search;
  std::vector<Edge> edges_on(const ObjectAddress& object) const;

  std::vector<Edge> edges_;
};

}  // namespace firedrill::sim::postgres
