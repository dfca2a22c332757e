// `orderlog topics`: makes what is missing, changes nothing that is there, and says what differs.
#include "tests/ops/kafka/cluster_setup.h"

namespace orderlog::test {
namespace {

std::size_t lines_with(const std::string& text, const std::string& what) {
  std::istringstream in(text);
  std::size_t count = 0;
  for (std::string line; std::getline(in, line);) count += line.find(what) != std::string::npos;
  return count;
}

class Topics : public ProcessTest {
 protected:
  Finished topics(const std::string& what, const std::string& config,
                  std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"topics", what, "--config", config};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
};

TEST_F(Topics, AreMadeOnceAndThenAsTheyShouldBe) {
  const std::string names = new_topics();
  const auto config = write_cluster_file(directory_, {.topics = names});
  const auto missing = topics("check", config);
  EXPECT_EQ(missing.code, 1);
  EXPECT_EQ(lines_with(missing.out, "is missing"), 8u) << missing.out;
  const auto dry = topics("apply", config, {"--dry-run"});
  EXPECT_EQ(dry.code, 0) << dry.out;
  EXPECT_EQ(lines_with(dry.out, "would make "), 8u) << dry.out;
  EXPECT_EQ(topics("check", config).out, missing.out) << "a dry run makes nothing";

  const auto made = topics("apply", config);
  EXPECT_EQ(made.code, 0) << made.out;
  EXPECT_EQ(lines_with(made.out, "made "), 8u) << made.out;
  EXPECT_NE(made.out.find("made " + names +
                          "events: partitions=3 replicas=1 cleanup.policy=delete "
                          "max.message.bytes=9437184 min.insync.replicas=1 retention.bytes=-1 "
                          "retention.ms=-1 unclean.leader.election.enable=false\n"),
            std::string::npos)
      << made.out;
  EXPECT_NE(made.out.find("made " + names +
                          "view.order_status.v1: partitions=3 replicas=1 cleanup.policy=compact "
                          "delete.retention.ms=604800000 max.message.bytes=9437184 "
                          "min.insync.replicas=1 unclean.leader.election.enable=false\n"),
            std::string::npos)
      << made.out;
  EXPECT_NE(made.out.find("made " + names +
                          "alerts: partitions=3 replicas=1 cleanup.policy=delete "
                          "max.message.bytes=9437184 min.insync.replicas=1 retention.bytes=-1 "
                          "retention.ms=604800000 unclean.leader.election.enable=false\n"),
            std::string::npos)
      << made.out;
  EXPECT_EQ(topics("check", config).code, 0) << topics("check", config).out;
  const auto again = topics("apply", config);
  EXPECT_EQ(again.code, 0) << again.out;
  EXPECT_EQ(lines_with(again.out, "there is "), 8u) << again.out;
  EXPECT_EQ(lines_with(again.out, ""), 8u) << again.out;
}

TEST_F(Topics, DifferencesAreNamedOneByOneAndLeftAsTheyAre) {
  const std::string names = new_topics();
  apply_topics(write_cluster_file(directory_, {.partitions = 2, .topics = names}));
  // What another configuration would want.
  const auto config = write_cluster_file(
      directory_,
      {.partitions = 3, .replication_factor = 3, .min_insync_replicas = 2, .topics = names});
  const auto checked = topics("check", config);
  EXPECT_EQ(checked.code, 1);
  for (const char* topic : {"events", "commands", "commands.dlq", "alerts", "view.order_status.v1",
                            "view.delay_list.v1", "view.stock_position.v1"}) {
    for (const char* problem : {" has 2 partitions, not 3", " has 1 replicas, not 3",
                                " min.insync.replicas is 1, not 2"}) {
      EXPECT_EQ(lines_with(checked.out, "DIFFERS " + names + topic + problem), 1u) << checked.out;
    }
  }
  EXPECT_EQ(lines_with(checked.out, "published has "), 1u) << "it always has one partition";
  EXPECT_EQ(lines_with(checked.out, ""), 23u) << checked.out;
  const auto applied = topics("apply", config);
  EXPECT_EQ(applied.code, 0) << applied.out;
  EXPECT_EQ(lines_with(applied.out, "left as it is: "), 23u) << applied.out;
  EXPECT_EQ(topics("check", config).out, checked.out);
}

TEST_F(Topics, WhatTheClusterCannotDoIsSaid) {
  const auto config =
      write_cluster_file(directory_, {.replication_factor = 32, .topics = new_topics()});
  const auto refused = topics("apply", config);
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.out.find("eplication factor"), std::string::npos) << refused.out;
  EXPECT_EQ(lines_with(topics("check", config).out, "is missing"), 8u);
}

TEST_F(Topics, NeedASectionOfTheirOwn) {
  const auto path = (directory_ / "embedded.toml").string();
  std::ofstream(path) << "[log]\npartitions = 3\n";
  const auto refused = topics("check", path);
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.out.find("has no section [kafka]"), std::string::npos) << refused.out;
  EXPECT_GT(run({"topics"}).code, 1);
  EXPECT_GT(run({"topics", "apply"}).code, 1);
}

}  // namespace
}  // namespace orderlog::test
