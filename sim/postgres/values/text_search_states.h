#pragma once

#include <cstdint>
#include <span>

#include "sim/postgres/values/text_search_parser.h"

/// What the parser of texts does in each state, as the tables of wparser_def.c have it. Marks that
/// are neither letters nor blanks need no rows: in the locale C, all beyond ASCII are letters.
namespace firedrill::sim::postgres::text_parser {

enum class State : std::uint8_t {
  same,
  base,
  in_number_word,
  in_ascii_word,
  in_word,
  in_unsigned_integer,
  in_signed_integer_first,
  in_signed_integer,
  in_space,
  in_unsigned_decimal_first,
  in_unsigned_decimal,
  in_decimal_first,
  in_decimal,
  in_signed_version_first,
  in_signed_version,
  in_version_first,
  in_version,
  in_mantissa_first,
  in_mantissa_sign,
  in_mantissa,
  in_entity_first,
  in_entity,
  in_entity_num_first,
  in_entity_hex_number_first,
  in_entity_num,
  in_entity_hex_number,
  in_entity_end,
  in_tag_first,
  in_declaration,
  in_tag_close_first,
  in_tag_name,
  in_tag_begin_end,
  in_tag,
  in_tag_quotes,
  in_tag_double_quotes,
  in_tag_backslash,
  in_tag_end,
  in_comment_first,
  in_comment_last,
  in_comment,
  in_close_comment_first,
  in_close_comment_last,
  in_comment_end,
  in_host_first_domain,
  in_host_domain_second,
  in_host_domain,
  in_port_first,
  in_port,
  in_host_first_letter,
  in_host,
  in_email,
  in_file_first,
  in_file_twiddle,
  in_path_first,
  in_path_first_dot,
  in_path_second,
  in_file,
  in_file_next,
  in_url_path_first,
  in_url_path_start,
  in_url_path,
  in_full_url,
  in_protocol_first,
  in_protocol_second,
  in_protocol_end,
  in_hyphen_ascii_word_first,
  in_hyphen_ascii_word,
  in_hyphen_word_first,
  in_hyphen_word,
  in_hyphen_number_word_first,
  in_hyphen_number_word,
  in_hyphen_digit_lookahead,
  in_parse_hyphen,
  in_parse_hyphen_hyphen,
  in_hyphen_word_part,
  in_hyphen_ascii_word_part,
  in_hyphen_number_word_part,
  in_hyphen_unsigned_integer,
};

enum class Class : std::uint8_t {
  exactly,
  end,
  ascii_letter,
  letter,
  digit,
  letter_or_digit,
  no_letter_or_digit,
  ignored,
  space,
  hex_digit,
  stop_after_host,
  host,
  url_character,
  url_path,
  any,
};

enum class Act : std::uint8_t {
  next,
  push,
  pop,
  clear,
  merge,
  rerun,
  found,
  found_clear,
  found_clear_all,
};

/// What is done beside the act: tags may begin a script, wholes are read again for their parts, and
/// the sign before a version ("-1.2.3") is none of it, which only the second point shows.
enum class Special : std::uint8_t { none, tag, whole_url, hyphenated, restart };

struct Action {
  State from;
  Class character_class;
  char character;
  Act act;
  State to;
  TextTokenKind kind = TextTokenKind::none;
  Special special = Special::none;
};

/// Of one state, in the order in which they are tried; the last one always holds.
std::span<const Action> actions_of(State state);

}  // namespace firedrill::sim::postgres::text_parser
