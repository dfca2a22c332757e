// A request as the handlers see it: views into the connection's memory, valid until the handler
// returns. What must live longer is copied by the handler.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/base/result.h"

namespace orderlog::http {

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Other };
std::string_view to_string(Method method);

struct HeaderField {
  std::string_view name;
  std::string_view value;  // without blanks around it
};

// Parts of a path that a route leaves open; no route has more.
inline constexpr std::size_t path_params_max = 2;

struct Request {
  Method method = Method::Other;
  std::string_view target;  // as sent: path and query
  std::string_view path;    // as sent, percent-encoded
  std::string_view query;   // behind the question mark, as sent
  std::span<const HeaderField> fields;
  std::string_view body;
  // The open parts of the route's pattern, as sent. Set by the router.
  std::array<std::string_view, path_params_max> params;
  // Sent before an earlier one of the same connection was answered. Set by the session.
  bool pipelined = false;

  // The first field of that name (any case); nothing when there is none.
  std::optional<std::string_view> header(std::string_view name) const;
};

// Whether the body is of that type, whatever its parameters ("application/json; charset=utf-8").
bool has_media_type(const Request& request, std::string_view wanted);

// Letters of ASCII compare equal in either case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// "%40" → "@"; a plus is a blank when `plus_is_blank` (queries, not paths). Errors: InvalidArgument
// (bad encoding, or a zero byte).
Result<std::string> percent_decoded(std::string_view text, bool plus_is_blank);

inline constexpr std::size_t query_params_max = 64;

// The members of a query in order, decoded. Errors: InvalidArgument (bad encoding, too many, a name
// given twice).
class QueryParams {
 public:
  static Result<QueryParams> parse(std::string_view query);

  // nullptr when it was not given.
  const std::string* find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return params_; }

 private:
  std::vector<std::pair<std::string, std::string>> params_;
};

}  // namespace orderlog::http
