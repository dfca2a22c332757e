// Reading the parts of a request: fields by name, percent-encoding, query members.
#include "connectors/http/request.h"

#include <algorithm>

namespace orderlog::http {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::Get:
      return "GET";
    case Method::Head:
      return "HEAD";
    case Method::Post:
      return "POST";
    case Method::Put:
      return "PUT";
    case Method::Patch:
      return "PATCH";
    case Method::Delete:
      return "DELETE";
    case Method::Options:
      return "OPTIONS";
    case Method::Other:
      break;
  }
  return "other";
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const HeaderField& field : fields) {
    if (equal_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

bool has_media_type(const Request& request, std::string_view wanted) {
  std::string_view type = request.header("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return equal_ignoring_case(type, wanted);
}

Result<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_blank) {
      c = ' ';
    } else if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return error(ErrorCode::InvalidArgument, "bad percent-encoding in " + quote_input(text));
      }
      c = static_cast<char>(high * 16 + low);
      if (c == '\0') return error(ErrorCode::InvalidArgument, "zero byte in " + quote_input(text));
      i += 2;
    }
    out += c;
  }
  return out;
}

Result<QueryParams> QueryParams::parse(std::string_view query) {
  QueryParams result;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view member = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (member.empty()) continue;
    if (result.params_.size() == query_params_max) {
      return error(ErrorCode::InvalidArgument, "too many query parameters");
    }
    const std::size_t equals = std::min(member.find('='), member.size());
    auto name = percent_decoded(member.substr(0, equals), true);
    if (!name) return name.error();
    auto value = percent_decoded(member.substr(std::min(equals + 1, member.size())), true);
    if (!value) return value.error();
    if (result.find(*name) != nullptr) {
      return error(ErrorCode::InvalidArgument,
                   "query parameter given twice: " + quote_input(*name));
    }
    result.params_.emplace_back(std::move(*name), std::move(*value));
  }
  return result;
}

const std::string* QueryParams::find(std::string_view name) const {
  for (const auto& [key, value] : params_) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace orderlog::http
