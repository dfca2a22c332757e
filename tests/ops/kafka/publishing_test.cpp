// Alerts and views on Kafka, through the real binary: each alert once, rows as the reports have
// them, rows that are gone deleted; and nothing missing after kills, wherever the next publisher
// begins.
#include <boost/json.hpp>
#include <set>

#include "events/base/ids.h"
#include "tests/ops/kafka/cluster_setup.h"
#include "tests/ops/kafka/late_orders.h"
#include "tests/ops/kafka/published_topics.h"
#include "tests/ops/process/ready.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

const std::vector<std::string> views{"order_status", "delay_list", "stock_position"};

class Publishing : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    topics_ = new_topics();
    config_ = write_cluster_file(directory_, {.topics = topics_});
    apply_topics(config_);
  }
  std::vector<std::string> options() const { return {"--config", config_, "--clock", "data"}; }
  std::string view_topic(const std::string& view) const { return topics_ + "view." + view + ".v1"; }
  std::string alerts_topic() const { return topics_ + "alerts"; }

  // By key, as the report lists them.
  std::map<std::string, std::string> report_rows(ServerProcess& server, const std::string& report) {
    auto client = client::HttpClient::open(server.url());
    const std::string key = report == "stock_position" ? "stock_item_id" : "order_id";
    std::map<std::string, std::string> rows;
    const auto page = client->get("/v1/reports/" + report + "?limit=500");
    EXPECT_TRUE(page.ok() && page->status == 200);
    const auto body = json::parse(page->body);
    for (const auto& row : body.at("data").as_array())
      rows[std::string(row.at(key).as_string())] = json::serialize(row);
    return rows;
  }
  // Columns of a report that depend on the time of the question.
  static void take_out_what_time_changes(json::object& row) {
    for (const char* column : {"alert_age_seconds", "delayed_days", "atp_today", "atp_7_days",
                               "atp_30_days", "projected_stock_out_date"}) {
      row.erase(column);
    }
    if (auto* items = row.if_contains("items")) {
      for (auto& item : items->as_array()) take_out_what_time_changes(item.as_object());
    }
  }
  // `later`: time has passed since some rows were published.
  void expect_views_as_reports(ServerProcess& server, bool later = false) {
    for (const auto& view : views) {
      auto published = last_values(view_topic(view));
      auto rows = report_rows(server, view);
      for (auto* side : {&published, &rows}) {
        for (auto& [key, value] : *side) {
          auto row = json::parse(value).as_object();
          if (later) take_out_what_time_changes(row);
          value = json::serialize(row);
        }
      }
      EXPECT_FALSE(rows.empty()) << view;
      EXPECT_EQ(published, rows) << view;
    }
  }
  struct Alert {
    std::string id;
    std::string type;
  };
  std::map<std::string, std::vector<Alert>> alerts_by_order() const {
    std::map<std::string, std::vector<Alert>> alerts;
    for (const auto& record : all_records(alerts_topic())) {
      const auto event = json::parse(record.value).as_object();
      EXPECT_EQ(record.headers.at("ce_id"), std::string(event.at("event_id").as_string()));
      EXPECT_EQ(record.headers.at("ce_type"),
                "orderlog." + std::string(event.at("type").as_string()) + ".v1");
      EXPECT_EQ(record.headers.at("content-type"), "application/json");
      EXPECT_EQ(record.key, std::string(event.at("aggregate_id").as_string()));
      EXPECT_EQ(record.partition, partition_of(record.key, 3).value)
          << "placed as Java's producer does";
      alerts[record.key].push_back({std::string(event.at("event_id").as_string()),
                                    std::string(event.at("type").as_string())});
    }
    return alerts;
  }

  std::string topics_;
  std::string config_;
};

TEST_F(Publishing, AlertsOnceRowsAsTheReportsHaveThemAndDeletions) {
  ServerProcess server(data(), options());
  ASSERT_TRUE(started(server)) << server.output();
  begin_business(server.url());
  for (int i = 1; i <= 3; ++i)
    place(server.url(), "SO-" + std::to_string(i), i, "2024-01-15T13:00:00Z");
  ASSERT_TRUE(eventually([&] { return all_published(server.url()); }));
  EXPECT_EQ(all_records(alerts_topic()).size(), 0u);
  EXPECT_EQ(last_values(view_topic("delay_list")).size(), 3u);
  expect_views_as_reports(server);

  time_passes(server.url(), "2024-03-01T12:00:00Z");
  ASSERT_TRUE(eventually([&] { return alerts_by_order().size() == 3; }));
  command(server.url(), "CancelOrder", R"("order_id":"SO-2","reason":"too late")",
          "2024-03-01T13:00:00Z");
  ASSERT_TRUE(eventually([&] { return all_published(server.url()); }));
  const auto alerts = alerts_by_order();
  std::set<std::string> ids;
  for (const auto& [order, list] : alerts) {
    std::size_t raised = 0;
    std::size_t cleared = 0;
    for (const auto& alert : list) {
      EXPECT_TRUE(ids.insert(alert.id).second) << alert.id << " is there twice";
      raised += alert.type == "DeliveryDelayed";
      cleared += alert.type == "DelayCleared";
    }
    EXPECT_GT(raised, 0u) << order;
    EXPECT_EQ(cleared, order == "SO-2" ? raised : 0u) << order;
  }
  expect_views_as_reports(server, true);
  // A row that is gone: a deletion is its last record.
  const auto delays = last_values(view_topic("delay_list"));
  EXPECT_EQ(delays.count("SO-2"), 0u);
  EXPECT_EQ(delays.count("SO-1"), 1u);
  std::size_t deletions = 0;
  for (const auto& record : all_records(view_topic("delay_list")))
    deletions += record.key == "SO-2" && !record.has_value;
  EXPECT_EQ(deletions, 1u);
  const auto money = json::parse(last_values(view_topic("order_status")).at("SO-1"));
  EXPECT_NE(json::serialize(money).find(R"({"minor":450,"currency":"USD"})"), std::string::npos)
      << json::serialize(money);
  EXPECT_EQ(server.stop(), 0) << server.output();
}

TEST_F(Publishing, NothingIsMissingAfterKillsAndNothingIsRepeated) {
  int order = 0;
  for (int round = 0; round < 4; ++round) {
    // Every other time on an empty directory: the rows are built anew before they are published.
    if (round % 2 == 1) std::filesystem::remove_all(data());
    ServerProcess server(data(), options());
    ASSERT_TRUE(started(server)) << server.output();
    if (round == 0) begin_business(server.url());
    const std::string month = "2024-0" + std::to_string(2 + round);
    const auto place_ten = [&](const std::string& at) {
      for (int i = 0; i < 10; ++i) {
        ++order;
        place(server.url(), "SO-" + std::to_string(order), order, at);
      }
    };
    place_ten(month + "-01T12:00:00Z");
    time_passes(server.url(), month + "-13T12:00:00Z");
    ASSERT_TRUE(eventually([&] { return all_published(server.url()); }));
    EXPECT_GE(alerts_by_order().size(), static_cast<std::size_t>(order));
    place_ten(month + "-14T12:00:00Z");
    // Amid publishing: as soon as some of what follows is there.
    const auto before = metric(server.url(), "orderlog_published_transactions_total");
    time_passes(server.url(), month + "-28T12:00:00Z");
    ASSERT_TRUE(eventually(
        [&] { return metric(server.url(), "orderlog_published_transactions_total") > before; }));
    server.kill9();
  }
  ServerProcess server(data(), options());
  ASSERT_TRUE(started(server)) << server.output();
  time_passes(server.url(), "2024-09-01T12:00:00Z");
  ASSERT_TRUE(eventually([&] { return all_published(server.url()); }));
  expect_views_as_reports(server, true);
  auto client = client::HttpClient::open(server.url());
  const auto alerts = alerts_by_order();
  EXPECT_EQ(alerts.size(), static_cast<std::size_t>(order));
  std::set<std::string> ids;
  for (const auto& [id, list] : alerts) {
    const auto told = client->get("/v1/reports/alerts?order_id=" + id);
    ASSERT_TRUE(told.ok());
    EXPECT_EQ(list.size(), json::parse(told->body).at("data").as_array().size()) << id;
    for (const auto& alert : list)
      EXPECT_TRUE(ids.insert(alert.id).second) << "twice: " << alert.id;
  }
  EXPECT_EQ(server.stop(), 0) << server.output();
}

// One that sleeps while another node takes over, and wakes with older rows at hand.
TEST_F(Publishing, AZombieReplacesNothing) {
  const auto node = [&](const std::string& name) {
    return write_cluster_file(
        directory_, {.topics = topics_, .further = "group_session_timeout_ms = 2000", .node = name},
        name + ".toml");
  };
  ServerProcess first(data("first"), {"--config", node("first"), "--clock", "data"});
  ASSERT_TRUE(started(first)) << first.output();
  begin_business(first.url());
  for (int i = 0; i < 10; ++i)
    place(first.url(), "SO-" + std::to_string(i), i + 1, "2024-01-15T13:00:00Z");
  ASSERT_TRUE(eventually([&] { return all_published(first.url()); }));
  first.signal(SIGSTOP);
  ServerProcess second(data("second"), {"--config", node("second"), "--clock", "data"});
  ASSERT_TRUE(second.start()) << second.output();
  ASSERT_TRUE(eventually([&] {
    return metric(second.url(), "orderlog_publishing") == 1 &&
           metric(second.url(), "orderlog_partitions_leading") == 3;
  }));
  time_passes(second.url(), "2024-03-01T12:00:00Z");
  for (int i = 0; i < 10; i += 2) {
    command(second.url(), "CancelOrder",
            R"("order_id":"SO-)" + std::to_string(i) + R"(","reason":"late")",
            "2024-03-01T13:00:00Z");
  }
  ASSERT_TRUE(eventually([&] { return all_published(second.url()); }));
  const auto published = all_records(view_topic("order_status")).size();
  first.signal(SIGCONT);
  // It has heard by now: all partitions are led, and it leads none that it was not given anew.
  ASSERT_TRUE(eventually([&] {
    return metric(first.url(), "orderlog_partitions_leading") +
               metric(second.url(), "orderlog_partitions_leading") ==
           3;
  }));
  ASSERT_TRUE(eventually([&] {
    return metric(first.url(), "orderlog_publishing") +
               metric(second.url(), "orderlog_publishing") ==
           1;
  }));
  ASSERT_TRUE(
      eventually([&] { return all_published(first.url()) || all_published(second.url()); }));
  expect_views_as_reports(second, true);
  EXPECT_EQ(all_records(view_topic("order_status")).size(), published) << "nothing has changed";
  std::set<std::string> ids;
  for (const auto& [order, list] : alerts_by_order()) {
    for (const auto& alert : list)
      EXPECT_TRUE(ids.insert(alert.id).second) << "twice: " << alert.id;
  }
  EXPECT_EQ(second.stop(), 0) << second.output();
  EXPECT_EQ(first.stop(), 0) << first.output();
}

// What a topic lacks, has too much, or has wrong is put right by the next publisher.
TEST_F(Publishing, AViewsTopicIsComparedWithTheRows) {
  {
    ServerProcess server(data(), options());
    ASSERT_TRUE(started(server)) << server.output();
    begin_business(server.url());
    place(server.url(), "SO-1", 1, "2024-01-15T13:00:00Z");
    ASSERT_TRUE(eventually([&] { return all_published(server.url()); }));
    EXPECT_EQ(server.stop(), 0);
  }
  const auto before = all_records(view_topic("order_status")).size();
  const std::string topic = view_topic("order_status");
  const std::string program = "printf 'NOBODY:{}\\nSO-1:{\"old\":1}\\n' | kcat -P -b " +
                              log::test::kafka_bootstrap() + " -t " + topic +
                              " -K: -X partitioner=murmur2_random > " + data("kcat.out") + " 2>&1";
  ASSERT_EQ(std::system(program.c_str()), 0);
  ServerProcess server(data(), options());
  ASSERT_TRUE(started(server)) << server.output();
  ASSERT_TRUE(eventually([&] { return all_published(server.url()); }));
  expect_views_as_reports(server, true);
  EXPECT_EQ(all_records(topic).size(), before + 4) << "two from outside, and two that undo them";
  EXPECT_EQ(server.stop(), 0) << server.output();
}

TEST_F(Publishing, OffIsOff) {
  const auto config = write_cluster_file(
      directory_, {.topics = topics_, .further = "publish_alerts = false", .views = "names = []"});
  ServerProcess server(data(), {"--config", config, "--clock", "data"});
  ASSERT_TRUE(started(server)) << server.output();
  begin_business(server.url());
  EXPECT_EQ(metric(server.url(), "orderlog_publishing"), -1) << "there is nothing to say";
  EXPECT_EQ(server.stop(), 0) << server.output();
  EXPECT_TRUE(all_records(view_topic("stock_position")).empty());
  EXPECT_TRUE(all_records(topics_ + "published").empty());
}

}  // namespace
}  // namespace orderlog::test
