// Records in transactions, and who may write them.
#include "events/log/kafka/transactional_sender.h"

#include <gtest/gtest.h>

#include "tests/events/kafka/kafka_setup.h"
#include "tests/events/kafka/raw_topic.h"

namespace orderlog::log::test {
namespace {

class Sender : public testing::Test {
 protected:
  std::unique_ptr<kafka::TransactionalSender> open() const {
    kafka::SenderOptions options;
    options.client = kafka_client();
    options.transactional_id = "sender-of-" + topic_;
    return must(kafka::TransactionalSender::open(options));
  }
  kafka::OutgoingRecord record(const std::string& value) const {
    kafka::OutgoingRecord record;
    record.topic = topic_;
    record.partition = 0;
    record.value = {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()};
    return record;
  }
  const std::string topic_ = make_topic(1);
};

TEST_F(Sender, OneThatIsFencedCommitsNothingMore) {
  const std::string first_said = "first";
  const std::string never = "never";
  const std::string second_said = "second";
  auto first = open();
  must(first->add(record(first_said)));
  must(first->finish());
  must(first->add(record(never)));
  auto second = open();
  const auto fenced = first->finish();
  ASSERT_FALSE(fenced.ok());
  EXPECT_EQ(fenced.error().code, ErrorCode::Fenced) << fenced.error().message;
  must(second->add(record(second_said)));
  must(second->finish());
  const auto records = RawTopic(topic_).consume(2);
  EXPECT_EQ(records[0].value, "first");
  EXPECT_EQ(records[1].value, "second");
}

TEST_F(Sender, OneThatGoesAmidATransactionLeavesNothing) {
  const std::string never = "never";
  const std::string said = "said";
  must(open()->add(record(never)));
  auto next = open();
  must(next->add(record(said)));
  must(next->finish());
  EXPECT_EQ(RawTopic(topic_).consume(1)[0].value, "said");
}

TEST_F(Sender, FinishingNothingIsNothing) {
  auto sender = open();
  must(sender->finish());
  const std::string too_large(10 * 1024 * 1024, 'x');
  EXPECT_FALSE(sender->add(record(too_large)).ok());
}

}  // namespace
}  // namespace orderlog::log::test
