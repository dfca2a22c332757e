// Commands and events of foreign writers, cut off and damaged at every single byte: each one is
// refused, or else it can be read to its last field. A sanitizer build makes the reading strict.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "events/codec/json_writer.h"
#include "events/codec/sample.h"
#include "events/codec/verify_buffer.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::codec {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t padding_max = 7;  // what may follow the last text

Bytes command_bytes(const MessageInfo& command) {
  flatbuffers::FlatBufferBuilder fbb;
  build_sample_command(fbb, command);
  return {fbb.GetBufferPointer(), fbb.GetBufferPointer() + fbb.GetSize()};
}

Bytes event_bytes(const MessageInfo& event) {
  flatbuffers::FlatBufferBuilder fbb;
  build_sample_event(fbb, event);
  return {fbb.GetBufferPointer(), fbb.GetBufferPointer() + fbb.GetSize()};
}

// 1: let through, and then written as JSON from end to end.
std::size_t read_command(std::span<const std::uint8_t> bytes) {
  const auto verified = verify_command(bytes);
  if (!verified.ok()) {
    EXPECT_FALSE(verified.error().message.empty());
    return 0;
  }
  std::string json;
  write_command(json, verified->root());
  EXPECT_TRUE(json.starts_with('{') && json.ends_with('}'));
  return 1;
}

std::size_t read_event(std::span<const std::uint8_t> bytes) {
  const auto verified = verify_envelope(bytes);
  if (!verified.ok()) {
    EXPECT_FALSE(verified.error().message.empty());
    return 0;
  }
  std::string json;
  write_envelope(json, verified->root());
  EXPECT_TRUE(json.starts_with('{') && json.ends_with('}'));
  return 1;
}

// Each byte in turn takes other values: the neighbours, the sign, nothing, everything.
template <class Read>
std::size_t damage_everywhere(Bytes bytes, const Read& read) {
  std::size_t passed = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t good = bytes[i];
    for (const int value : {good ^ 1, good ^ 0x80, 0, 0xFF}) {
      bytes[i] = static_cast<std::uint8_t>(value);
      passed += read(bytes);
    }
    bytes[i] = good;
  }
  return passed;
}

// Each offset and length in turn becomes one that leads out, back or to itself.
template <class Read>
std::size_t lead_astray_everywhere(Bytes bytes, const Read& read) {
  std::size_t passed = 0;
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t good = 0;
    std::memcpy(&good, bytes.data() + i, sizeof good);
    const auto size = static_cast<std::uint32_t>(bytes.size());
    for (const std::uint32_t value : {0U, 4U, size - 4, size, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFCU,
                                      static_cast<std::uint32_t>(0U - i)}) {
      std::memcpy(bytes.data() + i, &value, sizeof value);
      passed += read(bytes);
    }
    std::memcpy(bytes.data() + i, &good, sizeof good);
  }
  return passed;
}

TEST(HostileCommand, EveryTruncationOfEveryCommandIsRefused) {
  for (const MessageInfo& command : SchemaRegistry::builtin().commands()) {
    const Bytes good = command_bytes(command);
    ASSERT_EQ(read_command(good), 1U) << command.name;
    for (std::size_t length = 0; length < good.size() - padding_max; ++length) {
      // A copy of its own size, so that a sanitizer sees every byte that is read behind its end.
      const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
      ASSERT_FALSE(verify_command(cut).ok()) << command.name << " cut to " << length << " bytes";
    }
  }
}

TEST(HostileCommand, EveryTruncationOfEveryEventIsRefused) {
  for (const MessageInfo& event : SchemaRegistry::builtin().events()) {
    const Bytes good = event_bytes(event);
    ASSERT_EQ(read_event(good), 1U) << event.name;
    for (std::size_t length = 0; length < good.size() - padding_max; ++length) {
      const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
      ASSERT_FALSE(verify_envelope(cut).ok()) << event.name << " cut to " << length << " bytes";
    }
  }
}

TEST(HostileCommand, NoDamagedByteLeadsAReaderAstray) {
  std::size_t tried = 0;
  std::size_t passed = 0;
  for (const MessageInfo& command : SchemaRegistry::builtin().commands()) {
    const Bytes good = command_bytes(command);
    tried += good.size() * 4;
    passed += damage_everywhere(good, read_command);
  }
  // Damage within a text or a number is not damage to the structure: some must pass, or the check
  // above never read anything; some must not, or nothing was checked.
  EXPECT_GT(passed, tried / 20);
  EXPECT_LT(passed, tried);
}

TEST(HostileCommand, NoForgedOffsetLeadsAReaderAstray) {
  std::size_t passed = 0;
  for (const MessageInfo& command : SchemaRegistry::builtin().commands()) {
    passed += lead_astray_everywhere(command_bytes(command), read_command);
  }
  EXPECT_GT(passed, 0U);
}

TEST(HostileEvent, NoDamagedByteAndNoForgedOffsetLeadsAReaderAstray) {
  std::size_t passed = 0;
  for (const MessageInfo& event : SchemaRegistry::builtin().events()) {
    const Bytes good = event_bytes(event);
    if (good.size() > 2'048) continue;  // the largest take most of the time and have no other parts
    passed += damage_everywhere(good, read_event);
    passed += lead_astray_everywhere(good, read_event);
  }
  EXPECT_GT(passed, 0U);
}

}  // namespace
}  // namespace orderlog::codec
