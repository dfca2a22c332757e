// Records of foreign writers, cut off, damaged and made up: each is taken as a valid command or
// refused with a reason. A sanitizer build makes the reading strict.
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "connectors/kafka/command_reader.h"
#include "connectors/kafka/dead_letter.h"
#include "events/codec/sample.h"
#include "events/codec/verify_buffer.h"
#include "tests/connectors/kafka/record_builder.h"

namespace orderlog::kafka {
namespace {

constexpr const char* media_types[] = {"", "application/json", "application/cloudevents+json",
                                       "application/x-flatbuffers", "application/avro"};

std::string sample_value(std::string_view command) {
  flatbuffers::FlatBufferBuilder builder;
  codec::build_sample_command(builder, *codec::SchemaRegistry::builtin().command(command));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string order() {
  return R"({"order_id":"SO-1","header":{"customer_id":"C-1","currency":"EUR","note":"caf\u00e9"},
             "lines":[{"line":1,"product_id":"TEA","quantity":{"milli":5000}}]})";
}

const std::string event =
    R"({"specversion":"1.0","id":"1","source":"/crm","type":"PlaceOrder","data":)" + order() + "}";

class HostileRecord : public ::testing::Test {
 protected:
  // 1: taken. The value lies in memory of its own size.
  std::size_t read(std::string_view value, std::span<const Header> headers) {
    const auto copy = std::make_unique<std::uint8_t[]>(value.size());
    std::copy(value.begin(), value.end(), copy.get());
    RecordView record;
    record.topic = "orders.commands.v1";
    record.value = {copy.get(), value.size()};
    record.headers = headers;
    const auto command = reader_.read(record, 0);
    if (command.ok()) {
      EXPECT_TRUE(codec::verify_command(command->envelope).ok());
      return 1;
    }
    EXPECT_FALSE(command.error().message.empty());
    DeadLetterHeaders parked;
    record.headers = parked.fill(record, command.error().message, 0, "0.1.0");
    EXPECT_TRUE(read_dead_letter(record).ok());
    return 0;
  }
  std::size_t read_as_all(std::string_view value, const std::string& type) {
    std::size_t taken = 0;
    for (const char* media : media_types) {
      TestRecord bare;
      if (*media != '\0') bare.header("content-type", media);
      taken += read(value, bare.view().headers);
      auto named = command_record(type);
      if (*media != '\0') named.header("content-type", media);
      taken += read(value, named.view().headers);
    }
    return taken;
  }

  std::mt19937 random_{20'240'229};
  CommandReader reader_;
};

TEST_F(HostileRecord, EveryTruncationIsRefused) {
  for (const std::string& value : {order(), event, sample_value("PlaceOrder")}) {
    for (std::size_t length = 0; length + 8 < value.size(); ++length) {
      ASSERT_EQ(read_as_all(std::string_view(value).substr(0, length), "PlaceOrder"), 0U)
          << length << " of " << value.size();
    }
  }
  EXPECT_EQ(read_as_all(order(), "PlaceOrder"), 2U);
  EXPECT_EQ(read_as_all(event, "PlaceOrder"), 3U);
}

TEST_F(HostileRecord, NoDamagedByteLeadsItAstray) {
  std::size_t tried = 0;
  std::size_t taken = 0;
  for (std::string value :
       {order(), event, sample_value("PlaceOrder"), sample_value("OpenTicket")}) {
    for (char& byte : value) {
      const char good = byte;
      for (const int other : {good ^ 1, good ^ 0x80, 0, 0xFF}) {
        byte = static_cast<char>(other);
        taken += read_as_all(value, "PlaceOrder");
        ++tried;
      }
      byte = good;
    }
  }
  EXPECT_GT(taken, 0U) << "damage to a letter of a text is not damage to the structure";
  EXPECT_LT(taken, tried);
}

TEST_F(HostileRecord, RandomBytesAreRefused) {
  for (int round = 0; round < 20'000; ++round) {
    std::string value(random_() % 64, '\0');
    for (char& c : value) c = static_cast<char>(random_());
    ASSERT_EQ(read_as_all(value, "SubmitOrder"), 0U) << testing::PrintToString(value);
  }
}

TEST_F(HostileRecord, RandomHeadersNeverLeadItAstray) {
  const std::string names[] = {"ce_specversion",
                               "ce_id",
                               "ce_source",
                               "ce_type",
                               "ce_time",
                               "ce_actor",
                               "ce_role",
                               "ce_authority",
                               "ce_expectedversion",
                               "ce_correlationid",
                               "content-type",
                               "ce_",
                               "",
                               "dlq_topic"};
  for (int round = 0; round < 20'000; ++round) {
    auto record = command_record().value(std::string(submit_order));
    for (std::size_t i = random_() % 4; i > 0; --i) {
      std::string value(random_() % 12, '\0');
      for (char& c : value) c = static_cast<char>(random_());
      const std::string& name = names[random_() % std::size(names)];
      if (random_() % 2 == 0) record.without(name);
      record.header(name, value);
    }
    read(submit_order, record.view().headers);
  }
}

// Values that a text generator for JSON would not think of.
TEST_F(HostileRecord, RandomJsonNeverLeadsItAstray) {
  constexpr std::string_view pieces[] = {"{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "\"",
                                         "\\",
                                         "\\u",
                                         "data",
                                         "\"data\"",
                                         "\"id\":\"1\"",
                                         "\"specversion\":\"1.0\"",
                                         "\"source\":\"/crm\"",
                                         "\"type\":\"SubmitOrder\"",
                                         "\"data\":{\"order_id\":\"SO-1\"}",
                                         "null",
                                         "1e999",
                                         " "};
  for (int round = 0; round < 50'000; ++round) {
    std::string value = "{";
    for (std::size_t i = random_() % 12; i > 0; --i) value += pieces[random_() % std::size(pieces)];
    if (random_() % 2 == 0) value += "}";
    read(value, {});
  }
}

TEST_F(HostileRecord, DeepAndWideEventsMeetTheirLimits) {
  const std::string head =
      R"({"specversion":"1.0","id":"1","source":"/crm","type":"SubmitOrder","x":)";
  EXPECT_EQ(read(head + std::string(500'000, '['), {}), 0U);
  std::string wide = head + "[0";
  for (int i = 0; i < 200'000; ++i) wide += ",0";
  EXPECT_EQ(read(wide + "]}", {}), 0U);
}

}  // namespace
}  // namespace orderlog::kafka
