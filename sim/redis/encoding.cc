#include "sim/redis/encoding.h"

namespace firedrill::sim::redis {

std::string_view encoding_of(const Keyspace::Slot& slot) {
  constexpr std::size_t kLongestEmbedded = 44;
  const Value& value = slot.value;
  if (std::holds_alternative<std::int64_t>(value)) return "int";
  if (const auto* text = std::get_if<std::string>(&value)) {
    return slot.raw || text->size() > kLongestEmbedded ? "raw" : "embstr";
  }
  if (const auto* hash = std::get_if<std::unique_ptr<Hash>>(&value)) {
    return (*hash)->listpack ? "listpack" : "hashtable";
  }
  if (const auto* set = std::get_if<std::unique_ptr<Set>>(&value)) {
    return (*set)->integers ? "intset" : "hashtable";
  }
  if (const auto* set = std::get_if<std::unique_ptr<SortedSet>>(&value)) {
    return (*set)->listpack ? "listpack" : "skiplist";
  }
  return std::holds_alternative<std::unique_ptr<List>>(value) ? "quicklist" : "stream";
}

}  // namespace firedrill::sim::redis
