// The import of Northwind through the real binary, and what the server then says.
#pragma once

#include <boost/json.hpp>

#include "connectors/client/http_client.h"
#include "tests/ops/process/server_process.h"

namespace orderlog::test {

// `folder`: of the CSV files; `directory`: where errors and checkpoint go.
inline Finished import_northwind(const std::string& folder, const std::string& url,
                                 const std::string& directory) {
  return run({"import", "northwind", folder, "--server", url, "--quiet"}, directory);
}

inline boost::json::object get(const std::string& url, const std::string& target) {
  auto client = client::HttpClient::open(url);
  EXPECT_TRUE(client.ok());
  auto response = client->get(target);
  EXPECT_TRUE(response.ok()) << target;
  if (!response.ok()) return {};
  EXPECT_EQ(response->status, 200) << target << ": " << response->body;
  boost::system::error_code malformed;
  auto value = boost::json::parse(response->body, malformed);
  return malformed || !value.is_object() ? boost::json::object() : value.as_object();
}

}  // namespace orderlog::test
