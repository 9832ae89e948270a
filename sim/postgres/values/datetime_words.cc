#include <algorithm>
#include <array>
#include <span>

#include "sim/postgres/values/datetime_fields.h"

namespace firedrill::sim::postgres {

namespace {

struct KnownWord {
  std::string_view text;
  Word word;
};

constexpr Word month(std::int32_t value) {
  return {WordKind::month, value};
}
constexpr Word weekday(std::int32_t value) {
  return {WordKind::weekday, value};
}
constexpr Word unit(Unit value) {
  return {WordKind::unit, 0, value};
}
constexpr Word of_kind(WordKind kind, std::int32_t value = 0) {
  return {kind, value};
}

constexpr auto kDatetimeWords = std::to_array<KnownWord>({
    {"-infinity", of_kind(WordKind::minus_infinity)},
    {"ad", of_kind(WordKind::era, 0)},
    {"allballs", of_kind(WordKind::all_balls)},
    {"am", of_kind(WordKind::half_day, 0)},
    {"apr", month(4)},
    {"april", month(4)},
    {"at", of_kind(WordKind::ignored)},
    {"aug", month(8)},
    {"august", month(8)},
    {"bc", of_kind(WordKind::era, 1)},
    {"d", unit(Unit::day)},
    {"dec", month(12)},
    {"december", month(12)},
    {"dow", unit(Unit::day_of_week)},
    {"doy", unit(Unit::day_of_year)},
    {"dst", of_kind(WordKind::daylight)},
    {"epoch", {WordKind::epoch, 0, Unit::epoch}},
    {"feb", month(2)},
    {"february", month(2)},
    {"fri", weekday(5)},
    {"friday", weekday(5)},
    {"h", unit(Unit::hour)},
    {"infinity", of_kind(WordKind::infinity)},
    {"isodow", unit(Unit::iso_day_of_week)},
    {"isoyear", unit(Unit::iso_year)},
    {"j", unit(Unit::julian)},
    {"jan", month(1)},
    {"january", month(1)},
    {"jd", unit(Unit::julian)},
    {"jul", month(7)},
    {"julian", unit(Unit::julian)},
    {"july", month(7)},
    {"jun", month(6)},
    {"june", month(6)},
    {"m", unit(Unit::month)},
    {"mar", month(3)},
    {"march", month(3)},
    {"may", month(5)},
    {"mm", unit(Unit::minute)},
    {"mon", weekday(1)},
    {"monday", weekday(1)},
    {"nov", month(11)},
    {"november", month(11)},
    {"now", of_kind(WordKind::now)},
    {"oct", month(10)},
    {"october", month(10)},
    {"on", of_kind(WordKind::ignored)},
    {"pm", of_kind(WordKind::half_day, 1)},
    {"s", unit(Unit::second)},
    {"sat", weekday(6)},
    {"saturday", weekday(6)},
    {"sep", month(9)},
    {"sept", month(9)},
    {"september", month(9)},
    {"sun", weekday(0)},
    {"sunday", weekday(0)},
    {"t", {WordKind::iso_time, 0, Unit::time}},
    {"thu", weekday(4)},
    {"thur", weekday(4)},
    {"thurs", weekday(4)},
    {"thursday", weekday(4)},
    {"today", of_kind(WordKind::today)},
    {"tomorrow", of_kind(WordKind::tomorrow)},
    {"tue", weekday(2)},
    {"tues", weekday(2)},
    {"tuesday", weekday(2)},
    {"wed", weekday(3)},
    {"wednesday", weekday(3)},
    {"weds", weekday(3)},
    {"y", unit(Unit::year)},
    {"yesterday", of_kind(WordKind::yesterday)},
});

constexpr auto kIntervalWords = std::to_array<KnownWord>({
    {"@", of_kind(WordKind::ignored)},
    {"ago", of_kind(WordKind::ago)},
    {"c", unit(Unit::century)},
    {"cent", unit(Unit::century)},
    {"centuries", unit(Unit::century)},
    {"century", unit(Unit::century)},
    {"d", unit(Unit::day)},
    {"day", unit(Unit::day)},
    {"days", unit(Unit::day)},
    {"dec", unit(Unit::decade)},
    {"decade", unit(Unit::decade)},
    {"decades", unit(Unit::decade)},
    {"decs", unit(Unit::decade)},
    {"h", unit(Unit::hour)},
    {"hour", unit(Unit::hour)},
    {"hours", unit(Unit::hour)},
    {"hr", unit(Unit::hour)},
    {"hrs", unit(Unit::hour)},
    {"m", unit(Unit::minute)},
    {"microsecon", unit(Unit::microsecond)},
    {"mil", unit(Unit::millennium)},
    {"millennia", unit(Unit::millennium)},
    {"millennium", unit(Unit::millennium)},
    {"millisecon", unit(Unit::millisecond)},
    {"mils", unit(Unit::millennium)},
    {"min", unit(Unit::minute)},
    {"mins", unit(Unit::minute)},
    {"minute", unit(Unit::minute)},
    {"minutes", unit(Unit::minute)},
    {"mon", unit(Unit::month)},
    {"mons", unit(Unit::month)},
    {"month", unit(Unit::month)},
    {"months", unit(Unit::month)},
    {"ms", unit(Unit::millisecond)},
    {"msec", unit(Unit::millisecond)},
    {"msecond", unit(Unit::millisecond)},
    {"mseconds", unit(Unit::millisecond)},
    {"msecs", unit(Unit::millisecond)},
    {"qtr", unit(Unit::quarter)},
    {"quarter", unit(Unit::quarter)},
    {"s", unit(Unit::second)},
    {"sec", unit(Unit::second)},
    {"second", unit(Unit::second)},
    {"seconds", unit(Unit::second)},
    {"secs", unit(Unit::second)},
    {"timezone", unit(Unit::zone)},
    {"timezone_h", unit(Unit::zone_hour)},
    {"timezone_m", unit(Unit::zone_minute)},
    {"us", unit(Unit::microsecond)},
    {"usec", unit(Unit::microsecond)},
    {"usecond", unit(Unit::microsecond)},
    {"useconds", unit(Unit::microsecond)},
    {"usecs", unit(Unit::microsecond)},
    {"w", unit(Unit::week)},
    {"week", unit(Unit::week)},
    {"weeks", unit(Unit::week)},
    {"y", unit(Unit::year)},
    {"year", unit(Unit::year)},
    {"years", unit(Unit::year)},
    {"yr", unit(Unit::year)},
    {"yrs", unit(Unit::year)},
});

/// Always at UTC.
constexpr auto kUniversalZones =
    std::to_array<std::string_view>({"gmt", "uct", "ut", "utc", "z", "zulu"});

/// Abbreviations and names that PostgreSQL knows, and that the model has no rules for.
constexpr auto kRefusedZones = std::to_array<std::string_view>({
    "acdt",    "acsst",    "acst",      "act",       "acwst",      "adt",       "aedt",
    "aesst",   "aest",     "aft",       "akdt",      "akst",       "almst",     "almt",
    "amst",    "amt",      "anast",     "anat",      "arst",       "art",       "ast",
    "awsst",   "awst",     "azost",     "azot",      "azst",       "azt",       "bdst",
    "bdt",     "bnt",      "bort",      "bot",       "bra",        "brst",      "brt",
    "bst",     "btt",      "cadt",      "cast",      "cct",        "cdt",       "cest",
    "cet",     "cetdst",   "chadt",     "chast",     "chut",       "ckt",       "clst",
    "clt",     "cot",      "cst",       "cst6cdt",   "cuba",       "cxt",       "davt",
    "ddut",    "easst",    "east",      "eat",       "edt",        "eest",      "eet",
    "eetdst",  "egst",     "egt",       "egypt",     "eire",       "est",       "est5edt",
    "factory", "fet",      "fjst",      "fjt",       "fkst",       "fkt",       "fnst",
    "fnt",     "galt",     "gamt",      "gb",        "gb-eire",    "gest",      "get",
    "gft",     "gilt",     "gmt+0",     "gmt-0",     "gmt0",       "greenwich", "gyt",
    "hkt",     "hongkong", "hst",       "iceland",   "ict",        "idt",       "iot",
    "iran",    "irkst",    "irkt",      "irt",       "israel",     "ist",       "jamaica",
    "japan",   "jayt",     "jst",       "kdt",       "kgst",       "kgt",       "kost",
    "krast",   "krat",     "kst",       "kwajalein", "lhdt",       "lhst",      "libya",
    "ligt",    "lint",     "lkt",       "localtime", "magst",      "magt",      "mart",
    "mawt",    "mdt",      "mest",      "mesz",      "met",        "metdst",    "mez",
    "mht",     "mmt",      "mpt",       "msd",       "msk",        "mst",       "mst7mdt",
    "must",    "mut",      "mvt",       "myt",       "navajo",     "ndt",       "nft",
    "novst",   "novt",     "npt",       "nst",       "nut",        "nz",        "nz-chat",
    "nzdt",    "nzst",     "nzt",       "omsst",     "omst",       "pdt",       "pet",
    "petst",   "pett",     "pgt",       "pht",       "pkst",       "pkt",       "pmdt",
    "pmst",    "poland",   "pont",      "portugal",  "posixrules", "prc",       "pst",
    "pst8pdt", "pwt",      "pyst",      "pyt",       "ret",        "roc",       "rok",
    "sadt",    "sast",     "sct",       "sgt",       "singapore",  "taht",      "tft",
    "tjt",     "tkt",      "tmt",       "tot",       "trut",       "turkey",    "tvt",
    "ulast",   "ulat",     "universal", "uyst",      "uyt",        "uzst",      "uzt",
    "vet",     "vlast",    "vlat",      "volt",      "vut",        "w-su",      "wadt",
    "wakt",    "wast",     "wat",       "wdt",       "wet",        "wetdst",    "wft",
    "wgst",    "wgt",      "xjt",       "yakst",     "yakt",       "yapt",      "yekst",
    "yekt",
});

/// PostgreSQL compares ten characters of a word, no more.
Word find_word(std::span<const KnownWord> words, std::string_view text) {
  constexpr std::size_t kCompared = 10;
  const auto found = std::ranges::find(words, text.substr(0, kCompared), &KnownWord::text);
  return found == words.end() ? Word{} : found->word;
}

}  // namespace

Word find_datetime_word(std::string_view word) {
  return find_word(kDatetimeWords, word);
}

Word find_interval_word(std::string_view word) {
  return find_word(kIntervalWords, word);
}

Word find_zone_word(std::string_view word) {
  if (std::ranges::find(kUniversalZones, word) != kUniversalZones.end())
    return of_kind(WordKind::zone);
  if (std::ranges::find(kRefusedZones, word) != kRefusedZones.end())
    return of_kind(WordKind::refused_zone);
  return {};
}

}  // namespace firedrill::sim::postgres
