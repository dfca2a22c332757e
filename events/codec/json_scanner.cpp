#include "events/codec/json_scanner.h"

namespace orderlog::codec {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view without_blanks_behind(std::string_view text) {
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

}  // namespace

void JsonScanner::skip_blanks() {
  while (at_ < text_.size() && blanks.find(text_[at_]) != std::string_view::npos) ++at_;
}

bool JsonScanner::take(char c) {
  skip_blanks();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

std::optional<std::string_view> JsonScanner::take_text() {
  if (!take('"')) return std::nullopt;
  const std::size_t from = at_;
  while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
  if (at_ >= text_.size()) return std::nullopt;
  return text_.substr(from, at_++ - from);
}

std::optional<std::string_view> JsonScanner::take_value() {
  skip_blanks();
  const std::size_t from = at_;
  for (std::size_t depth = 0; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') {
      if (!take_text()) return std::nullopt;
      --at_;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return without_blanks_behind(text_.substr(from, at_ - from));
      --depth;
    } else if (c == ',' && depth == 0) {
      return without_blanks_behind(text_.substr(from, at_ - from));
    }
  }
  return std::nullopt;
}

bool JsonScanner::done() {
  skip_blanks();
  return at_ >= text_.size();
}

std::optional<std::string_view> member_as_written(std::string_view object, std::string_view name) {
  JsonScanner scanner(object);
  if (!scanner.take('{')) return std::nullopt;
  do {
    const auto member = scanner.take_text();
    if (!member || !scanner.take(':')) return std::nullopt;
    const auto value = scanner.take_value();
    if (!value) return std::nullopt;
    if (*member == name) return value;
  } while (scanner.take(','));
  return std::nullopt;
}

}  // namespace orderlog::codec
