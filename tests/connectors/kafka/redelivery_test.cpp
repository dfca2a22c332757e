// Records of the inbox into a real engine: a redelivery has no second effect, in whatever form it
// comes back.
#include "connectors/kafka/command_reader.h"
#include "events/log/memory_log.h"
#include "tests/connectors/kafka/record_builder.h"
#include "tests/engine/runtime/engine_fixture.h"

namespace orderlog::kafka {
namespace {

using runtime::Answer;
using runtime::Outcome;

class Redelivery : public ::testing::Test {
 protected:
  void SetUp() override {
    auto log = log::open_memory_log({.durable_at_once = true});
    ASSERT_TRUE(log.ok());
    log_ = std::move(log).value();
    bench_ = std::make_unique<runtime::test::Bench>(*log_, *store_);
    ASSERT_TRUE(bench_->open().ok());
  }
  Answer deliver(TestRecord record) {
    const auto read = reader_.read(record.view(), bench_->engine->business_now());
    EXPECT_TRUE(read.ok()) << read.error().message;
    std::optional<Answer> answer;
    bench_->engine->submit(read->envelope, [&](const Answer& given) { answer = given; });
    bench_->loop.run_until([&] { return answer.has_value(); });
    return answer.value_or(Answer{});
  }
  Sequence last_seq() const { return log_->durable_end(PartitionId(0)).last_seq; }
  static TestRecord receive(const std::string& milli) {
    return command_record("ReceiveStock")
        .value(R"({"stock_item_id":"TEA@MAIN","quantity":{"milli":)" + milli + "}}");
  }

  std::unique_ptr<log::MemoryLog> log_;
  std::unique_ptr<runtime::StateStore> store_ = runtime::make_memory_state_store();
  std::unique_ptr<runtime::test::Bench> bench_;
  CommandReader reader_;
};

TEST_F(Redelivery, GetsTheFirstAnswerAndHasNoEffect) {
  const Answer first = deliver(receive("1000"));
  EXPECT_EQ(first.outcome, Outcome::Accepted);
  EXPECT_FALSE(first.replayed);
  const Sequence end = last_seq();
  bench_->clock.advance(us_per_hour);  // it says no time of its own
  auto structured =
      TestRecord().value(R"({"specversion":"1.0","id":"17","source":"/crm","type":"ReceiveStock",)"
                         R"("data":{"stock_item_id":"TEA@MAIN","quantity":{"milli":1000}}})");
  for (const TestRecord& again : {receive("1000"), structured}) {
    const Answer repeated = deliver(again);
    EXPECT_EQ(repeated.outcome, Outcome::Accepted);
    EXPECT_TRUE(repeated.replayed);
    EXPECT_EQ(repeated.position, first.position);
  }
  EXPECT_EQ(last_seq(), end);
}

TEST_F(Redelivery, AnIdUsedForAnotherBodyIsNoticed) {
  EXPECT_EQ(deliver(receive("1000")).outcome, Outcome::Accepted);
  const Sequence end = last_seq();
  EXPECT_EQ(deliver(receive("2000")).outcome, Outcome::KeyReused);
  EXPECT_EQ(last_seq(), end);
}

TEST_F(Redelivery, AnotherSourceIsAnotherCommand) {
  EXPECT_EQ(deliver(receive("1000")).version, 1U);
  const Answer other = deliver(receive("1000").without("ce_source").header("ce_source", "/web"));
  EXPECT_FALSE(other.replayed);
  EXPECT_EQ(other.version, 2U);
}

TEST_F(Redelivery, CommandsOfTheEngineItselfAreRefusedByIt) {
  const Answer answer = deliver(command_record("CheckOrderDates").value(std::string(submit_order)));
  EXPECT_EQ(answer.outcome, Outcome::Rejected);
  EXPECT_TRUE(answer.events.empty());
}

}  // namespace
}  // namespace orderlog::kafka
