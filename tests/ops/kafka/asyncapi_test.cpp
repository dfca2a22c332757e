// The AsyncAPI document against what runs: topics as `topics apply` makes them, and real records of
// each topic.
#include <boost/json.hpp>
#include <cstdlib>

#include "events/log/kafka/topics.h"
#include "tests/ops/kafka/cluster_setup.h"
#include "tests/ops/kafka/json_schema.h"
#include "tests/ops/kafka/late_orders.h"
#include "tests/ops/kafka/published_topics.h"
#include "tests/ops/process/ready.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

constexpr std::uint32_t timeout_ms = 10'000;

std::string as_text(const json::value& setting) {
  if (setting.is_array()) {
    std::string text;
    for (const auto& one : setting.as_array())
      text += (text.empty() ? "" : ",") + std::string(one.as_string());
    return text;
  }
  return setting.is_string() ? std::string(setting.as_string()) : json::serialize(setting);
}

class AsyncApi : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    topics_ = new_topics();
    config_ = write_cluster_file(directory_, {.topics = topics_});
    apply_topics(config_);
    const auto printed = run({"asyncapi", "--config", config_});
    ASSERT_EQ(printed.code, 0) << printed.out;
    document_ = json::parse(printed.out);
  }
  const json::value& at(const std::string& pointer) const { return document_.at_pointer(pointer); }

  // Why the record is none of the channel's messages; empty: it is one.
  std::string mismatch(const std::string& channel, const PublishedRecord& record) const {
    std::string why;
    for (const auto& [name, unused] : at("/channels/" + channel + "/messages").as_object()) {
      const auto& message = at("/components/messages/" + std::string(name));
      auto wrong = mismatch_of(message, record);
      if (wrong.empty()) return {};
      why += std::string(name) + ": " + wrong + "; ";
    }
    return why;
  }
  std::string mismatch_of(const json::value& message, const PublishedRecord& record) const {
    json::object headers;
    for (const auto& [name, value] : record.headers) headers[name] = value;
    if (auto wrong = violation(headers, message.at("headers"), document_, "headers");
        !wrong.empty())
      return wrong;
    const json::value key = record.has_key ? json::value(record.key) : json::value();
    if (auto wrong = violation(key, message.at_pointer("/bindings/kafka/key"), document_, "key");
        !wrong.empty()) {
      return wrong;
    }
    const std::string type(message.at("contentType").as_string());
    if (type.find("json") == std::string::npos || !record.has_value) return {};
    json::error_code failed;
    const auto payload = json::parse(record.value, failed);
    return failed ? "no JSON" : violation(payload, message.at("payload"), document_, "payload");
  }
  void send(const std::string& value) {
    const std::string file = data("value");
    std::ofstream(file) << value << '\n';
    const std::string program = "kcat -P -b " + log::test::kafka_bootstrap() + " -t " + topics_ +
                                "commands -k any < " + file + " > " + file + ".out 2>&1";
    ASSERT_EQ(std::system(program.c_str()), 0);
  }

  std::string topics_;
  std::string config_;
  json::value document_;
};

TEST_F(AsyncApi, NamesTheTopicsAndTheirSettings) {
  EXPECT_EQ(at("/asyncapi"), "3.0.0");
  auto inspector = log::kafka::open_inspector(log::test::kafka_client()).value();
  const auto& channels = at("/channels").as_object();
  EXPECT_EQ(channels.size(), 8u);
  for (const auto& [name, channel] : channels) {
    const std::string topic(channel.at("address").as_string());
    const auto& binding = channel.at_pointer("/bindings/kafka");
    EXPECT_EQ(binding.at("bindingVersion"), "0.5.0");
    EXPECT_EQ(binding.at("topic"), channel.at("address"));
    const auto shape = log::kafka::shape_of(inspector, topic, timeout_ms).value();
    EXPECT_EQ(binding.at("partitions").to_number<std::uint32_t>(), shape.partitions) << topic;
    EXPECT_EQ(binding.at("replicas").to_number<std::uint32_t>(), shape.replicas) << topic;
    const auto settings = log::kafka::topic_settings(inspector, topic, timeout_ms).value();
    const auto& promised = binding.at("topicConfiguration").as_object();
    EXPECT_TRUE(promised.contains("cleanup.policy")) << topic;
    for (const auto& [setting, value] : promised)
      EXPECT_EQ(as_text(value), settings.at(std::string(setting))) << topic << " " << setting;
  }
}

TEST_F(AsyncApi, EveryReferenceLeadsSomewhere) {
  const std::string text = json::serialize(document_);
  std::size_t references = 0;
  constexpr std::string_view mark = R"("$ref":"#)";
  for (auto from = text.find(mark); from != std::string::npos; from = text.find(mark, from)) {
    from += mark.size();
    const std::string pointer = text.substr(from, text.find('"', from) - from);
    json::error_code failed;
    EXPECT_NE(document_.find_pointer(pointer, failed), nullptr) << pointer;
    ++references;
  }
  EXPECT_GT(references, 100u);
  for (const auto& [name, operation] : at("/operations").as_object()) {
    EXPECT_TRUE(operation.at("action") == "send" || operation.at("action") == "receive") << name;
    EXPECT_FALSE(operation.at("messages").as_array().empty()) << name;
  }
}

TEST_F(AsyncApi, RecordsAreAsItSays) {
  ServerProcess server(data(), {"--config", config_, "--clock", "data"});
  ASSERT_TRUE(started(server)) << server.output();
  begin_business(server.url());
  place(server.url(), "SO-1", 1, "2024-01-15T13:00:00Z");
  place(server.url(), "SO-2", 2, "2024-01-15T13:00:00Z");
  time_passes(server.url(), "2024-03-01T12:00:00Z");
  command(server.url(), "CancelOrder", R"("order_id":"SO-2","reason":"too late")",
          "2024-03-01T13:00:00Z");
  send(R"({"specversion":"1.0","id":"1","source":"/wms","type":"ReceiveStock",)"
       R"("data":{"stock_item_id":"TEA@MAIN","quantity":{"milli":1000}}})");
  ASSERT_TRUE(
      eventually([&] { return metric(server.url(), "orderlog_inbox_accepted_total") == 1; }));
  for (const auto& record : all_records(topics_ + "commands"))
    EXPECT_EQ(mismatch("commands", record), "") << record.value;
  send(R"({"specversion":"1.0","id":"2","source":"/wms","type":"NoSuchThing","data":{}})");
  ASSERT_TRUE(eventually([&] {
    return metric(server.url(), R"(orderlog_inbox_dead_letters_total{reason="unreadable"})") == 1;
  }));
  ASSERT_TRUE(eventually(
      [&] { return all_published(server.url()) && all_records(topics_ + "alerts").size() >= 2; }));
  EXPECT_EQ(server.stop(), 0) << server.output();
  for (const auto& [name, channel] : at("/channels").as_object()) {
    if (name == "commands") continue;
    const auto records = all_records(std::string(channel.at("address").as_string()));
    EXPECT_FALSE(records.empty()) << name << ": nothing was held against it";
    for (const auto& record : records) {
      // A deletion on a compacted topic has neither value nor headers.
      if (!record.has_value && record.headers.empty() && record.has_key) continue;
      EXPECT_EQ(mismatch(std::string(name), record), "") << name << " " << record.key;
    }
  }
  // And the test bites.
  auto alert = all_records(topics_ + "alerts").front();
  alert.headers["ce_id"] = "17";
  EXPECT_NE(mismatch("alerts", alert), "");
  alert = all_records(topics_ + "alerts").front();
  alert.value = R"({"event_id":5})";
  EXPECT_NE(mismatch("alerts", alert), "");
  alert = all_records(topics_ + "alerts").front();
  alert.headers.erase("ce_sequence");
  EXPECT_NE(mismatch("alerts", alert), "");
}

}  // namespace
}  // namespace orderlog::test
