// The machine's clock is set, hours forward and hours back, under the running server and between
// two starts of it (tests/ops/clock): no timer fires early and none is forgotten, nothing
// acknowledged is lost, and the log says what the clock said.
#include "events/base/clock.h"

#include <boost/json.hpp>
#include <map>
#include <sstream>

#include "tests/ops/process/ready.h"
#include "tests/ops/scenarios/load.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

constexpr std::int64_t hour_us = 3'600 * us_per_second;
constexpr std::int64_t close_enough_us = 20 * us_per_second;  // for a busy machine
constexpr const char* item = "HELD@MAIN";

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

class ClockJumps : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    if (sanitized) GTEST_SKIP() << "NOT TESTED: a sanitizer must be the first library";
    set_clock(0);
    server.emplace(data(), std::vector<std::string>{"--clock", "wall"});
    server->set_environment(
        {"LD_PRELOAD=" ORDERLOG_SETTABLE_CLOCK, "ORDERLOG_TEST_CLOCK=" + file()});
    server->long_lived();
  }
  std::string file() const { return data("clock"); }
  // From the true time. The server sees it at once.
  void set_clock(std::int64_t offset_us) {
    const int out = open(file().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    EXPECT_EQ(pwrite(out, &offset_us, sizeof(offset_us), 0), ssize_t{sizeof(offset_us)});
    close(out);
    offset_us_ = offset_us;
  }
  TimestampUs server_now() const { return WallClock().now() + offset_us_; }

  client::Response send(const std::string& command, const std::string& members) const {
    auto client = client::HttpClient::open(server->url());
    auto response = client->post("/v1/commands/" + command, std::string(R"({"stock_item_id":")") +
                                                                item + "\"," + members + "}");
    EXPECT_TRUE(response.ok());
    return response ? std::move(*response) : client::Response{};
  }
  // One piece for an hour from now on.
  void hold(const std::string& id) const {
    const auto held = send(
        "HoldStock", R"("hold_id":")" + id + R"(","quantity":{"milli":1000},"ttl_seconds":3600)");
    EXPECT_EQ(held.status, 200) << held.body;
  }
  std::int64_t held_milli() const {
    // In the same report, later in the log than every timer that has fired.
    const auto marker = json::parse(send("ReceiveStock", R"("quantity":{"milli":1000})").body);
    auto client = client::HttpClient::open(server->url());
    const auto row = client->get(
        std::string("/v1/reports/stock_position/") + client::percent_encoded(item) +
        "?min_position=" + client::percent_encoded(std::string(marker.at("position").as_string())));
    EXPECT_TRUE(row.ok() && row->status == 200);
    if (!row) return -1;
    return json::parse(row->body).at("soft_held").at("milli").to_number<std::int64_t>();
  }
  bool nothing_is_held() const {
    return eventually([&] { return held_milli() == 0; });
  }
  // Every event of the item, oldest first.
  std::vector<json::value> events() const {
    const auto tailed = run({"tail", "--data", data(), "--json"});
    EXPECT_EQ(tailed.code, 0) << tailed.out;
    std::istringstream lines(tailed.out);
    std::vector<json::value> all;
    for (std::string line; std::getline(lines, line);) {
      auto event = json::parse(line);
      if (event.at("aggregate_id").as_string() == item) all.push_back(std::move(event));
    }
    return all;
  }
  void expect_whole() const {
    const auto verified = run({"verify", "--data", data()});
    EXPECT_EQ(verified.code, 0) << verified.out;
    EXPECT_NE(verified.out.find("replay equals live"), std::string::npos) << verified.out;
  }

  std::optional<ServerProcess> server;
  std::int64_t offset_us_ = 0;
};

TimestampUs time_of(const json::value& event, const char* member) {
  const auto at = timestamp_from_text(std::string(event.at(member).as_string()));
  EXPECT_TRUE(at.ok()) << event;
  return at.ok() ? *at : 0;
}

TEST_F(ClockJumps, UnderLoadLoseNothingAndTheLogSaysWhatTheClockSaid) {
  constexpr std::uint64_t seed = 5;
  ASSERT_TRUE(started(*server)) << server->output();
  prepare_trade(server->url());
  std::vector<TimestampUs> said;
  Load load(server->url(), trade(seed), seed);
  for (const std::int64_t hours : {0, 6, -6, 1, 30, -3, 0}) {
    SCOPED_TRACE(std::to_string(hours) + " hours off");
    set_clock(hours * hour_us);
    said.push_back(server_now());
    const auto marked = send("ReceiveStock", R"("quantity":{"milli":1000})");
    ASSERT_EQ(marked.status, 200) << marked.body;
    ASSERT_TRUE(load.acknowledged(200));
    if (hours < 0) {  // also seen first by a start
      server->kill9();
      ASSERT_TRUE(started(*server)) << server->output();
    }
  }
  auto record = load.finish();
  settle(server->url(), record);
  expect_effects(server->url(), record);
  ASSERT_EQ(server->stop(), 0);
  expect_whole();
  const auto marks = events();
  ASSERT_EQ(marks.size(), said.size());
  for (std::size_t i = 0; i < marks.size(); ++i) {
    EXPECT_LT(std::abs(time_of(marks[i], "recorded_at") - said[i]), close_enough_us) << marks[i];
    EXPECT_LT(std::abs(time_of(marks[i], "occurred_at") - said[i]), close_enough_us) << marks[i];
    EXPECT_EQ(marks[i].at("version").to_number<std::size_t>(), i + 1);
  }
}

TEST_F(ClockJumps, NoTimerFiresEarlyAndNoneIsForgotten) {
  ASSERT_TRUE(started(*server)) << server->output();
  ASSERT_EQ(send("ReceiveStock", R"("quantity":{"milli":100000})").status, 200);
  hold("now");
  set_clock(hour_us / 2);
  EXPECT_EQ(held_milli(), 1'000) << "half an hour early";
  set_clock(-5 * hour_us);
  hold("five hours ago");
  EXPECT_EQ(held_milli(), 2'000);
  set_clock(-5 * hour_us + hour_us / 2);
  server->kill9();
  ASSERT_TRUE(started(*server)) << server->output();
  EXPECT_EQ(held_milli(), 2'000) << "fired by a start half an hour early";
  set_clock(-3 * hour_us);
  EXPECT_TRUE(eventually([&] { return held_milli() == 1'000; })) << "its time is over";
  set_clock(-8 * hour_us);
  EXPECT_EQ(held_milli(), 1'000);
  set_clock(2 * hour_us);
  EXPECT_TRUE(nothing_is_held());
  // Seen by a start: what became due while it was down.
  hold("in two hours");
  ASSERT_EQ(server->stop(), 0);
  set_clock(50 * hour_us);
  ASSERT_TRUE(started(*server)) << server->output();
  EXPECT_TRUE(nothing_is_held());
  ASSERT_EQ(server->stop(), 0);
  expect_whole();

  std::map<std::string, TimestampUs> due;
  int expired = 0;
  for (const auto& event : events()) {
    const auto& type = event.at("type").as_string();
    if (type != "StockHeld" && type != "StockHoldExpired") continue;
    const std::string id(event.at("data").at("hold_id").as_string());
    if (type == "StockHeld") {
      due[id] = time_of(event.at("data"), "expires_at");
      continue;
    }
    ++expired;
    EXPECT_EQ(time_of(event, "occurred_at"), due[id]) << event;
    EXPECT_GE(time_of(event, "recorded_at"), due[id]) << "early: " << event;
  }
  EXPECT_EQ(expired, 3);
}

TEST_F(ClockJumps, ACommandFromTheFutureIsRefusedByTheClockOfThatMoment) {
  ASSERT_TRUE(started(*server)) << server->output();
  const std::string members = R"("quantity":{"milli":1000},"occurred_at":")" +
                              timestamp_to_text(server_now() + 23 * hour_us) + "\"";
  EXPECT_EQ(send("ReceiveStock", members).status, 200);
  set_clock(-2 * hour_us);
  const auto refused = send("ReceiveStock", members);
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_NE(refused.body.find("urn:orderlog:problem:invalid-argument"), std::string::npos);
  EXPECT_NE(refused.body.find("/occurred_at"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("business time lies in the future"), std::string::npos)
      << refused.body;
  set_clock(0);
  EXPECT_EQ(send("ReceiveStock", members).status, 200);
  EXPECT_EQ(events().size(), 2u) << "what was refused left something behind";
}

}  // namespace
}  // namespace orderlog::test
