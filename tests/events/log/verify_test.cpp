// Verification must name the right commit for every way in which a log can be wrong, and nothing
// for one that is right.
#include "events/log/verify.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <cstring>
#include <fstream>

#include "events/log/rocks_format.h"
#include "events/schema/envelope_generated.h"
#include "log_setup.h"

namespace orderlog::log {
namespace {

namespace fs = std::filesystem;
using test::CommitContent;
using test::must;
using test::PartitionWriter;

// `count` events of alternating aggregates that fit the writer's place.
CommitContent real_events(const PartitionWriter& writer, std::size_t count) {
  CommitContent content;
  for (std::size_t i = 0; i < count; ++i) {
    const Sequence seq(writer.end.last_seq.value + 1 + i);
    content.events.push_back(test::envelope(writer.partition, seq, writer.term,
                                            seq.value % 2 == 0 ? "even" : "odd",
                                            (seq.value + 1) / 2));
  }
  return content;
}

// 3 partitions of 10 commits; some have no events; partition 0 sends to 1, which consumes. Two
// terms.
void fill(EventLog& log, const std::function<void()>& settle) {
  for (std::uint32_t p = 0; p < 3; ++p) {
    PartitionWriter writer(must(log.claim(PartitionId(p))));
    for (std::uint64_t i = 1; i <= 10; ++i) {
      if (i == 6) {
        settle();
        PartitionWriter next(must(log.claim(PartitionId(p))));
        writer.term = next.term;
      }
      CommitContent content = real_events(writer, i == 4 ? 0 : i % 3 + 1);
      if (p == 0) content.outbox.push_back({1, i, test::command_envelope()});
      if (p == 1 && i > 2) {
        content.inbox.push_back({PartitionId(0), OutboxSequence(i), CommitIndex(i)});
      }
      must(writer.append(log, content));
    }
  }
  settle();
}

class VerifyMemory : public testing::Test {
 protected:
  void SetUp() override {
    log = must(open_memory_log({.partition_count = 3}));
    fill(*log, [&] { log->step(); });
  }
  VerifyReport verify() { return must(verify_log(*log)); }
  // The only fault there is, as text.
  std::string fault() {
    const auto report = verify();
    if (report.bad.size() != 1) return std::to_string(report.bad.size()) + " faults";
    return to_string(report.bad[0]);
  }
  // Puts other bytes in place of a commit that seals correctly.
  void replace(std::uint32_t partition, std::uint64_t index, const std::string& frame) {
    auto stored = log->stored_frame(PartitionId(partition), CommitIndex(index));
    ASSERT_EQ(stored.size(), frame.size());
    std::memcpy(stored.data(), frame.data(), frame.size());
  }

  std::unique_ptr<MemoryLog> log;
};

TEST_F(VerifyMemory, AWholeLogPasses) {
  std::vector<std::string> seen;
  std::size_t commits = 0;
  VerifyOptions options;
  options.on_event = [&](const VerifiedEvent& event) -> std::optional<std::string> {
    seen.push_back(std::to_string(event.partition.value) + ":" +
                   std::to_string(event.envelope.seq()));
    return {};
  };
  options.on_commit = [&](const CommitView&) { ++commits; };
  const VerifyReport report = must(verify_log(*log, options));
  EXPECT_TRUE(report.ok()) << to_string(report.bad[0]);
  EXPECT_EQ(report.commits, 30u);
  EXPECT_EQ(report.events, 3u * 18);
  EXPECT_EQ(report.outbox_entries, 10u);
  EXPECT_EQ(commits, 30u);
  ASSERT_EQ(seen.size(), 54u);
  EXPECT_EQ(seen.front(), "0:1");
  EXPECT_EQ(seen.back(), "2:18");
  for (std::uint32_t p = 0; p < 3; ++p) {
    EXPECT_EQ(report.ends[p], log->durable_end(PartitionId(p)));
  }
}

TEST_F(VerifyMemory, EveryFlippedByteIsPinnedToItsCommit) {
  for (const std::uint64_t index : {1, 5, 10}) {
    const auto frame = log->stored_frame(PartitionId(0), CommitIndex(index));
    for (std::size_t i = 0; i < frame.size(); ++i) {
      frame[i] ^= 0x10;
      const auto report = verify();
      ASSERT_EQ(report.bad.size(), 1u) << "byte " << i;
      EXPECT_EQ(report.bad[0].partition, PartitionId(0));
      EXPECT_EQ(report.bad[0].index, CommitIndex(index)) << "byte " << i;
      EXPECT_EQ(report.ends[0].last_commit, CommitIndex(index - 1));
      frame[i] ^= 0x10;
    }
  }
  EXPECT_TRUE(verify().ok());
}

TEST_F(VerifyMemory, EachPartitionIsJudgedByItself) {
  log->stored_frame(PartitionId(0), CommitIndex(3))[100] ^= 1;
  log->stored_frame(PartitionId(2), CommitIndex(7))[100] ^= 1;
  const auto report = verify();
  ASSERT_EQ(report.bad.size(), 2u);
  EXPECT_EQ(report.bad[0].partition, PartitionId(0));
  EXPECT_EQ(report.bad[1].partition, PartitionId(2));
  EXPECT_EQ(report.bad[1].index, CommitIndex(7));
  EXPECT_EQ(report.ends[1].last_commit, CommitIndex(10));
}

// Somebody who can compute hashes still breaks the link of the commit that follows.
TEST_F(VerifyMemory, AnAlteredAndRehashedCommitBreaksTheNextLink) {
  auto frame = log->stored_frame(PartitionId(0), CommitIndex(3));
  frame[40] ^= 1;  // recorded at
  const Hash256 hash = sha256(frame.first(frame.size() - 32));
  std::copy(hash.begin(), hash.end(), frame.end() - 32);
  EXPECT_EQ(fault(), "partition 0, commit 4, sequence 7: does not link to the commit before it");
}

TEST_F(VerifyMemory, ALostTailShowsInWhatOthersConsumed) {
  log->lose_durable(PartitionId(0), 2);
  EXPECT_EQ(fault(),
            "partition 0, commit 9, sequence 16: missing: partition 1 has consumed from commit 10, "
            "the log has lost its tail");
}

TEST_F(VerifyMemory, ALostTailNobodyConsumedShowsInTheEndsOnly) {
  const LogEnd known = log->durable_end(PartitionId(2));
  log->lose_durable(PartitionId(2), 1);
  const auto report = verify();
  EXPECT_TRUE(report.ok());
  EXPECT_NE(report.ends[2], known);
}

TEST_F(VerifyMemory, ACallerMayAddInvariants) {
  VerifyOptions options;
  options.on_event = [](const VerifiedEvent& event) -> std::optional<std::string> {
    if (event.envelope.seq() == 9) return "nine is not allowed";
    return {};
  };
  const auto report = must(verify_log(*log, options));
  ASSERT_EQ(report.bad.size(), 3u);
  EXPECT_EQ(to_string(report.bad[1]), "partition 1, commit 5, sequence 9: nine is not allowed");
}

// A log whose chain is right but whose one commit says something wrong.
std::string fault_of(const std::function<void(PartitionWriter&, CommitContent&)>& spoil) {
  auto log = must(open_memory_log({.partition_count = 3, .durable_at_once = true}));
  PartitionWriter writer(must(log->claim(PartitionId(1))));
  must(writer.append(*log, real_events(writer, 3)));
  CommitContent content = real_events(writer, 2);
  content.outbox.push_back({0, 1, test::command_envelope()});
  content.inbox.push_back({PartitionId(2), OutboxSequence(0), CommitIndex(0)});
  spoil(writer, content);
  must(writer.append(*log, content));
  const auto report = must(verify_log(*log));
  return report.ok() ? "no fault" : to_string(report.bad[0]);
}

std::string event_at(std::uint64_t seq, std::uint64_t version, std::uint32_t partition = 1,
                     std::uint64_t term = 1) {
  return test::envelope(PartitionId(partition), Sequence(seq), Term(term),
                        seq % 2 == 0 ? "even" : "odd", version);
}

TEST(VerifyContent, NamesWhatIsWrong) {
  EXPECT_EQ(fault_of([](auto&, auto&) {}), "no fault");
  EXPECT_EQ(fault_of([](auto&, auto& c) { c.events[1] = event_at(6, 3); }),
            "partition 1, commit 2, sequence 5: the event's sequence is 6, expected 5");
  EXPECT_EQ(fault_of([](auto&, auto& c) { c.events[0] = event_at(4, 2, 0); }),
            "partition 1, commit 2, sequence 4: the event's partition is 0, expected 1");
  EXPECT_EQ(fault_of([](auto&, auto& c) { c.events[0] = event_at(4, 2, 1, 9); }),
            "partition 1, commit 2, sequence 4: the event's term is 9, expected 1");
  EXPECT_EQ(fault_of([](auto&, auto& c) { c.events[0] = event_at(4, 3); }),
            "partition 1, commit 2, sequence 4: the aggregate's version is 3, expected 2 (even)");
  EXPECT_EQ(fault_of([](auto&, auto& c) { c.events[1] = event_at(5, 2); }),
            "partition 1, commit 2, sequence 5: the aggregate's version is 2, expected 3 (odd)");
  EXPECT_EQ(fault_of([](auto&, auto& c) { c.events[1] = "no flatbuffer at all"; }),
            "partition 1, commit 2, sequence 5: the event is not a valid Envelope");
  EXPECT_EQ(fault_of([](auto&, auto& c) { c.events[1].resize(c.events[1].size() / 2); }),
            "partition 1, commit 2, sequence 5: the event is not a valid Envelope");
  EXPECT_EQ(fault_of([](auto&, auto& c) { c.outbox[0].sequence = 2; }),
            "partition 1, commit 2, sequence 4: outbox number is 2, expected 1 for partition 0");
  EXPECT_EQ(
      fault_of([](auto&, auto& c) { c.outbox[0].target = 3; }),
      "partition 1, commit 2, sequence 4: outbox entry for partition 3, which does not exist");
  EXPECT_EQ(fault_of([](auto&, auto& c) { c.outbox[0].command = "not a command"; }),
            "partition 1, commit 2, sequence 4: outbox entry 1 for partition 0 is not a valid "
            "CommandEnvelope");
  EXPECT_EQ(
      fault_of([](auto&, auto& c) { c.inbox[0].source = PartitionId(7); }),
      "partition 1, commit 2, sequence 0: has consumed from partition 7, which does not exist");
  EXPECT_EQ(fault_of([](auto&, auto& c) { c.inbox[0].consumed = OutboxSequence(1); }),
            "partition 1, commit 2, sequence 0: has consumed 1 entries of partition 2, which has "
            "sent 0");
}

TEST(VerifyContent, NoticesATermThatFalls) {
  auto log = must(open_memory_log({.partition_count = 1, .durable_at_once = true}));
  must(log->claim(PartitionId(0)));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  must(writer.append(*log, real_events(writer, 1)));
  const SealedCommit second = writer.seal(real_events(writer, 1));
  must(log->append({&second, 1}, {}));
  PartitionWriter forger = writer;
  forger.term = Term(1);
  const std::string forged = test::text_of(forger.seal(real_events(forger, 1)).frame);
  auto stored = log->stored_frame(PartitionId(0), CommitIndex(2));
  ASSERT_EQ(stored.size(), forged.size());
  std::memcpy(stored.data(), forged.data(), forged.size());
  EXPECT_EQ(to_string(must(verify_log(*log)).bad.at(0)),
            "partition 0, commit 2, sequence 2: term falls from 2 to 1");
}

TEST(VerifyContent, NoticesAnInboxThatFallsBack) {
  auto log = must(open_memory_log({.partition_count = 2, .durable_at_once = true}));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  for (const std::uint64_t consumed : {3, 2}) {
    must(writer.append(
        *log, {{}, {}, {{PartitionId(1), OutboxSequence(consumed), CommitIndex(consumed)}}}));
  }
  EXPECT_EQ(must(verify_log(*log)).bad.at(0).reason,
            "inbox position of partition 1 does not rise from 3 to 2");
}

class VerifyEmbedded : public testing::Test {
 protected:
  void SetUp() override {
    options.directory = directory.path();
    options.partition_count = 3;
    auto log = must(open_embedded_log(options));
    fill(*log, [&] { test::settle(*log); });
  }
  // Changes stored records below the log.
  void tamper(const std::function<void(rocksdb::DB&)>& change) {
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, directory.path("log"), &opened).ok());
    const std::unique_ptr<rocksdb::DB> database(opened);
    change(*database);
  }
  static std::string key(std::uint32_t partition, std::uint64_t index) {
    const auto bytes = rocks::commit_key(PartitionId(partition), CommitIndex(index));
    return {bytes.data(), bytes.size()};
  }
  VerifyReport verify() {
    auto reader = must(open_embedded_reader(directory.path()));
    return must(verify_log(*reader));
  }
  std::string fault() {
    const auto report = verify();
    return report.ok() ? "no fault" : to_string(report.bad[0]);
  }

  test::TempDirectory directory;
  EmbeddedLogOptions options;
};

TEST_F(VerifyEmbedded, AWholeLogPassesOpenOrClosed) {
  EXPECT_EQ(fault(), "no fault");
  auto log = must(open_embedded_log(options));
  EXPECT_TRUE(must(verify_log(*log)).ok());
  EXPECT_EQ(fault(), "no fault");
}

TEST_F(VerifyEmbedded, AnAlteredValueIsFound) {
  tamper([&](rocksdb::DB& database) {
    std::string frame;
    ASSERT_TRUE(database.Get({}, key(1, 5), &frame).ok());
    frame[150] ^= 1;
    ASSERT_TRUE(database.Put({}, key(1, 5), frame).ok());
  });
  EXPECT_EQ(fault(), "partition 1, commit 5, sequence 7: the hash does not match the bytes");
}

TEST_F(VerifyEmbedded, ARemovedCommitIsFound) {
  tamper([&](rocksdb::DB& database) { ASSERT_TRUE(database.Delete({}, key(1, 5)).ok()); });
  EXPECT_EQ(fault(), "partition 1, commit 5, sequence 7: missing, the next one is 6");
  // Readers stop there too, instead of passing over it.
  auto log = must(open_embedded_log(options));
  auto cursor = must(log->read(PartitionId(1), CommitIndex(4)));
  EXPECT_TRUE(cursor->next().ok());
  EXPECT_EQ(cursor->next().error().code, ErrorCode::Corrupt);
  EXPECT_EQ(cursor->next().error().code, ErrorCode::Corrupt);
}

TEST_F(VerifyEmbedded, TwoSwappedCommitsAreFound) {
  tamper([&](rocksdb::DB& database) {
    std::string first;
    std::string second;
    ASSERT_TRUE(database.Get({}, key(1, 5), &first).ok());
    ASSERT_TRUE(database.Get({}, key(1, 6), &second).ok());
    ASSERT_TRUE(database.Put({}, key(1, 5), second).ok());
    ASSERT_TRUE(database.Put({}, key(1, 6), first).ok());
  });
  EXPECT_EQ(fault(), "partition 1, commit 5, sequence 7: commit index is 6, expected 5");
}

TEST_F(VerifyEmbedded, ACommitOfAnotherPartitionIsFound) {
  tamper([&](rocksdb::DB& database) {
    std::string frame;
    ASSERT_TRUE(database.Get({}, key(2, 5), &frame).ok());
    ASSERT_TRUE(database.Put({}, key(1, 5), frame).ok());
  });
  EXPECT_EQ(fault(), "partition 1, commit 5, sequence 7: partition is 2, expected 1");
}

TEST_F(VerifyEmbedded, ADamagedLastCommitRefusesToOpenAndIsNamed) {
  tamper([&](rocksdb::DB& database) { ASSERT_TRUE(database.Put({}, key(2, 10), "short").ok()); });
  const auto opened = open_embedded_log(options);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::Corrupt);
  EXPECT_NE(opened.error().message.find("partition 2, commit 10"), std::string::npos);
  EXPECT_EQ(fault(), "partition 2, commit 10, sequence 17: commit frame: only 5 bytes");
}

// Damage that RocksDB itself notices: a block whose checksum is wrong.
TEST_F(VerifyEmbedded, AnUnreadableBlockIsNamedAndDoesNotCrash) {
  tamper([&](rocksdb::DB& database) {
    // Incompressible and large, so that commits have blocks of their own.
    ASSERT_TRUE(database.CompactRange({}, nullptr, nullptr).ok());
  });
  std::size_t tables = 0;
  for (const auto& entry : fs::directory_iterator(directory.path("log"))) {
    if (entry.path().extension() != ".sst") continue;
    ++tables;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(200);
    file.write("damage", 6);
  }
  ASSERT_GT(tables, 0u);
  const auto report = verify();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.bad[0].partition, PartitionId(0));
  EXPECT_EQ(report.bad[0].index, CommitIndex(1));
  EXPECT_NE(report.bad[0].reason.find("unreadable"), std::string::npos) << report.bad[0].reason;
}

}  // namespace
}  // namespace orderlog::log
