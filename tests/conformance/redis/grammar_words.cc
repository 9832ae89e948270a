#include <array>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

// Several share their texts, so that types collide. (No "ms-*" can follow the last sequence of its
// ms: 7.0 then answers by an errno of long before.)
constexpr auto kShared = std::to_array<WordKind>({
    {"<k>", "a|b|c|{t}d|"},  // keys
    {"<f>", "f|g|h|1|"},     // fields
    {"<m>", "m|n|o|2|-7"},   // members
    {"<v>",                  // values
     "|x|10|-3|007|1.5| 1|9223372036854775807|-9223372036854775808|9223372036854775808|"
     "long enough to be no short string"},
    {"<i>",  // increments
     "0|1|-1|5|-20|9223372036854775807|x|1.0|-9223372036854775808"},
    {"<s>", "0|1|1.5|-2|1e3|inf|-inf|+5|nan|x|0.1|3e-2"},               // scores
    {"<b>", "0|(0|1|(1.5|-inf|+inf|(inf|-2|x|1000"},                    // bounds of scores
    {"<n>", "0|1|2|-1|-2|10|x"},                                        // counts and positions
    {"<t>", "1000|100000|0|-1|x|9223372036854775807|86400"},            // seconds to live
    {"<tm>", "1000000|100000000|0|-1|x|9223372036854775807|86400000"},  // milliseconds to live
    {"<T>", "4000000000|1000|0|-5|x|9223372036854775807"},              // seconds since 1970
    {"<TM>", "4000000000000|4000000000|0|-5|x|9223372036854775807"},    // the same in milliseconds
    {"<c>", "NX|XX|GT|LT|nx|XY"},                                       // conditions
    {"<id>", "*x|1-1|1-2|2-1|5-*|1-*|0-0|3|9-18446744073709551615|x|7-7"},  // ids of entries
    {"<r>", "-|+|1-1|(1-1|1|2-1|(2|5|x|(-"},                                // bounds of ids
    {"<g>", "*|a*|?|[ab]|[^a]|\\a|{*|x|[a-c]*|"},                           // patterns
    {"<w>", "EX|ex|nx|WITHSCORES|LIMIT|foo|0|GET|KEEPTTL|REV"},             // options anywhere
});

}  // namespace

std::span<const WordKind> shared_words() {
  return kShared;
}

}  // namespace firedrill::test
