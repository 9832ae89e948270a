#include "sim/postgres/values/text_search_parser.h"

#include <optional>
#include <utility>

#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/text_search_states.h"

namespace firedrill::sim::postgres {

namespace {

using text_parser::Act;
using text_parser::Action;
using text_parser::Class;
using text_parser::Special;
using text_parser::State;

bool is_url_character(char letter) {
  return letter > ' ' && letter < '\x7F' &&
         std::string_view("\"<>\\^`{|}").find(letter) == std::string_view::npos;
}

/// Where the parser is; pushed ones are what it comes back to when a guess was wrong.
struct Place {
  State state = State::base;
  std::size_t at = 0;
  std::size_t width = 0;  ///< of the character there
  std::size_t size = 0;   ///< of the token so far
  /// Which of the state's actions has pushed: the next ones are tried after coming back.
  std::optional<std::size_t> pushed_by = std::nullopt;
};

class Parser {
 public:
  Parser(std::string_view text, bool wants_host, State state = State::base)
      : text_(text), wants_host_(wants_host) {
    places_.push_back({});
    if (state == State::base) return;
    places_.push_back({.state = state});
  }

  /// The next token; none at the end.
  std::optional<TextToken> next() {
    if (place().at >= text_.size()) return std::nullopt;
    const std::size_t begin = place().at;
    place().pushed_by.reset();
    while (place().at <= text_.size()) {
      const bool at_end = place().at == text_.size();
      place().width = at_end ? 0 : character_size(text_[place().at]);
      const Action& action = choose();
      run(action.special);
      if (is_found(action.act)) {
        const std::size_t size = std::exchange(place().size, 0);
        act(action);
        size_ = size;
        return TextToken{.kind = action.kind, .text = std::string(text_.substr(begin, size))};
      }
      act(action);
      if (place().at >= text_.size() && action.act != Act::rerun) break;
      if (action.act != Act::rerun && action.act != Act::pop) advance(place().width);
    }
    return std::nullopt;
  }

  std::size_t last_size() const { return size_; }

 private:
  Place& place() { return places_.back(); }

  static bool is_found(Act act) {
    return act == Act::found || act == Act::found_clear || act == Act::found_clear_all;
  }

  void advance(std::size_t bytes) {
    place().at += bytes;
    place().size += bytes;
  }

  const Action& choose() {
    const auto actions = text_parser::actions_of(place().state);
    std::size_t index = 0;
    if (place().pushed_by) index = *place().pushed_by + 1;
    place().pushed_by.reset();
    while (!holds(actions[index])) ++index;
    chosen_ = index;
    return actions[index];
  }

  bool holds(const Action& action) {
    const char letter = place().at < text_.size() ? text_[place().at] : '\0';
    const bool is_wide = static_cast<unsigned char>(letter) >= 0x80;
    const bool is_letter = is_wide || is_ascii_letter(letter);
    switch (action.character_class) {
      case Class::exactly: return place().width == 1 && letter == action.character;
      case Class::end: return place().width == 0;
      case Class::ascii_letter: return is_ascii_letter(letter);
      case Class::letter: return is_letter;
      case Class::digit: return is_ascii_digit(letter);
      case Class::letter_or_digit: return is_letter || is_ascii_digit(letter);
      case Class::no_letter_or_digit: return !is_letter && !is_ascii_digit(letter);
      case Class::ignored: return is_ignoring_;
      case Class::space: return is_ascii_space(letter);
      case Class::hex_digit:
        return is_ascii_digit(letter) || (is_ascii_letter(letter) && ascii_lower(letter) <= 'f');
      case Class::stop_after_host: return std::exchange(wants_host_, false);
      case Class::host: return take(true, State::base, TextTokenKind::host);
      case Class::url_character: return is_url_character(letter);
      case Class::url_path: return take(false, State::in_url_path_first, TextTokenKind::url_path);
      case Class::any: return true;
    }
    return false;
  }

  /// Whether a token of the kind follows here; if so, it becomes part of this one.
  bool take(bool wants_host, State state, TextTokenKind kind) {
    Parser parser(text_.substr(place().at), wants_host, state);
    const auto token = parser.next();
    if (!token || token->kind != kind) return false;
    advance(parser.last_size());
    return true;
  }

  void act(const Action& action) {
    switch (action.act) {
      case Act::pop: places_.pop_back(); break;
      case Act::push: {
        Place pushed = place();
        place().pushed_by = chosen_;
        pushed.pushed_by.reset();
        places_.push_back(pushed);
        break;
      }
      case Act::clear:
      case Act::found_clear: places_.erase(places_.end() - 2); break;
      case Act::found_clear_all: places_.erase(places_.begin(), places_.end() - 1); break;
      case Act::merge: {
        const Place merged = place();
        places_.pop_back();
        place().at = merged.at;
        place().width = merged.width;
        place().size = merged.size;
        break;
      }
      default: break;
    }
    if (action.to != State::same) place().state = action.to;
  }

  void run(Special special) {
    switch (special) {
      case Special::none: return;
      case Special::tag: return note_script();
      case Special::whole_url: wants_host_ = true; [[fallthrough]];
      case Special::hyphenated: place().at -= place().size; return;
      case Special::restart: place().at -= std::exchange(place().size, 0); return;
    }
  }

  /// What is within <script> and <style> is no text.
  void note_script() {
    const std::string tag = ascii_lower(text_.substr(place().at - place().size, place().size));
    if (tag == "</script" || tag == "</style") is_ignoring_ = false;
    if (tag == "<script" || tag == "<style") is_ignoring_ = true;
  }

  std::string_view text_;
  bool wants_host_;
  bool is_ignoring_ = false;
  std::vector<Place> places_;
  std::size_t chosen_ = 0;
  std::size_t size_ = 0;
};

}  // namespace

std::vector<TextToken> parse_search_text(std::string_view text) {
  std::vector<TextToken> tokens;
  Parser parser(text, false);
  while (auto token = parser.next()) tokens.push_back(std::move(*token));
  return tokens;
}

}  // namespace firedrill::sim::postgres
