#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/cluster.h"
#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

// What the clients and the operators of a cluster ask its nodes. How nodes meet, vote and fail over
// (MEET, FORGET, FAILOVER, REPLICATE...) is not modelled: their host changes their views.

namespace firedrill::sim::redis {

namespace {

using Number = ClusterView::Number;

constexpr const char* kDisabled = "ERR This instance has cluster support disabled";
constexpr const char* kBadSlot = "ERR Invalid or out of range slot";

/// Calls the handler where this is a node of a cluster.
template <RedisReply (*handler)(Call&, ClusterView&)>
RedisReply in_cluster(Call& call) {
  if (call.state.cluster == nullptr) return error(kDisabled);
  return handler(call, *call.state.cluster);
}

std::optional<std::uint16_t> parse_slot(std::string_view text) {
  const auto number = parse_integer(text);
  if (!number || *number < 0 || *number >= kSlots) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

struct Range {
  std::uint16_t first, last;
};

std::vector<Range> ranges_of(const ClusterView& view, Number owner) {
  std::vector<Range> ranges;
  for (std::uint16_t slot = 0; slot < kSlots; ++slot) {
    if (view.owner_of(slot) != owner) continue;
    if (!ranges.empty() && ranges.back().last + 1 == slot) {
      ranges.back().last = slot;
    } else {
      ranges.push_back({slot, slot});
    }
  }
  return ranges;
}

/// The primary, then its replicas.
std::vector<Number> shard_of(const ClusterView& view, Number primary) {
  std::vector<Number> shard = {primary};
  for (std::size_t i = 0; i < view.nodes().size(); ++i) {
    if (view.nodes()[i].primary == view.nodes()[primary].id) {
      shard.push_back(static_cast<Number>(i));
    }
  }
  return shard;
}

RedisReply slots(Call& call, ClusterView& view) {
  struct Owned {
    Range range;
    Number owner;
  };
  std::vector<Owned> all;
  for (std::size_t i = 0; i < view.nodes().size(); ++i) {
    const auto owner = static_cast<Number>(i);
    for (const Range& range : ranges_of(view, owner)) all.push_back({range, owner});
  }
  std::sort(all.begin(), all.end(),
            [](const Owned& a, const Owned& b) { return a.range.first < b.range.first; });
  std::vector<RedisReply> reply;
  for (const Owned& owned : all) {
    std::vector<RedisReply> row = {RedisReply::of(owned.range.first),
                                   RedisReply::of(owned.range.last)};
    for (const Number number : shard_of(view, owned.owner)) {
      const ClusterNode& node = view.nodes()[number];
      row.push_back(RedisReply::array(
          {bulk(node.host), RedisReply::of(node.port), bulk(node.id), map(call, {})}));
    }
    reply.push_back(RedisReply::array(std::move(row)));
  }
  return RedisReply::array(std::move(reply));
}

RedisReply shards(Call& call, ClusterView& view) {
  std::vector<RedisReply> reply;
  for (std::size_t i = 0; i < view.nodes().size(); ++i) {
    const auto primary = static_cast<Number>(i);
    if (!view.nodes()[primary].primary.empty()) continue;
    std::vector<RedisReply> ends;
    for (const Range& range : ranges_of(view, primary)) {
      ends.push_back(RedisReply::of(range.first));
      ends.push_back(RedisReply::of(range.last));
    }
    std::vector<RedisReply> nodes;
    for (const Number number : shard_of(view, primary)) {
      const ClusterNode& node = view.nodes()[number];
      const std::uint64_t offset = number == 0 ? call.state.replication.offset : 0;
      nodes.push_back(
          map(call, {bulk("id"), bulk(node.id), bulk("port"), RedisReply::of(node.port), bulk("ip"),
                     bulk(node.host), bulk("endpoint"), bulk(node.host), bulk("role"),
                     bulk(number == primary ? "master" : "replica"), bulk("replication-offset"),
                     integer(offset), bulk("health"), bulk("online")}));
    }
    reply.push_back(map(call, {bulk("slots"), RedisReply::array(std::move(ends)), bulk("nodes"),
                               RedisReply::array(std::move(nodes))}));
  }
  return RedisReply::array(std::move(reply));
}

std::string describe(const ClusterView& view, Number number) {
  const ClusterNode& node = view.nodes()[number];
  const bool is_replica = !node.primary.empty();
  std::string text = node.id + " " + node.host + ":" + std::to_string(node.port) + "@" +
                     std::to_string(node.port + 10000) + " " + (number == 0 ? "myself," : "") +
                     (is_replica ? "slave " + node.primary : std::string("master -")) + " 0 0 " +
                     std::to_string(node.config_epoch) + " connected";
  for (const Range& range : ranges_of(view, number)) {
    text += " " + std::to_string(range.first);
    if (range.last != range.first) text += "-" + std::to_string(range.last);
  }
  if (number != 0) return text + "\n";
  for (const auto& [slot, to] : view.migrating) {
    text += " [" + std::to_string(slot) + "->-" + view.nodes()[to].id + "]";
  }
  for (const auto& [slot, from] : view.importing) {
    text += " [" + std::to_string(slot) + "-<-" + view.nodes()[from].id + "]";
  }
  return text + "\n";
}

RedisReply nodes(Call& call, ClusterView& view) {
  std::string text;
  for (std::size_t i = 0; i < view.nodes().size(); ++i) {
    text += describe(view, static_cast<Number>(i));
  }
  return verbatim(call, std::move(text));
}

RedisReply info(Call& call, ClusterView& view) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < view.nodes().size(); ++i) {
    size += !ranges_of(view, static_cast<Number>(i)).empty();
  }
  std::string text = std::string("cluster_state:") + (cluster_is_up(call.state) ? "ok" : "fail");
  const auto add = [&text](const char* name, std::uint64_t value) {
    text.append("\r\n").append(name).append(":").append(std::to_string(value));
  };
  add("cluster_slots_assigned", view.assigned());
  add("cluster_slots_ok", view.assigned());
  add("cluster_slots_pfail", 0);
  add("cluster_slots_fail", 0);
  add("cluster_known_nodes", view.nodes().size());
  add("cluster_size", size);
  add("cluster_current_epoch", view.epoch);
  add("cluster_my_epoch", view.myself().config_epoch);
  return verbatim(call, text + "\r\n");
}

RedisReply myid(Call&, ClusterView& view) {
  return bulk(view.myself().id);
}

RedisReply keyslot(Call& call, ClusterView&) {
  return RedisReply::of(slot_of(call.args[2]));
}

/// In the order of the keys' bytes (Redis: of their arrival in the slot).
std::vector<std::string> keys_in(const EngineState& state, std::uint16_t slot) {
  std::vector<std::string> found;
  if (state.databases.empty() || state.databases[0] == nullptr) return found;
  const Keyspace& keys = *state.databases[0];
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (slot_of(keys.at(i).key) == slot) found.push_back(keys.at(i).key);
  }
  std::sort(found.begin(), found.end());
  return found;
}

RedisReply countkeysinslot(Call& call, ClusterView&) {
  if (!parse_integer(call.args[2])) return error(errors::kNotInteger);
  const auto slot = parse_slot(call.args[2]);
  if (!slot) return error("ERR Invalid slot");
  return integer(keys_in(call.state, *slot).size());
}

RedisReply getkeysinslot(Call& call, ClusterView&) {
  const auto most = parse_integer(call.args[3]);
  if (!parse_integer(call.args[2]) || !most) return error(errors::kNotInteger);
  const auto slot = parse_slot(call.args[2]);
  if (!slot || *most < 0) return error("ERR Invalid slot or number of keys");
  std::vector<RedisReply> found;
  for (std::string& key : keys_in(call.state, *slot)) {
    if (found.size() == static_cast<std::size_t>(*most)) break;
    found.push_back(RedisReply::bulk(std::move(key)));
  }
  return RedisReply::array(std::move(found));
}

std::optional<RedisReply> check_change(const ClusterView& view, std::uint16_t slot, bool adds) {
  const bool is_owned = view.owner_of(slot) != ClusterView::kNobody;
  const std::string text = "ERR Slot " + std::to_string(slot);
  if (adds && is_owned) return RedisReply::error(text + " is already busy");
  if (!adds && !is_owned) return RedisReply::error(text + " is already unassigned");
  return std::nullopt;
}

/// All of them or none.
RedisReply change_slots(Call& call, ClusterView& view, bool adds) {
  std::vector<std::uint16_t> chosen;
  for (const std::string_view word : call.args.subspan(2)) {
    const auto slot = parse_slot(word);
    if (!slot) return error(kBadSlot);
    chosen.push_back(*slot);
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (auto problem = check_change(view, chosen[i], adds)) return *problem;
    if (std::count(chosen.begin(), chosen.end(), chosen[i]) > 1) {
      return RedisReply::error("ERR Slot " + std::to_string(chosen[i]) +
                               " specified multiple times");
    }
  }
  for (const std::uint16_t slot : chosen) {
    view.set_owner(slot, adds ? Number{0} : ClusterView::kNobody);
    if (adds) view.importing.erase(slot);
  }
  return ok();
}

RedisReply addslots(Call& call, ClusterView& view) {
  return change_slots(call, view, true);
}
RedisReply delslots(Call& call, ClusterView& view) {
  return change_slots(call, view, false);
}

RedisReply set_migrating(ClusterView& view, std::uint16_t slot, std::string_view id) {
  if (view.owner_of(slot) != 0) {
    return RedisReply::error("ERR I'm not the owner of hash slot " + std::to_string(slot));
  }
  const Number to = view.find(id);
  if (to == ClusterView::kNobody) {
    return RedisReply::error("ERR I don't know about node " + std::string(id));
  }
  if (to == 0) return error("ERR Target node is myself");
  view.migrating[slot] = to;
  return ok();
}

RedisReply set_importing(ClusterView& view, std::uint16_t slot, std::string_view id) {
  if (view.owner_of(slot) == 0) {
    return RedisReply::error("ERR I'm already the owner of hash slot " + std::to_string(slot));
  }
  const Number from = view.find(id);
  if (from == ClusterView::kNobody) {
    return RedisReply::error("ERR I don't know about node " + std::string(id));
  }
  if (from == 0) return error("ERR Target node is myself");
  view.importing[slot] = from;
  return ok();
}

RedisReply set_node(Call& call, ClusterView& view, std::uint16_t slot, std::string_view id) {
  const Number owner = view.find(id);
  if (owner == ClusterView::kNobody) {
    return RedisReply::error("ERR Unknown node " + std::string(id));
  }
  const bool has_keys = !keys_in(call.state, slot).empty();
  if (view.owner_of(slot) == 0 && owner != 0 && has_keys) {
    return RedisReply::error("ERR Can't assign hashslot " + std::to_string(slot) +
                             " to a different node while I still hold keys for this hash slot.");
  }
  if (!has_keys) view.migrating.erase(slot);
  if (owner == 0 && view.importing.erase(slot) > 0) {
    view.node(0).config_epoch = ++view.epoch;
  }
  view.set_owner(slot, owner);
  return ok();
}

RedisReply setslot(Call& call, ClusterView& view) {
  if (!view.myself().primary.empty()) {
    return error("ERR You can use SETSLOT only with masters.");
  }
  const auto slot = parse_slot(call.args[2]);
  if (!slot) return error(kBadSlot);
  const std::string_view action = call.args[3];
  const bool has_node = call.args.size() == 5;
  if (has_node && equals_ignoring_case(action, "migrating")) {
    return set_migrating(view, *slot, call.args[4]);
  }
  if (has_node && equals_ignoring_case(action, "importing")) {
    return set_importing(view, *slot, call.args[4]);
  }
  if (has_node && equals_ignoring_case(action, "node")) {
    return set_node(call, view, *slot, call.args[4]);
  }
  if (call.args.size() == 4 && equals_ignoring_case(action, "stable")) {
    view.migrating.erase(*slot);
    view.importing.erase(*slot);
    return ok();
  }
  return error("ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP");
}

RedisReply asking(Call& call, ClusterView&) {
  call.session.set(Session::kAsking, true);
  return ok();
}

RedisReply readonly(Call& call, ClusterView&) {
  call.session.reads_from_replica = true;
  return ok();
}

RedisReply readwrite(Call& call, ClusterView&) {
  call.session.reads_from_replica = false;
  return ok();
}

constexpr std::uint16_t kOperator = kAdmin | kStale;

constexpr CommandSpec kParts[] = {
    {"cluster|slots", 2, kStale, in_cluster<slots>},
    {"cluster|shards", 2, kStale, in_cluster<shards>},
    {"cluster|nodes", 2, kStale, in_cluster<nodes>},
    {"cluster|info", 2, kStale, in_cluster<info>},
    {"cluster|myid", 2, kStale, in_cluster<myid>},
    {"cluster|keyslot", 3, kStale, in_cluster<keyslot>},
    {"cluster|countkeysinslot", 3, kStale, in_cluster<countkeysinslot>},
    {"cluster|getkeysinslot", 4, kStale, in_cluster<getkeysinslot>},
    {"cluster|addslots", -3, kOperator, in_cluster<addslots>},
    {"cluster|delslots", -3, kOperator, in_cluster<delslots>},
    {"cluster|setslot", -4, kOperator, in_cluster<setslot>},
};

constexpr CommandSpec kCommands[] = {
    {"cluster", -2, kRead, nullptr, kNoKeys, nullptr, kParts},
    {"asking", 1, kRead, in_cluster<asking>},
    {"readonly", 1, kLoading | kStale, in_cluster<readonly>},
    {"readwrite", 1, kLoading | kStale, in_cluster<readwrite>},
};

}  // namespace

std::span<const CommandSpec> cluster_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
