// The engine over HTTP, from the same machine.
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "bench/benchmarks.h"
#include "bench/order_mix.h"
#include "bench/probe.h"
#include "connectors/client/http_client.h"
#include "connectors/client/pipelined_client.h"

namespace orderlog::bench {
namespace {

void must(bool ok, const std::string& what) {
  if (ok) return;
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

}  // namespace

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

namespace {

std::uint64_t metric(client::HttpClient& client, const std::string& name) {
  auto page = client.get("/metrics");
  must(page.ok(), "no metrics");
  const auto at = page->body.find("\n" + name + " ");
  must(at != std::string::npos, "no metric " + name);
  return static_cast<std::uint64_t>(std::stod(page->body.substr(at + name.size() + 2)));
}

}  // namespace

void b5(const std::string& directory, const std::string& server, bool quick) {
  prepare(server, 100);
  auto client = client::HttpClient::open(server);
  must(client.ok(), "no server");
  std::vector<Pair> pairs;
  SyncTimes sync;
  std::int64_t number = 0;
  for (int pair = 0; pair < 5; ++pair) {
    std::vector<std::uint64_t> taken;
    for (int i = 0; i < (quick ? 500 : 2'000); ++i) {
      const std::string body = order_body(mixed_order(number++, 100));
      const double begin = seconds_now();
      auto response = client->post("/v1/commands/PlaceOrder", body);
      taken.push_back(static_cast<std::uint64_t>((seconds_now() - begin) * 1e6));
      must(response.ok() && response->ok(), "an order was refused");
    }
    sync = probe_fdatasync(directory, 512, 500);
    pairs.push_back(
        {static_cast<double>(percentile(taken, 0.5)), static_cast<double>(sync.p50_us)});
  }
  print_result("B5", "acknowledgement p50 over HTTP, one connection / fdatasync p50 of 512 bytes",
               "us", 1.8, pairs, sync);
}

void orders_rate(const std::string& server, int connections, int orders, int skus,
                 std::int64_t first) {
  prepare(server, skus);
  auto control = client::HttpClient::open(server);
  must(control.ok(), "no server");
  client::PipelineOptions options;
  options.connections = static_cast<std::size_t>(connections);
  options.outstanding_max = 1;
  auto client = client::PipelinedClient::open(server, options);
  must(client.ok(), "no server");
  std::uint64_t answered = 0;
  std::vector<std::uint64_t> taken;
  taken.reserve(static_cast<std::size_t>(orders));
  const double begin = seconds_now();
  for (int i = 0; i < orders; ++i) {
    const std::string body = order_body(mixed_order(first + i, skus));
    client::RequestText request;
    request.method = "POST";
    request.target = "/v1/commands/PlaceOrder";
    request.body = body;
    const double sent = seconds_now();
    const auto status =
        (*client)->send(request, [&, sent](const Result<client::Response>& response) {
          must(response.ok() && response->ok(), "an order was refused");
          taken.push_back(static_cast<std::uint64_t>((seconds_now() - sent) * 1e6));
          ++answered;
        });
    must(status.ok(), "the server is gone");
  }
  (*client)->drain();
  const double seconds = seconds_now() - begin;
  // With one partition the stock is reserved in the same commit; with several the cascade must have
  // come to rest.
  std::printf(
      R"({"orders":%llu,"seconds":%.3f,"per_second":%.1f,"ack_p50_us":%llu,"ack_p99_us":%llu,"events":%llu})"
      "\n",
      static_cast<unsigned long long>(answered), seconds, static_cast<double>(answered) / seconds,
      static_cast<unsigned long long>(percentile(taken, 0.5)),
      static_cast<unsigned long long>(percentile(taken, 0.99)),
      static_cast<unsigned long long>(metric(*control, "orderlog_events_total")));
}

}  // namespace orderlog::bench
