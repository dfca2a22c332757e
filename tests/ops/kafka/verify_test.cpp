// `orderlog verify` of a topic: what other clients wrote there, or what was changed on the way, is
// named with its place.
#include <algorithm>
#include <functional>

#include "tests/events/kafka/raw_topic.h"
#include "tests/ops/kafka/cluster_setup.h"
#include "tests/ops/process/ready.h"

namespace orderlog::test {
namespace {

using log::test::RawRecord;
using log::test::RawTopic;

class VerifyTopic : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    topics_ = new_topics();
    config_ = write_cluster_file(directory_, {.partitions = 1, .topics = topics_});
    apply_topics(config_);
  }
  // A node's first life: it leaves a commit for each command, and the one of its claim.
  void write_log() {
    ServerProcess server(data(), {"--config", config_, "--clock", "data"});
    ASSERT_TRUE(started(server)) << server.output();
    {
      auto client = client::HttpClient::open(server.url());
      ASSERT_TRUE(client.ok());
      for (int i = 0; i < 6; ++i) {
        auto received = client->post("/v1/commands/ReceiveStock",
                                     R"({"stock_item_id":"TEA@MAIN","quantity":{"milli":1000}})");
        ASSERT_TRUE(received.ok());
        ASSERT_EQ(received->status, 200) << received->body;
      }
    }
    ASSERT_EQ(server.stop(), 0);
  }
  Finished verify(const std::string& config, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"verify", "--config", config};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  // Another topic with the same records but for a change.
  std::string copied(const std::vector<RawRecord>& records, const std::string& name,
                     const std::function<void(std::vector<RawRecord>&)>& change) {
    auto changed = records;
    change(changed);
    const std::string topics = new_topics();
    const auto config =
        write_cluster_file(directory_, {.partitions = 1, .topics = topics}, name + ".toml");
    apply_topics(config);
    RawTopic(events_topic(topics)).produce_all(changed);
    return config;
  }
  std::size_t entries(const std::string& name = "data") const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(data(name)))
      ++count;
    return count;
  }

  std::string topics_;
  std::string config_;
};

TEST_F(VerifyTopic, PassesWithAndWithoutANodesStateAndLeavesNothingBehind) {
  write_log();
  const auto before = entries();
  const auto alone = verify(config_);
  EXPECT_EQ(alone.code, 0) << alone.out;
  EXPECT_NE(alone.out.find(": whole"), std::string::npos) << alone.out;
  EXPECT_EQ(alone.out.find("replay"), std::string::npos) << alone.out;
  const auto with_state = verify(config_, {"--data", data()});
  EXPECT_EQ(with_state.code, 0) << with_state.out;
  EXPECT_NE(with_state.out.find("replay equals live"), std::string::npos) << with_state.out;
  EXPECT_EQ(entries(), before) << "its copy is removed";
  // The node's own copy can be verified like any log.
  EXPECT_EQ(run({"verify", "--data", data()}).code, 0);
}

TEST_F(VerifyTopic, CountsWhatIsNotOursAndNamesWhatPretendsToBe) {
  write_log();
  RawTopic(events_topic(topics_)).produce("a key", "somebody else's", {});
  const auto foreign = verify(config_);
  EXPECT_EQ(foreign.code, 0) << foreign.out;
  EXPECT_NE(foreign.out.find("1 records of " + events_topic(topics_) + " are not orderlog's"),
            std::string::npos)
      << foreign.out;
  RawTopic(events_topic(topics_)).produce("", std::string(200, 'x'), {{"ol_commit", "7"}});
  const auto forged = verify(config_);
  EXPECT_EQ(forged.code, 1);
  EXPECT_NE(forged.out.find("FAILED " + events_topic(topics_) + ", partition 0, offset "),
            std::string::npos)
      << forged.out;
  ServerProcess server(data(), {"--config", config_});
  EXPECT_FALSE(server.start()) << "a node does not go on after it";
  EXPECT_NE(server.output().find("offset"), std::string::npos) << server.output();
}

TEST_F(VerifyTopic, FindsAlteredRemovedReorderedAndForgedRecords) {
  write_log();
  // Whole commits; each ends with its closing record.
  auto records = RawTopic(events_topic(topics_)).consume(12);
  std::vector<std::ptrdiff_t> ends;  // one behind each closing record
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].headers.contains("ol_commit"))
      ends.push_back(static_cast<std::ptrdiff_t>(i) + 1);
  }
  ASSERT_GE(ends.size(), 3u);
  records.resize(static_cast<std::size_t>(ends.back()));
  const auto failed = [&](const std::string& name,
                          const std::function<void(std::vector<RawRecord>&)>& change) {
    const auto verified = verify(copied(records, name, change));
    EXPECT_EQ(verified.code, 1) << name << ": " << verified.out;
    EXPECT_NE(verified.out.find("FAILED "), std::string::npos) << name << ": " << verified.out;
    EXPECT_NE(verified.out.find("partition 0"), std::string::npos) << name << ": " << verified.out;
  };
  const auto whole = verify(copied(records, "whole", [](std::vector<RawRecord>&) {}));
  EXPECT_EQ(whole.code, 0) << "the copying itself alters nothing: " << whole.out;
  failed("altered", [&](std::vector<RawRecord>& all) {
    auto& value = all[static_cast<std::size_t>(ends[1]) - 2].value;
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
  });
  failed("removed event",
         [&](std::vector<RawRecord>& all) { all.erase(all.begin() + ends[1] - 2); });
  failed("removed commit", [&](std::vector<RawRecord>& all) {
    all.erase(all.begin() + ends[0], all.begin() + ends[1]);
  });
  failed("reordered", [&](std::vector<RawRecord>& all) {
    std::rotate(all.begin(), all.begin() + ends[0], all.begin() + ends[1]);
  });
  // A repeat is known by its hash: other bytes under the same number are two writers.
  failed("another commit of the same number", [&](std::vector<RawRecord>& all) {
    auto again = all[static_cast<std::size_t>(ends[0]) - 1];
    again.value.back() = static_cast<char>(again.value.back() ^ 1);
    all.insert(all.begin() + ends[0], again);
  });
}

}  // namespace
}  // namespace orderlog::test
