// The engine over HTTP, from the same machine.
#include "bench/benchmarks.h"
#include "bench/engine_node.h"
#include "bench/histogram.h"
#include "bench/order_mix.h"
#include "bench/probe.h"
#include "connectors/client/http_client.h"

namespace orderlog::bench {
// Products, stock, customers: NDJSON in batches.
void prepare(const std::string& server, int skus) {
  auto client = client::HttpClient::open(server);
  must(client.ok(), "no server");
  std::string body;
  const auto flush = [&] {
    client::RequestText request;
    request.method = "POST";
    request.target = "/v1/commands";
    request.content_type = "application/x-ndjson";
    request.body = body;
    request.headers = {{"Idempotency-Key", std::to_string(std::hash<std::string>{}(body))}};
    auto response = client->request(request);
    must(response.ok() && response->ok() && response->body.find("\"problem\"") == std::string::npos,
         "master data were refused");
    body.clear();
  };
  const auto add = [&](const std::string& key, const std::string& fields) {
    body += R"({"idempotency_key":"bench-)" + key + "\"," + fields + "}\n";
    if (body.size() > 200'000) flush();
  };
  for (int i = 0; i < skus; ++i) {
    const std::string sku = "SKU-" + std::to_string(i);
    add("d" + sku,
        R"("command":"DefineProduct","product_id":")" + sku +
            R"(","profile":{"name":"P","product_class":"Bench"},"base_price":{"mantissa":)" +
            std::to_string(base_price_mantissa) + R"(,"currency":"USD","digits":2})");
    add("r" + sku, R"("command":"ReceiveStock","stock_item_id":")" + sku +
                       R"(@MAIN","quantity":{"milli":)" + std::to_string(stock_milli) + "}");
  }
  for (int i = 0; i < customers; ++i) {
    const std::string id = "CUST-" + std::to_string(i);
    add("c" + id, R"("command":"RegisterCustomer","customer_id":")" + id +
                      R"(","profile":{"name":"C","currency":"USD","time_zone":"UTC"})");
    add("g" + id, R"("command":"GradeCustomer","role":"CreditOfficer","customer_id":")" + id +
                      R"(","grade":"A")");
    add("l" + id, R"("command":"SetCreditLimit","role":"CreditOfficer","customer_id":")" + id +
                      R"(","limit":{"minor":1000000000000000,"currency":"USD"})");
  }
  flush();
}

void b5(const std::string& directory, const std::string& server, bool quick) {
  prepare(server, 100);
  auto client = client::HttpClient::open(server);
  must(client.ok(), "no server");
  std::vector<Pair> pairs;
  SyncTimes sync;
  std::int64_t number = 0;
  for (int pair = 0; pair < 5; ++pair) {
    Histogram taken_ns;
    for (int i = 0; i < (quick ? 500 : 2'000); ++i) {
      const std::string body = order_body(mixed_order(number++, 100));
      const double begin = seconds_now();
      auto response = client->post("/v1/commands/PlaceOrder", body);
      taken_ns.record(static_cast<std::uint64_t>((seconds_now() - begin) * 1e9));
      must(response.ok() && response->ok(), "an order was refused");
    }
    sync = probe_fdatasync(directory);
    pairs.push_back(
        {static_cast<double>(taken_ns.at(0.5)) / 1e3, static_cast<double>(sync.p50_us)});
  }
  print_result("B5", "acknowledgement p50 over HTTP, one connection / fdatasync p50 of 512 bytes",
               "us", 1.8, pairs, sync);
}

}  // namespace orderlog::bench
