#include "tests/ops/kafka/late_orders.h"

#include "tests/ops/process/ready.h"

namespace orderlog::test {

void command(const std::string& url, const std::string& name, const std::string& members,
             const std::string& at) {
  auto client = client::HttpClient::open(url);
  const std::string body = R"({"occurred_at":")" + at + R"(",)" + members + "}";
  const auto answer = client->post("/v1/commands/" + name, body);
  ASSERT_TRUE(answer.ok() && answer->status / 100 == 2)
      << name << ": " << (answer.ok() ? answer->body : answer.error().message);
}

void begin_business(const std::string& url) {
  const std::string at = "2024-01-15T12:00:00Z";
  command(url, "DefineProduct",
          R"("product_id":"TEA","profile":{"name":"Tea","product_class":"Drinks"},)"
          R"("base_price":{"mantissa":450,"digits":2,"currency":"USD"})",
          at);
  command(url, "RegisterCustomer",
          R"("customer_id":"C-1","profile":{"name":"Corner Shop","currency":"USD",)"
          R"("time_zone":"Europe/Berlin"})",
          at);
  command(url, "GradeCustomer", R"("customer_id":"C-1","grade":"A")", at);
  command(url, "SetCreditLimit",
          R"("customer_id":"C-1","limit":{"minor":100000000,"currency":"USD"})", at);
  command(url, "ReceiveStock", R"("stock_item_id":"TEA@MAIN","quantity":{"milli":9000000})", at);
}

void place(const std::string& url, const std::string& id, int units, const std::string& at) {
  command(url, "PlaceOrder",
          R"("order_id":")" + id +
              R"(","header":{"customer_id":"C-1","currency":"USD",)"
              R"("ship_to":{"street":"Main Street 1","city":"Berlin","country":"DE"}},)"
              R"("lines":[{"line":1,"product_id":"TEA","quantity":{"milli":)" +
              std::to_string(units * 1000) + "}}]",
          at);
}

// Something on every partition.
void time_passes(const std::string& url, const std::string& at) {
  for (int i = 0; i < 12; ++i) {
    command(url, "ReceiveStock",
            R"("stock_item_id":"CLOCK)" + std::to_string(i) + R"(@MAIN","quantity":{"milli":1})",
            at);
  }
}

bool all_published(const std::string& url) {
  return metric(url, "orderlog_publishing") == 1 &&
         metric(url, "orderlog_projection_lag_events") == 0 &&
         metric(url, "orderlog_publishing_lag_events") == 0;
}

}  // namespace orderlog::test
