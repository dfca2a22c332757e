// `orderlog dlq`: what could not be taken is listed and shown with its reason, and sent again as it
// came: with one effect, however often, and a history that does not grow.
#include "tests/events/kafka/raw_topic.h"
#include "tests/ops/kafka/inbox_topic.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;
using log::test::RawTopic;

bool holds(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

class Dlq : public InboxTopic {
 protected:
  Finished dlq(std::vector<std::string> arguments, const std::string& config = {}) {
    arguments.insert(arguments.begin(), "dlq");
    arguments.insert(arguments.end(), {"--config", config.empty() ? config_ : config});
    return run(arguments);
  }
  // What `list --json` says, without the counts behind it.
  std::vector<json::object> letters(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"list", "--json"});
    const auto listed = dlq(more);
    EXPECT_EQ(listed.code, 0) << listed.out;
    std::vector<json::object> found;
    std::istringstream in(listed.out);
    for (std::string line; std::getline(in, line) && line.front() == '{';)
      found.push_back(json::parse(line).as_object());
    return found;
  }
  std::vector<std::string> positions(const std::vector<std::string>& more = {}) {
    std::vector<std::string> found;
    for (const auto& letter : letters(more)) found.emplace_back(letter.at("position").as_string());
    return found;
  }
  RawTopic inbox() const { return RawTopic(topic()); }  // its partition 0
  RawTopic parked() const { return RawTopic(topic() + ".dlq"); }
};

// As the inbox writes one, on partition 0.
void park(const std::string& topic, const std::string& from, const std::string& reason) {
  const std::string command = "printf '%s' 'not a command' | kcat -P -p 0 -k SO-1 -b " +
                              log::test::kafka_bootstrap() + " -t " + topic +
                              " -H ce_id=17 -H dlq_topic=" + from +
                              " -H dlq_partition=0 -H dlq_offset=42 -H 'dlq_reason=" + reason +
                              "' -H dlq_time=2024-02-29T12:34:56Z -H dlq_engine_version=0.1.0";
  ASSERT_EQ(std::system(command.c_str()), 0);
}

TEST_F(Dlq, WhatWasRejectedIsReplayedOnceWhatItLackedIsThere) {
  ServerProcess server(data(), node());
  ASSERT_TRUE(started(server)) << server.output();
  const std::string item = item_on(0);
  const std::string scrap = stock_event("scrap", "ScrapStock", item, 1);
  // It lies in another partition's inbox, and is parked all the same.
  send_with_kcat({scrap}, "-p 1 -k some-key -H trace=a -H trace=b");
  ASSERT_TRUE(eventually([&] { return dead_letters(server, "rejected") == 1; }));
  const auto first = letters();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].at("topic").as_string(), topic());
  EXPECT_EQ(first[0].at("partition"), 0);
  EXPECT_EQ(first[0].at("offset"), 0);
  EXPECT_EQ(first[0].at("key").as_string(), "some-key");
  EXPECT_EQ(first[0].at("bytes").to_number<std::size_t>(), scrap.size());
  EXPECT_TRUE(first[0].at("reason").as_string().starts_with("rejected: "));
  EXPECT_FALSE(first[0].contains("replayed_at"));
  const std::string position(first[0].at("position").as_string());

  const auto shown = dlq({"show", position});
  EXPECT_EQ(shown.code, 0) << shown.out;
  EXPECT_TRUE(holds(shown.out, "\n  trace: a\n  trace: b\n  dlq_topic: ")) << shown.out;
  EXPECT_TRUE(holds(shown.out, "\n  \"data\": {\n    \"stock_item_id\": \"")) << shown.out;
  EXPECT_EQ(dlq({"show", position, "--raw"}).out, scrap);

  const auto dry = dlq({"replay", position, "--dry-run"});
  EXPECT_EQ(dry.code, 0) << dry.out;
  EXPECT_TRUE(holds(dry.out, "would replay " + position)) << dry.out;
  EXPECT_EQ(letters(), first) << "a dry run does nothing";

  // Too early: it fails again, and is parked again.
  EXPECT_EQ(dlq({"replay", position}).code, 0);
  ASSERT_TRUE(eventually([&] { return dead_letters(server, "rejected") == 2; }));
  EXPECT_EQ(letters().size(), 2u);
  EXPECT_EQ(dlq({"replay", "--all"}).code, 0) << "the second alone";
  ASSERT_TRUE(eventually([&] { return dead_letters(server, "rejected") == 3; }));
  const auto thrice = letters();
  ASSERT_EQ(thrice.size(), 3u);
  std::string last;
  for (const auto& each : thrice) {
    if (!each.contains("replayed_at")) last = std::string(each.at("position").as_string());
  }
  ASSERT_FALSE(last.empty());
  std::string history = dlq({"show", last}).out;
  EXPECT_TRUE(holds(history, "  trace: a\n  trace: b\n  dlq_replayed_from: ")) << history;
  history.erase(0, history.find("dlq_replayed_from") + 1);
  EXPECT_FALSE(holds(history, "dlq_replayed_from")) << "of the last time alone";
  EXPECT_EQ(history.find("dlq_topic"), history.rfind("dlq_topic")) << history;

  send_with_kcat({stock_event("receive", "ReceiveStock", item, 5)}, "-p 0");
  ASSERT_TRUE(eventually([&] { return on_hand(server, item) == 5'000; }));
  EXPECT_EQ(dlq({"replay", last}).code, 0);
  EXPECT_TRUE(eventually([&] { return on_hand(server, item) == 4'000; }));
  // Again and again, with the same id: no effect, and no new letter.
  EXPECT_EQ(dlq({"replay", last, position}).code, 0);
  EXPECT_TRUE(
      eventually([&] { return metric(server.url(), "orderlog_inbox_accepted_total") == 4; }));
  EXPECT_TRUE(eventually([&] { return metric(server.url(), "orderlog_inbox_in_flight") == 0; }));
  EXPECT_EQ(on_hand(server, item), 4'000);
  EXPECT_EQ(letters().size(), 3u);
  for (const auto& each : letters()) {
    EXPECT_TRUE(each.contains("replayed_at"));
    EXPECT_TRUE(holds(std::string(each.at("replayed_by").as_string()), "@"));
  }
  const auto nothing = dlq({"replay", "--all"});
  EXPECT_TRUE(holds(nothing.out, "0 replayed")) << nothing.out;
  EXPECT_EQ(server.stop(), 0) << server.output();

  // What was sent is what came, but for the mark.
  const auto records = inbox().consume(7);
  for (const auto& record : records) {
    if (holds(record.value, "ReceiveStock")) continue;
    EXPECT_EQ(record.key, "some-key");
    EXPECT_EQ(record.value, scrap);
    EXPECT_EQ(record.headers.size(), record.headers.contains("dlq_replayed_from") ? 2u : 1u);
  }
}

TEST_F(Dlq, ListIsFilteredCountedAndReadInPages) {
  const std::string dead = topic() + ".dlq";
  for (const char* reason : {"first reason", "second reason", "first reason", "third"})
    park(dead, topic(), reason);
  parked().produce("", "of somebody else", {});
  const auto all = dlq({"list"});
  EXPECT_EQ(all.code, 0) << all.out;
  EXPECT_TRUE(holds(all.out, "0:0  2024-02-29T12:34:56Z  from " + topic() +
                                 " 0:42  key SO-1  13 bytes  first reason\n"))
      << all.out;
  EXPECT_TRUE(holds(all.out, "0:4  not a dead letter: ")) << all.out;
  EXPECT_TRUE(holds(all.out,
                    "4 dead letters, 0 of them replayed\n1 records that are none\n"
                    "       2  first reason\n       1  second reason\n       1  third\n"))
      << all.out;
  EXPECT_EQ(positions({"--reason", "reason"}), (std::vector<std::string>{"0:0", "0:1", "0:2"}));
  EXPECT_EQ(positions({"--limit", "2"}), (std::vector<std::string>{"0:0", "0:1"}));
  EXPECT_TRUE(holds(dlq({"list", "--limit", "2"}).out, "there is more: --from 0:2\n"));
  EXPECT_EQ(positions({"--from", "0:2", "--limit", "2"}), (std::vector<std::string>{"0:2", "0:3"}));
  EXPECT_TRUE(positions({"--from", "1:0"}).empty());

  const auto shown = dlq({"show", "0:3"});
  EXPECT_TRUE(holds(shown.out, "6e 6f 74 20 61 20 63 6f 6d 6d 61 6e 64           not a command\n"))
      << shown.out;
  const auto some = dlq({"replay", "--all", "--reason", "first"});
  EXPECT_EQ(some.code, 0) << some.out;
  EXPECT_TRUE(holds(some.out, "2 replayed\n")) << some.out;
  EXPECT_TRUE(holds(dlq({"list"}).out, "4 dead letters, 2 of them replayed\n"));
  const auto sent = inbox().consume(2);
  EXPECT_EQ(sent[1].key, "SO-1");
  EXPECT_EQ(sent[1].value, "not a command");
  EXPECT_EQ(sent[1].headers,
            (std::map<std::string, std::string>{{"ce_id", "17"}, {"dlq_replayed_from", "0:2"}}));
}

TEST_F(Dlq, WhatCannotBeDoneIsSaidAndNothingIsDone) {
  const std::string dead = topic() + ".dlq";
  for (int i = 0; i < 3; ++i) park(dead, topic(), "reason");
  park(dead, events_topic(topics_), "forged");
  parked().produce("", "of somebody else", {});
  const auto expect_error = [&](const std::vector<std::string>& arguments, int code,
                                const std::string& said, const std::string& config = {}) {
    const auto done = dlq(arguments, config);
    EXPECT_EQ(done.code, code) << done.out;
    EXPECT_TRUE(holds(done.out, said)) << done.out;
  };
  expect_error({"show", "0:5"}, 1, "the partition ends at 5");
  expect_error({"show", "0:99"}, 1, "the partition ends at 5");
  expect_error({"show", "3:0"}, 1, "there is no partition 3: " + dead + " has 3");
  for (const char* wrong : {"0", "0:", ":1", "0:-1", "0:1x", "x:1", "0:1:2", "4294967296:0"})
    expect_error({"show", wrong}, 2, "PARTITION:OFFSET is expected");
  expect_error({"list", "--from", "7"}, 2, "PARTITION:OFFSET is expected");
  expect_error({"list", "--from", "3:0"}, 1, "there is no partition 3");
  // The first alone would do.
  expect_error({"replay", "0:1", "0:99"}, 1, "the partition ends at 5");
  expect_error({"replay", "0:1", "0:3"}, 1, "0:3: it came from topic \"" + events_topic(topics_));
  expect_error({"replay", "0:1", "0:4"}, 1, "0:4: not a dead letter");
  parked().delete_records_before(1);
  expect_error({"show", "0:0"}, 1, "the topic has deleted what is older than 0:1");
  expect_error({"replay", "0:0", "0:1"}, 1, "the topic has deleted what is older than 0:1");
  EXPECT_EQ(positions({"--reason", "reason"}), (std::vector<std::string>{"0:1", "0:2"}));
  EXPECT_TRUE(holds(dlq({"list"}).out, " 0 of them replayed")) << "nothing was sent";

  EXPECT_GT(dlq({"replay"}).code, 1);
  EXPECT_GT(dlq({"replay", "0:1", "--all"}).code, 1);
  EXPECT_GT(dlq({"replay", "0:1", "--reason", "x"}).code, 1);
  const auto embedded = (directory_ / "embedded.toml").string();
  std::ofstream(embedded) << "[log]\npartitions = 3\n";
  expect_error({"list"}, 1, "has no section [kafka]", embedded);
  const auto nobody = write_cluster_file(
      directory_,
      {.bootstrap = "127.0.0.1:1", .topics = topics_, .further = "request_timeout_ms = 1000\n"},
      "nobody.toml");
  for (const auto& what : {std::vector<std::string>{"list"}, {"show", "0:1"}, {"replay", "--all"}})
    expect_error(what, 1, "Connection refused", nobody);
  const auto elsewhere = write_cluster_file(directory_, {.topics = new_topics()}, "other.toml");
  expect_error({"list"}, 1, "`orderlog topics apply --config " + elsewhere, elsewhere);
}

}  // namespace
}  // namespace orderlog::test
