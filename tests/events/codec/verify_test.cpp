// Buffers of others: whatever is broken is refused, whatever is let through can be read.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "events/codec/json_writer.h"
#include "events/codec/sample.h"
#include "events/codec/verify_buffer.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::codec {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const flatbuffers::FlatBufferBuilder& fbb) {
  return {fbb.GetBufferPointer(), fbb.GetBufferPointer() + fbb.GetSize()};
}

Bytes sample_event(std::string_view name) {
  flatbuffers::FlatBufferBuilder fbb;
  build_sample_event(fbb, *SchemaRegistry::builtin().event(name));
  return bytes_of(fbb);
}

Bytes sample_command(std::string_view name) {
  flatbuffers::FlatBufferBuilder fbb;
  build_sample_command(fbb, *SchemaRegistry::builtin().command(name));
  return bytes_of(fbb);
}

ErrorCode code_of(const Bytes& bytes, const BufferLimits& limits = foreign_buffer_limits) {
  const auto verified = verify_envelope(bytes, limits);
  EXPECT_FALSE(verified.ok());
  return verified.ok() ? ErrorCode::Internal : verified.error().code;
}

TEST(Verify, EverySampleIsTakenAtAnyAlignment) {
  for (const MessageInfo& event : SchemaRegistry::builtin().events()) {
    const Bytes good = sample_event(event.name);
    for (std::size_t shift = 0; shift < 8; ++shift) {
      Bytes shifted(shift, 0);
      shifted.insert(shifted.end(), good.begin(), good.end());
      const auto verified = verify_envelope(std::span(shifted).subspan(shift));
      ASSERT_TRUE(verified.ok()) << event.name << verified.error().message;
      EXPECT_TRUE(verified->known_type());
      EXPECT_EQ(event_type(verified->root()), event.name);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(verified->bytes().data()) % 8, 0U);
      EXPECT_TRUE(std::equal(good.begin(), good.end(), verified->bytes().begin()));
    }
  }
  for (const MessageInfo& command : SchemaRegistry::builtin().commands()) {
    const auto verified = verify_command(sample_command(command.name));
    ASSERT_TRUE(verified.ok()) << command.name << verified.error().message;
    EXPECT_EQ(command_type(verified->root()), command.name);
  }
}

TEST(Verify, TheCopyOutlivesTheOriginal) {
  Bytes bytes = sample_event("OrderSubmitted");
  const auto verified = verify_envelope(bytes);
  ASSERT_TRUE(verified.ok());
  const std::string id = verified->root().aggregate_id()->str();
  std::fill(bytes.begin(), bytes.end(), std::uint8_t{0xAA});
  EXPECT_EQ(verified->root().aggregate_id()->str(), id);
}

TEST(Verify, NamedLimits) {
  const Bytes good = sample_event("OrderSubmitted");
  EXPECT_EQ(code_of(good, {.bytes_max = good.size() - 1}), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(good, {.depth_max = 2}), ErrorCode::Corrupt);
  EXPECT_EQ(code_of(good, {.tables_max = 2}), ErrorCode::Corrupt);
  EXPECT_TRUE(verify_envelope(good, {.bytes_max = good.size()}).ok());
}

TEST(Verify, OtherFilesAreRefused) {
  EXPECT_EQ(code_of({}), ErrorCode::Corrupt);
  EXPECT_EQ(code_of(Bytes(7, 0)), ErrorCode::Corrupt);
  EXPECT_EQ(code_of(Bytes(64, 0)), ErrorCode::Corrupt);
  Bytes other = sample_event("OrderHeld");
  other[4] = 'X';
  EXPECT_EQ(code_of(other), ErrorCode::Corrupt);
  EXPECT_EQ(code_of(sample_command("SubmitOrder")), ErrorCode::Corrupt);
}

TEST(Verify, EveryTruncationIsRefused) {
  const Bytes good = sample_event("OrderHeld");
  constexpr std::size_t padding_max = 7;  // after the last text
  for (std::size_t length = 0; length < good.size() - padding_max; ++length) {
    const auto verified = verify_envelope(std::span(good).first(length));
    EXPECT_FALSE(verified.ok()) << length;
  }
}

// One text of 1,000 bytes, named as the rule that was beaten `times` times.
Bytes order_with_one_text(std::size_t times) {
  flatbuffers::FlatBufferBuilder fbb;
  const auto text = fbb.CreateString(std::string(1'000, 'x'));
  const auto rules =
      fbb.CreateVector(std::vector<flatbuffers::Offset<flatbuffers::String>>(times, text));
  schema::PriceExplanationBuilder price(fbb);
  price.add_beaten_rule_ids(rules);
  const auto explained = price.Finish();
  schema::OrderLineBuilder line(fbb);
  line.add_price(explained);
  const auto added = schema::CreateOrderLineAdded(fbb, line.Finish());
  schema::OrderEventsBuilder wrapper(fbb);
  wrapper.add_event(added.Union());
  wrapper.add_event_type(schema::OrderEvent::OrderLineAdded);
  const auto payload = wrapper.Finish();
  schema::EnvelopeBuilder envelope(fbb);
  envelope.add_payload(payload.Union());
  envelope.add_payload_type(schema::AnyEvent::OrderEvents);
  schema::FinishEnvelopeBuffer(fbb, envelope.Finish());
  return bytes_of(fbb);
}

TEST(Verify, AFewBytesCannotBecomeVeryMany) {
  EXPECT_TRUE(verify_envelope(order_with_one_text(2)).ok());
  EXPECT_EQ(code_of(order_with_one_text(1'000)), ErrorCode::Corrupt);
  EXPECT_TRUE(verify_envelope(order_with_one_text(1'000), {.expansion_max = 1'000}).ok());
}

Bytes envelope_with(schema::AnyEvent type, bool wrapped, std::uint8_t event_type, bool with_table) {
  flatbuffers::FlatBufferBuilder fbb;
  const auto table = with_table ? fbb.EndTable(fbb.StartTable()) : 0;
  schema::OrderEventsBuilder wrapper(fbb);
  wrapper.add_event_type(static_cast<schema::OrderEvent>(event_type));
  if (with_table) wrapper.add_event(flatbuffers::Offset<void>(table));
  const auto payload = wrapper.Finish();
  schema::EnvelopeBuilder envelope(fbb);
  envelope.add_payload_type(type);
  if (wrapped) envelope.add_payload(payload.Union());
  schema::FinishEnvelopeBuffer(fbb, envelope.Finish());
  return bytes_of(fbb);
}

TEST(Verify, ATypeWithoutItsTableIsRefused) {
  constexpr auto orders = schema::AnyEvent::OrderEvents;
  const auto held = static_cast<std::uint8_t>(schema::OrderEvent::OrderHeld);
  EXPECT_TRUE(verify_envelope(envelope_with(orders, true, held, true)).ok());
  EXPECT_EQ(code_of(envelope_with(orders, false, held, true)), ErrorCode::Corrupt);
  EXPECT_EQ(code_of(envelope_with(orders, true, held, false)), ErrorCode::Corrupt);
  EXPECT_EQ(code_of(envelope_with(orders, true, 0, true)), ErrorCode::Corrupt);
  EXPECT_EQ(code_of(envelope_with(schema::AnyEvent::NONE, true, held, true)), ErrorCode::Corrupt);
}

TEST(Verify, ATypeFromANewerWriterIsLetThroughAsUnknown) {
  const auto inner = verify_envelope(envelope_with(schema::AnyEvent::OrderEvents, true, 250, true));
  ASSERT_TRUE(inner.ok());
  EXPECT_FALSE(inner->known_type());
  const auto outer =
      verify_envelope(envelope_with(static_cast<schema::AnyEvent>(200), true, 1, true));
  ASSERT_TRUE(outer.ok());
  EXPECT_FALSE(outer->known_type());
}

TEST(Verify, ACommandNeedsItsId) {
  const auto with_id = [](const char* id) {
    flatbuffers::FlatBufferBuilder fbb;
    const auto submit = schema::CreateSubmitOrderDirect(fbb, id);
    schema::OrderCommandsBuilder wrapper(fbb);
    wrapper.add_command(submit.Union());
    wrapper.add_command_type(schema::OrderCommand::SubmitOrder);
    const auto payload = wrapper.Finish();
    schema::CommandEnvelopeBuilder envelope(fbb);
    envelope.add_payload(payload.Union());
    envelope.add_payload_type(schema::AnyCommand::OrderCommands);
    fbb.Finish(envelope.Finish());
    return bytes_of(fbb);
  };
  EXPECT_TRUE(verify_command(with_id("SO-1")).ok());
  EXPECT_FALSE(verify_command(with_id("")).ok());
  EXPECT_FALSE(verify_command(with_id("\xFF")).ok());
}

// Texts of an event were a command's before, so there it is not looked for again.
TEST(Verify, ACommandsTextsAreUtf8) {
  const auto with_text = [](const char* text) {
    flatbuffers::FlatBufferBuilder fbb;
    const auto respond = schema::CreateRespondDirect(fbb, "T-1", text);
    schema::TicketCommandsBuilder wrapper(fbb);
    wrapper.add_command(respond.Union());
    wrapper.add_command_type(schema::TicketCommand::Respond);
    const auto payload = wrapper.Finish();
    schema::CommandEnvelopeBuilder envelope(fbb);
    envelope.add_payload(payload.Union());
    envelope.add_payload_type(schema::AnyCommand::TicketCommands);
    fbb.Finish(envelope.Finish());
    return bytes_of(fbb);
  };
  EXPECT_TRUE(verify_command(with_text("caf\xC3\xA9")).ok());
  EXPECT_FALSE(verify_command(with_text("caf\xC3")).ok());
}

// What passes can be written as JSON; the address sanitizer watches.
TEST(Verify, AlteredBytesNeverLeadAReaderAstray) {
  std::mt19937_64 random(20'240'229);
  for (const char* name : {"OrderSubmitted", "OrderHeld", "CustomerRegistered", "StockReserved"}) {
    const Bytes good = sample_event(name);
    for (int round = 0; round < 5'000; ++round) {
      Bytes altered = good;
      for (int i = 0; i < 3; ++i) {
        altered[random() % altered.size()] = static_cast<std::uint8_t>(random());
      }
      const auto verified = verify_envelope(altered);
      if (!verified.ok()) continue;
      std::string json;
      write_envelope(json, verified->root());
      EXPECT_TRUE(json.starts_with('{') && json.ends_with('}'));
    }
  }
}

}  // namespace
}  // namespace orderlog::codec
