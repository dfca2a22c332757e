// Requests that a server must refuse, as a table: what is wrong, what is sent, what comes back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/client/response.h"

namespace orderlog::test {

struct Refusal {
  int status = 0;
  std::string type;                    // behind "urn:orderlog:problem:"
  std::optional<std::string> pointer;  // of the first of its errors; nothing: not looked at
};

struct BadRequest {
  std::string what;
  std::string target;
  std::string body;
  Refusal refusal;
  client::Headers headers = {};
  std::string content_type = "application/json";
};

// Against a server with: stock TEA@MAIN at version 1, received with 1000 milli under the key
// "first"; customer C-1; ticket T-1, resolved.
std::vector<BadRequest> bad_requests();

inline std::string command_path(const std::string& name) { return "/v1/commands/" + name; }

// The body of a ReceiveStock for TEA@MAIN; `more` begins with a comma.
inline std::string receive_tea(const std::string& quantity, const std::string& more = {}) {
  return R"({"stock_item_id":"TEA@MAIN","quantity":)" + quantity + more + "}";
}

}  // namespace orderlog::test
