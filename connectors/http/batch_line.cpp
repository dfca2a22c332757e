// Goes over the outermost members of a JSON object. Whatever it lets pass is read again, strictly,
// by the codec.
#include "connectors/http/batch_line.h"

#include "events/codec/json_scanner.h"

namespace orderlog::http {

namespace {

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
  codec::JsonScanner scanner(line);
  BatchLine result;
  if (!scanner.take('{')) return bad("the line is not a JSON object");
  result.body = "{";
  bool closed = scanner.take('}');
  while (!closed) {
    scanner.skip_blanks();
    const std::size_t from = scanner.at();
    const auto name = scanner.take_text();
    if (!name || !scanner.take(':')) return bad("the line is not a JSON object");
    const auto written = scanner.take_value();
    if (!written) return bad("the line is not a JSON object");
    const std::size_t end = scanner.at();
    if (*name == "command" || *name == "idempotency_key") {
      codec::JsonScanner value(*written);
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
