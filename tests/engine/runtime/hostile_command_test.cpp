// Commands whose structure passed the gate and whose content did not come from any honest writer:
// the engine gives each of them an answer, stays at work, and its log stays whole.
#include <cstring>

#include "engine/runtime/replay_check.h"
#include "events/codec/sample.h"
#include "events/codec/verify_buffer.h"
#include "events/log/memory_log.h"
#include "events/log/verify.h"
#include "tests/engine/runtime/engine_fixture.h"

namespace orderlog::runtime::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

// The sample's content, with id, time and authority as an edge would set them.
Bytes sample(const codec::MessageInfo& message) {
  flatbuffers::FlatBufferBuilder raw;
  codec::build_sample_command(raw, message);
  schema::CommandEnvelopeT envelope;
  flatbuffers::GetRoot<schema::CommandEnvelope>(raw.GetBufferPointer())->UnPackTo(&envelope);
  envelope.command_id = uuid_of_key("hostile", std::string(message.name));
  envelope.correlation_id = envelope.command_id;
  envelope.causation_id = envelope.command_id;
  envelope.actor = "mallory";
  envelope.fingerprint = 1;
  envelope.occurred_at = test_start_us;
  envelope.expected_version = flatbuffers::nullopt;
  envelope.authority = schema::Authority::Normal;
  envelope.role = schema::Role::Admin;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::CommandEnvelope::Pack(builder, &envelope));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

class Hostile : public ::testing::Test {
 protected:
  void SetUp() override {
    log::MemoryLogOptions options;
    options.partition_count = 1;
    options.durable_at_once = true;
    log_ = std::move(log::open_memory_log(options)).value();
    store_ = make_memory_state_store();
    bench_ = std::make_unique<Bench>(*log_, *store_);
    ASSERT_TRUE(bench_->open().ok());
  }

  // Through the gate and, if it opens, to the engine; true when the engine had it.
  bool submit(const Bytes& bytes) {
    auto verified = codec::verify_command(bytes);
    if (!verified.ok() || !verified->known_type()) return false;
    // An id of its own, else it would be taken for a repeat. Where damage has put the id on top of
    // something else, that is damage as well.
    if (const auto* id = verified->root().command_id()) {
      *const_cast<Uuid*>(id) = uuid_of_key("hostile", std::to_string(++submitted_));
      verified = codec::verify_command(verified->bytes());
      if (!verified.ok() || !verified->known_type()) return false;
    }
    std::optional<Answer> answer;
    bench_->engine->submit(verified->bytes(), [&](const Answer& given) { answer = given; });
    bench_->loop.run_until([&] { return answer.has_value(); });
    EXPECT_TRUE(answer->outcome == Outcome::Accepted || answer->outcome == Outcome::Rejected ||
                answer->outcome == Outcome::KeyReused)
        << answer->reason;
    EXPECT_EQ(answer->outcome == Outcome::Rejected, answer->rejection.has_value());
    return true;
  }

  void expect_all_is_well() {
    EXPECT_FALSE(bench_->engine->stats().failed);
    const auto answer = bench_->ask(receive("HONEST@MAIN", 1'000));
    EXPECT_EQ(answer.outcome, Outcome::Accepted);
    ASSERT_TRUE(bench_->stop().ok());
    const auto verified = log::verify_log(*log_);
    ASSERT_TRUE(verified.ok());
    for (const auto& bad : verified->bad) ADD_FAILURE() << log::to_string(bad);
    auto scratch = make_memory_state_store();
    const auto replay =
        check_replay(*log_, *store_, *scratch, bench_->options.policy, {}, bench_->clock);
    ASSERT_TRUE(replay.ok()) << replay.error().message;
    for (const auto& difference : replay->differences) ADD_FAILURE() << difference;
  }

  std::uint64_t submitted_ = 0;
  std::unique_ptr<log::MemoryLog> log_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<Bench> bench_;
};

TEST_F(Hostile, EverySampleOfEveryCommandIsAnswered) {
  for (const auto& message : codec::SchemaRegistry::builtin().commands()) {
    EXPECT_TRUE(submit(sample(message))) << message.name;
  }
  expect_all_is_well();
}

// Extremes in every number, other values in every enum, texts of one letter, ids of other things.
TEST_F(Hostile, DamageToContentIsAnswered) {
  for (const auto& message : codec::SchemaRegistry::builtin().commands()) {
    const Bytes bytes = sample(message);
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
      Bytes damaged = bytes;
      static constexpr std::uint32_t values[] = {0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
      for (const std::uint32_t value : values) {
        std::memcpy(damaged.data() + i, &value, sizeof value);
        submit(damaged);
      }
    }
    if (HasFailure()) FAIL() << message.name;
  }
  EXPECT_GT(submitted_, 1'000U);
  expect_all_is_well();
}

TEST_F(Hostile, EveryDamagedByteIsAnswered) {
  for (const auto& message : codec::SchemaRegistry::builtin().commands()) {
    Bytes bytes = sample(message);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::uint8_t good = bytes[i];
      bytes[i] = static_cast<std::uint8_t>(i % 2 == 0 ? good ^ 0x80 : 0xFF);
      submit(bytes);
      bytes[i] = good;
    }
    if (HasFailure()) FAIL() << message.name;
  }
  EXPECT_GT(submitted_, 1'000U);
  expect_all_is_well();
}

}  // namespace
}  // namespace orderlog::runtime::test
