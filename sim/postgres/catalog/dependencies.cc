#include "sim/postgres/catalog/dependencies.h"

#include <algorithm>
#include <tuple>

namespace firedrill::sim::postgres {

namespace {

bool is_whole_of(const ObjectAddress& whole, const ObjectAddress& part) {
  return whole.column == 0 && whole.kind == part.kind && whole.oid == part.oid;
}

}  // namespace

/// findDependentObjects() of PostgreSQL.
struct Dependencies::Search {
  const Dependencies& all;
  std::vector<Target> targets = {};
  std::vector<ObjectAddress> stack = {};

  bool is_known(const ObjectAddress& object, bool is_silent) {
    if (std::ranges::find(stack, object) != stack.end()) return true;
    bool found = false;
    for (Target& target : targets) {
      if (target.object == object) {
        target.goes_silently = target.goes_silently || is_silent;
        found = true;
      } else if (is_whole_of(target.object, object)) {
        found = true;  // a column of a table that goes as a whole
      } else if (is_whole_of(object, target.object)) {
        target.goes_silently = true;
      }
    }
    return found;
  }

  void visit(const ObjectAddress& object, bool is_silent, bool is_original) {
    if (is_known(object, is_silent)) return;
    const ObjectAddress dependee = stack.empty() ? ObjectAddress{} : stack.back();
    const ObjectAddress* owner = all.owner_of(object);
    if (owner != nullptr && !is_original && !is_in_work(*owner)) {
      visit(*owner, true, false);
      is_known(object, is_silent);
      return;
    }
    stack.push_back(object);
    for (const Edge& edge : all.edges_on(object)) {
      visit(edge.dependent, edge.strength != Strength::normal, false);
    }
    stack.pop_back();
    targets.push_back({object, dependee, is_original, is_silent});
  }

  bool is_in_work(const ObjectAddress& object) const {
    const auto covers = [&](const ObjectAddress& each) {
      return each == object || is_whole_of(each, object);
    };
    return std::ranges::any_of(stack, covers) ||
           std::ranges::any_of(targets, covers, &Target::object);
  }
};

std::vector<Dependencies::Edge> Dependencies::edges_on(const ObjectAddress& object) const {
  std::vector<Edge> edges;
  for (const Edge& edge : edges_) {
    const bool is_on = edge.referenced == object || is_whole_of(object, edge.referenced);
    const bool is_part = is_whole_of(object, edge.dependent);
    if (is_on && !is_part) edges.push_back(edge);
  }
  // Newer ones first, as PostgreSQL does, for this usually is the right order.
  std::ranges::stable_sort(edges, [](const Edge& a, const Edge& b) {
    const auto place = [](const ObjectAddress& of) {
      // Defaults have numbers of their own in PostgreSQL, the later the greater.
      const bool is_default = of.kind == ObjectAddress::Kind::default_value;
      return std::make_tuple(~of.oid, static_cast<int>(of.kind),
                             is_default ? ~of.column : of.column);
    };
    return place(a.dependent) < place(b.dependent);
  });
  return edges;
}

std::vector<Dependencies::Target> Dependencies::closure(
    const std::vector<ObjectAddress>& originals) const {
  Search search{*this};
  for (const ObjectAddress& object : originals) search.visit(object, false, true);
  for (Target& target : search.targets) {
    target.is_original = std::ranges::find(originals, target.object) != originals.end();
  }
  return std::move(search.targets);
}

const ObjectAddress* Dependencies::owner_of(const ObjectAddress& object) const {
  const auto found = std::ranges::find_if(edges_, [&](const Edge& edge) {
    return edge.dependent == object && edge.strength == Strength::internal;
  });
  return found != edges_.end() ? &found->referenced : nullptr;
}

}  // namespace firedrill::sim::postgres
