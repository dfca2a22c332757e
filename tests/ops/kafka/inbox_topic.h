// A node's inbox topic as other programs see it: kcat sends records, HTTP shows what became of
// them.
#pragma once

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>

#include "events/base/ids.h"
#include "tests/events/kafka/kafka_setup.h"
#include "tests/ops/kafka/cluster_setup.h"
#include "tests/ops/process/ready.h"

namespace orderlog::test {

// A structured event: `quantity` pieces of the item.
inline std::string stock_event(const std::string& id, const std::string& type,
                               const std::string& item, int quantity) {
  const std::string reason = type == "ScrapStock" ? R"(,"reason":"broken")" : "";
  return R"({"specversion":"1.0","id":")" + id + R"(","source":"/wms","type":")" + type +
         R"(","data":{"stock_item_id":")" + item + R"(","quantity":{"milli":)" +
         std::to_string(quantity) + "000}" + reason + "}}";
}

inline std::string receive_event(int id, const std::string& item) {
  return stock_event(std::to_string(id), "ReceiveStock", item, 1);
}

class InboxTopic : public ProcessTest {
 protected:
  static constexpr std::uint32_t partitions = 3;

  void SetUp() override {
    ProcessTest::SetUp();
    topics_ = new_topics();
    config_ = write_cluster_file(directory_, {.partitions = partitions, .topics = topics_});
    apply_topics(config_);
  }
  std::string topic() const { return topics_ + "commands"; }
  std::vector<std::string> node() const { return {"--config", config_, "--clock", "data"}; }

  // One record a line.
  void send(const std::string& program, const std::vector<std::string>& values) {
    const std::string file = (directory_ / "values").string();
    std::ofstream lines(file, std::ios::trunc);
    for (const auto& value : values) lines << value << '\n';
    lines.close();
    const std::string command = program + " < " + file + " > " + file + ".out 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  // Without options, and so without keys, they come to any partition.
  void send_with_kcat(const std::vector<std::string>& values, const std::string& options = "") {
    send("kcat -P -b " + log::test::kafka_bootstrap() + " -t " + topic() + " " + options, values);
  }
  static std::string item_on(std::uint32_t partition, int number = 0) {
    for (int i = 0;; ++i) {
      const std::string item = "SKU" + std::to_string(number) + "-" + std::to_string(i) + "@MAIN";
      if (partition_of(item, partitions) == PartitionId(partition)) return item;
    }
  }
  std::int64_t on_hand(ServerProcess& server, const std::string& item) {
    auto client = client::HttpClient::open(server.url());
    auto row = client->get("/v1/reports/stock_position/" + client::percent_encoded(item));
    if (!row || row->status != 200) return 0;
    return boost::json::parse(row->body).at("on_hand").at("milli").to_number<std::int64_t>();
  }
  std::int64_t dead_letters(ServerProcess& server, const std::string& reason) {
    return metric(server.url(), "orderlog_inbox_dead_letters_total{reason=\"" + reason + "\"}");
  }

  std::string topics_;
  std::string config_;
};

}  // namespace orderlog::test
