// A scanner over the outermost members of a JSON object. It trusts nothing: whatever it lets pass
// is read again, strictly, by the codec.
#include "connectors/http/batch_line.h"

namespace orderlog::http {

namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // The text between quotes, as written; nothing when there is no closed text.
  std::optional<std::string_view> take_text() {
    if (!take('"')) return std::nullopt;
    const std::size_t from = at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) return std::nullopt;
    return text_.substr(from, at_++ - from);
  }
  // Over any value, to the comma or brace behind it.
  bool skip_value() {
    std::size_t depth = 0;
    for (skip_blanks(); at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (!take_text()) return false;
        --at_;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return true;
        --depth;
      } else if (c == ',' && depth == 0) {
        return true;
      }
    }
    return false;
  }

  std::size_t at() const { return at_; }
  bool done() {
    skip_blanks();
    return at_ >= text_.size();
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

Error bad(std::string_view why) { return error(ErrorCode::InvalidArgument, std::string(why)); }

// The escapes that a printable ASCII text may need.
Result<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
      if (i == text.size() || (text[i] != '"' && text[i] != '\\' && text[i] != '/')) {
        return bad("idempotency_key has an escape that is not needed");
      }
    }
    out += text[i];
  }
  return out;
}

}  // namespace

Result<BatchLine> read_batch_line(std::string_view line) {
  Scanner scanner(line);
  BatchLine result;
  if (!scanner.take('{')) return bad("the line is not a JSON object");
  result.body = "{";
  bool closed = scanner.take('}');
  while (!closed) {
    scanner.skip_blanks();
    const std::size_t from = scanner.at();
    const auto name = scanner.take_text();
    if (!name || !scanner.take(':')) return bad("the line is not a JSON object");
    scanner.skip_blanks();
    const std::size_t value_from = scanner.at();
    if (!scanner.skip_value()) return bad("the line is not a JSON object");
    const std::size_t end = scanner.at();
    if (*name == "command" || *name == "idempotency_key") {
      Scanner value(line.substr(value_from, end - value_from));
      const auto text = value.take_text();
      if (!text || !value.done()) return bad(std::string(*name) + " must be a text");
      if (*name == "command") {
        if (!result.command.empty()) return bad("command is given twice");
        result.command = *text;
      } else {
        if (result.idempotency_key) return bad("idempotency_key is given twice");
        auto key = unescaped(*text);
        if (!key) return key.error();
        result.idempotency_key = std::move(*key);
      }
    } else {
      if (result.body.size() > 1) result.body += ',';
      result.body += line.substr(from, end - from);
    }
    if (scanner.take(',')) continue;
    if (!scanner.take('}')) return bad("the line is not a JSON object");
    closed = true;
  }
  if (!scanner.done()) return bad("there is something behind the JSON object");
  if (result.command.empty()) return bad("the member command is missing");
  result.body += '}';
  return result;
}

}  // namespace orderlog::http
