// Commands from other programs, through the inbox topic: Debian's kcat and the producer out of the
// broker's own artefacts. Each takes effect once, what cannot be taken is parked with its reason,
// and a restart reads nothing again.
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>

#include "tests/events/kafka/kafka_setup.h"
#include "tests/ops/kafka/cluster_setup.h"
#include "tests/ops/process/ready.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

std::string receive_event(int id, const std::string& item) {
  return R"({"specversion":"1.0","id":")" + std::to_string(id) +
         R"(","source":"/wms","type":"ReceiveStock","data":{"stock_item_id":")" + item +
         R"(","quantity":{"milli":1000}}})";
}

class InboxTopic : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    topics_ = new_topics();
    config_ = write_cluster_file(directory_, {.topics = topics_});
    apply_topics(config_);
  }
  std::string topic() const { return topics_ + "commands"; }

  // One record a line, without keys: they come to any partition.
  void send(const std::string& program, const std::vector<std::string>& values) {
    const std::string file = (directory_ / "values").string();
    std::ofstream lines(file, std::ios::trunc);
    for (const auto& value : values) lines << value << '\n';
    lines.close();
    const std::string command = program + " < " + file + " > " + file + ".out 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  void send_with_kcat(const std::vector<std::string>& values) {
    send("kcat -P -b " + log::test::kafka_bootstrap() + " -t " + topic(), values);
  }
  std::int64_t on_hand(ServerProcess& server, const std::string& item) {
    auto client = client::HttpClient::open(server.url());
    auto row = client->get("/v1/reports/stock_position/" + client::percent_encoded(item));
    if (!row || row->status != 200) return 0;
    return json::parse(row->body).at("on_hand").at("milli").to_number<std::int64_t>();
  }
  std::string topics_;
  std::string config_;
};

TEST_F(InboxTopic, TakesCommandsOfOtherProgramsOnceAndParksTheRest) {
  ServerProcess server(data(), {"--config", config_, "--clock", "data"});
  ASSERT_TRUE(started(server)) << server.output();
  std::vector<std::string> values;
  for (int i = 0; i < 30; ++i) {
    values.push_back(receive_event(i, "SKU" + std::to_string(i % 5) + "@MAIN"));
  }
  send_with_kcat(values);
  send_with_kcat(values);  // all of them again
  send_with_kcat(
      {"not a command",
       R"({"specversion":"1.0","id":"x","source":"/wms","type":"NoSuchThing","data":{}})"});
  send(std::string(ORDERLOG_SOURCE_DIR) + "/ops/kafka/tool console-producer --bootstrap-server " +
           log::test::kafka_bootstrap() + " --topic " + topic(),
       {receive_event(100, "JAVA@MAIN"), receive_event(101, "JAVA@MAIN")});
  for (int i = 0; i < 5; ++i) {
    const std::string item = "SKU" + std::to_string(i) + "@MAIN";
    EXPECT_TRUE(eventually([&] { return on_hand(server, item) == 6'000; })) << item;
  }
  EXPECT_TRUE(eventually([&] { return on_hand(server, "JAVA@MAIN") == 2'000; }));
  EXPECT_TRUE(
      eventually([&] { return metric(server.url(), "orderlog_inbox_dead_letters_total") == 2; }));
  EXPECT_TRUE(eventually([&] { return metric(server.url(), "orderlog_inbox_in_flight") == 0; }));
  EXPECT_EQ(metric(server.url(), "orderlog_inbox_accepted_total"), 62);
  send("kcat -C -e -q -b " + log::test::kafka_bootstrap() + " -t " + topic() + ".dlq -f '%s %h\\n'",
       {});
  std::ifstream shown((directory_ / "values.out").string());
  const std::string text((std::istreambuf_iterator<char>(shown)), {});
  EXPECT_NE(text.find("not a command dlq_topic=" + topic()), std::string::npos) << text;
  EXPECT_NE(text.find("dlq_reason=type names no command"), std::string::npos) << text;
  EXPECT_EQ(server.stop(), 0) << server.output();

  // What is done with is not read again, and a new command goes on behind it.
  ServerProcess again(data(), {"--config", config_, "--clock", "data"});
  ASSERT_TRUE(started(again)) << again.output();
  send_with_kcat({receive_event(200, "LAST@MAIN")});
  EXPECT_TRUE(eventually([&] { return on_hand(again, "LAST@MAIN") == 1'000; }));
  EXPECT_LT(metric(again.url(), "orderlog_inbox_records_total"), 20);
  EXPECT_EQ(on_hand(again, "SKU0@MAIN"), 6'000);
  EXPECT_EQ(again.stop(), 0) << again.output();
}

}  // namespace
}  // namespace orderlog::test
