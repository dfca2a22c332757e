// The embedded schema as data: every command and event can be found, by name and by number.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "events/codec/embedded_schema.h"
#include "events/codec/schema_registry.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::codec {
namespace {

const SchemaRegistry& registry() { return SchemaRegistry::builtin(); }

TEST(Registry, FindsACommandInBothUnions) {
  const MessageInfo* place = registry().command("PlaceOrder");
  ASSERT_NE(place, nullptr);
  EXPECT_EQ(place->aggregate, "Order");
  EXPECT_EQ(place->table->name, "PlaceOrder");
  EXPECT_EQ(place->wrapper->name, "OrderCommands");
  EXPECT_EQ(place->id_field->name, "order_id");
  EXPECT_EQ(place->wrapper_type, static_cast<int>(schema::AnyCommand::OrderCommands));
  EXPECT_EQ(place->message_type, static_cast<int>(schema::OrderCommand::PlaceOrder));
  EXPECT_EQ(registry().command(place->wrapper_type, place->message_type), place);
  EXPECT_EQ(registry().command("OrderSubmitted"), nullptr);
  EXPECT_EQ(registry().command(""), nullptr);
}

TEST(Registry, FindsAnEventInBothUnions) {
  const MessageInfo* submitted = registry().event("OrderSubmitted");
  ASSERT_NE(submitted, nullptr);
  EXPECT_EQ(submitted->wrapper_type, static_cast<int>(schema::AnyEvent::OrderEvents));
  EXPECT_EQ(submitted->message_type, static_cast<int>(schema::OrderEvent::OrderSubmitted));
  EXPECT_EQ(registry().event(submitted->wrapper_type, submitted->message_type), submitted);
  EXPECT_EQ(registry().aggregate_of_event(submitted->wrapper_type), "Order");
  EXPECT_EQ(registry().event("LeaderClaim")->aggregate, "System");
}

TEST(Registry, EveryMessageIsFoundByNameAndByNumber) {
  std::set<std::string_view> names;
  for (const auto messages : {registry().commands(), registry().events()}) {
    EXPECT_GT(messages.size(), 100U);
    for (const MessageInfo& message : messages) {
      EXPECT_TRUE(names.insert(message.name).second) << message.name;
      const bool is_command = message.id_field != nullptr;
      const MessageInfo* by_name =
          is_command ? registry().command(message.name) : registry().event(message.name);
      const MessageInfo* by_number =
          is_command ? registry().command(message.wrapper_type, message.message_type)
                     : registry().event(message.wrapper_type, message.message_type);
      EXPECT_EQ(by_name, &message) << message.name;
      EXPECT_EQ(by_number, &message) << message.name;
    }
  }
}

TEST(Registry, NumbersOutsideOfTheUnionsAreUnknown) {
  for (const int wrapper : {0, 200, 255}) {
    EXPECT_EQ(registry().event(static_cast<std::uint8_t>(wrapper), 1), nullptr);
    EXPECT_EQ(registry().command(static_cast<std::uint8_t>(wrapper), 1), nullptr);
  }
  const MessageInfo* claim = registry().event("LeaderClaim");
  EXPECT_EQ(registry().event(claim->wrapper_type, 0), nullptr);
  EXPECT_EQ(registry().event(claim->wrapper_type, 2), nullptr);
}

TEST(Registry, KnowsFieldsAsTheSchemaHasThem) {
  const TableInfo* header = registry().table("OrderHeader");
  ASSERT_NE(header, nullptr);
  EXPECT_TRUE(header->by_name("customer_id")->required);
  EXPECT_TRUE(header->by_name("customer_id")->is_id);
  EXPECT_EQ(header->by_name("requested_date")->kind, ValueKind::Date);
  EXPECT_TRUE(header->by_name("requested_date")->optional);
  EXPECT_EQ(header->by_name("freight")->kind, ValueKind::Struct);
  EXPECT_EQ(header->by_name("currency")->enumeration->name, "Currency");
  EXPECT_EQ(header->by_name("nothing"), nullptr);
  const EnumInfo* currency = registry().enumeration("Currency");
  EXPECT_EQ(currency->by_name("EUR")->value, 978);
  EXPECT_EQ(currency->by_value(978)->name, "EUR");
  EXPECT_EQ(currency->by_value(977 + 2), currency->by_name("MXV"));
  EXPECT_EQ(currency->by_value(1), nullptr);
  EXPECT_EQ(currency->by_value(-1), nullptr);
  EXPECT_EQ(currency->by_value(100'000), nullptr);
}

TEST(Registry, CommentsOfTheSchemaAreDescriptions) {
  EXPECT_NE(registry().table("PlaceOrder")->doc.find("Draft and submit"), std::string::npos);
  EXPECT_EQ(registry().table("Money")->doc.find("domain.md"), std::string::npos);
  EXPECT_NE(registry().table("CommandEnvelope")->by_name("expected_version")->doc.find("Refused"),
            std::string::npos);
  for (const auto& table : registry().tables())
    EXPECT_EQ(table->doc.find("---"), std::string::npos);
}

TEST(Registry, EveryFieldIsFoundInItsTable) {
  for (const auto& table : registry().tables()) {
    for (std::size_t i = 0; i < table->fields.size(); ++i) {
      EXPECT_EQ(table->index_of(table->fields[i].name), static_cast<int>(i)) << table->name;
    }
    EXPECT_EQ(table->write_order.size(), table->fields.size());
  }
}

TEST(Registry, RefusesBytesThatAreNotASchema) {
  const auto bytes = embedded_schema();
  for (const std::size_t length : {std::size_t{0}, std::size_t{7}, bytes.size() / 2}) {
    const auto loaded = SchemaRegistry::load(bytes.first(length));
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, ErrorCode::Corrupt);
  }
  EXPECT_TRUE(SchemaRegistry::load(bytes).ok());
}

TEST(NameIndex, FindsEachNameAndNothingElse) {
  std::vector<std::string> owned;
  for (int i = 0; i < 1'000; ++i) owned.push_back("name" + std::to_string(i * 7));
  const NameIndex index(std::vector<std::string_view>(owned.begin(), owned.end()));
  for (std::size_t i = 0; i < owned.size(); ++i)
    EXPECT_EQ(index.find(owned[i]), static_cast<int>(i));
  for (const char* other : {"", "name", "name1", "name00", "Name0", "name0 "}) {
    EXPECT_EQ(index.find(other), -1) << other;
  }
  EXPECT_EQ(NameIndex().find("a"), -1);
}

}  // namespace
}  // namespace orderlog::codec
