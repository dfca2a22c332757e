// A disk that fills up under the server: it says so, stops taking commands and ends; what it
// acknowledged is there once there is room again, once, and nothing else is lost.
#include <sys/mount.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <random>

#include "connectors/client/http_client.h"
#include "tests/ops/process/server_process.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

constexpr int orders_max = 20'000;  // far more than the disk holds
constexpr std::size_t note_bytes = 6'000;

struct Sent {
  std::string key;
  std::string body;
  std::optional<std::string> position;  // acknowledged
};

class FullDisk : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    disk_ = data("disk");
    std::filesystem::create_directories(disk_);
    mounted_ = ::mount("tmpfs", disk_.c_str(), "tmpfs", 0, "size=48m") == 0;
    if (!mounted_)
      GTEST_SKIP() << "NOT TESTED: a full disk under the server (mounting a tmpfs needs root): "
                   << std::strerror(errno);
  }
  void TearDown() override {
    if (mounted_) ::umount2(disk_.c_str(), MNT_DETACH);
    ProcessTest::TearDown();
  }
  bool enlarge() { return ::mount("tmpfs", disk_.c_str(), "tmpfs", MS_REMOUNT, "size=512m") == 0; }
  // The last free byte goes as well.
  void fill() const {
    std::ofstream ballast(disk_ + "/ballast");
    while (ballast << std::string(4'096, 'b') << std::flush) {
    }
  }
  void free_ballast() const { std::filesystem::remove(disk_ + "/ballast"); }

  std::string disk_;
  bool mounted_ = false;
};

client::RequestText place(const Sent& sent) {
  client::RequestText request;
  request.method = "POST";
  request.target = "/v1/commands/PlaceOrder";
  request.body = sent.body;
  request.headers = {{"Idempotency-Key", sent.key}};
  return request;
}

// An order whose note does not compress.
Sent order(int number, std::mt19937_64& random) {
  Sent sent;
  const std::string id = "SO-" + std::to_string(number);
  sent.key = "order-" + std::to_string(number);
  std::string note;
  while (note.size() < note_bytes) note += static_cast<char>('!' + 2 + random() % 57);
  sent.body =
      R"({"order_id":")" + id +
      R"(","header":{"customer_id":"C-1","currency":"USD",)"
      R"("ship_to":{"street":"Main Street 1","city":"Town","country":"DE"},"note":")" +
      note +
      R"("},"lines":[{"line":1,"product_id":"TEA","location":"MAIN","quantity":{"milli":1000}}]})";
  return sent;
}

void prepare(client::HttpClient& client) {
  const auto accept = [&](const std::string& name, const std::string& body) {
    auto response = client.post("/v1/commands/" + name, body);
    ASSERT_TRUE(response.ok()) << response.error().message;
    ASSERT_EQ(response->status, 200) << response->body;
  };
  accept("RegisterCustomer",
         R"({"customer_id":"C-1","profile":{"name":"Cora","time_zone":"UTC","currency":"USD"}})");
  accept(
      "DefineProduct",
      R"({"product_id":"TEA","profile":{"name":"Tea"},"base_price":{"mantissa":450,"currency":"USD","digits":2}})");
}

// Orders until the first refusal, and then what was under way: the refusals are clear, and after
// one no order is accepted any more.
void order_until_full(client::HttpClient& client, std::vector<Sent>& all,
                      std::vector<std::string>& refusals) {
  std::mt19937_64 random(20'240'229);
  for (int i = 0; i < orders_max; ++i) {
    all.push_back(order(i, random));
    auto response = client.request(place(all.back()));
    if (!response) return;  // the server has ended
    if (response->status == 200) {
      EXPECT_TRUE(refusals.empty()) << "accepted after a refusal";
      all.back().position = std::string(json::parse(response->body).at("position").as_string());
      continue;
    }
    ASSERT_EQ(response->status, 503) << response->body;
    EXPECT_EQ(response->header("content-type"), "application/problem+json");
    EXPECT_TRUE(response->header("retry-after").has_value());
    refusals.push_back(std::string(json::parse(response->body).at("type").as_string()));
    EXPECT_TRUE(refusals.back() == "urn:orderlog:problem:unknown-outcome" ||
                refusals.back() == "urn:orderlog:problem:shutting-down")
        << response->body;
  }
  FAIL() << "the disk never filled up";
}

TEST_F(FullDisk, StopsTheServerClearlyAndLosesNothing) {
  std::vector<Sent> all;
  std::vector<std::string> refusals;
  const std::string directory = disk_ + "/data";
  {
    ServerProcess server(directory, {});
    ASSERT_TRUE(server.start()) << server.output();
    auto client = client::HttpClient::open(server.url());
    prepare(*client);
    if (HasFatalFailure()) return;
    order_until_full(*client, all, refusals);
    if (HasFatalFailure()) return;
    // It ends by itself: who supervises it may try again, and nobody talks to a server that cannot
    // write.
    EXPECT_EQ(server.wait(), 1) << server.output();
    EXPECT_NE(server.output().find("space left on"), std::string::npos) << server.output();
  }
  ASSERT_FALSE(refusals.empty()) << "it ended without a word to its client";
  EXPECT_EQ(refusals.front(), "urn:orderlog:problem:unknown-outcome");

  // On a disk that is still full it does not begin.
  fill();
  const auto refused = run({"serve", "--data", directory, "--listen", "127.0.0.1:0"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.out.find("space left on"), std::string::npos) << refused.out;

  free_ballast();
  ASSERT_TRUE(enlarge());
  ServerProcess server(directory, {});
  ASSERT_TRUE(server.start()) << server.output();
  auto client = client::HttpClient::open(server.url());
  std::size_t acknowledged = 0;
  std::string last;
  for (const auto& sent : all) {
    auto response = client->request(place(sent));
    ASSERT_TRUE(response.ok()) << response.error().message;
    ASSERT_EQ(response->status, 200) << response->body;
    last = std::string(json::parse(response->body).at("position").as_string());
    if (!sent.position) continue;
    ++acknowledged;
    EXPECT_EQ(response->header("Idempotent-Replayed"), "true") << "lost: " << sent.key;
    EXPECT_EQ(last, *sent.position) << sent.key;
  }
  EXPECT_GT(acknowledged, 100u);
  auto listed =
      client->get("/v1/reports/order_status?limit=1&min_position=" + client::percent_encoded(last));
  ASSERT_TRUE(listed.ok());
  EXPECT_EQ(json::parse(listed->body).at("total").to_number<std::size_t>(), all.size())
      << listed->body;
  client->disconnect();  // else the stop gives it two seconds to read
  ASSERT_EQ(server.stop(), 0);
  const auto verified = run({"verify", "--data", directory});
  EXPECT_EQ(verified.code, 0) << verified.out;
}

}  // namespace
}  // namespace orderlog::test
