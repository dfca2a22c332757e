#include "ops/pretty_json.h"

namespace orderlog::ops {
namespace {

constexpr std::size_t indent = 2;
constexpr std::string_view blanks = " \t\r\n";

// Bytes of the text that begins with this quote.
std::size_t text_bytes(std::string_view json) {
  std::size_t at = 1;
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return at + 1;
}

void new_line(std::string& out, std::size_t depth) {
  out += '\n';
  out.append(depth * indent, ' ');
}

}  // namespace

std::string pretty_json(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  for (std::size_t at = 0; (at = json.find_first_not_of(blanks, at)) != std::string_view::npos;) {
    const char c = json[at];
    if (c == '"') {
      const auto text = json.substr(at, text_bytes(json.substr(at)));
      out += text;
      at += text.size();
      continue;
    }
    const bool closes = c == '}' || c == ']';
    if (closes) {
      --depth;
      if (out.back() != '{' && out.back() != '[') new_line(out, depth);
    }
    out += c;
    ++at;
    if (c == ':') out += ' ';
    if (c == ',') new_line(out, depth);
    if (c != '{' && c != '[') continue;
    ++depth;
    const auto next = json.find_first_not_of(blanks, at);
    if (next != std::string_view::npos && json[next] != '}' && json[next] != ']')
      new_line(out, depth);
  }
  return out;
}

}  // namespace orderlog::ops
