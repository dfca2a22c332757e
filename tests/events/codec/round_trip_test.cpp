// For every table of the schema and random values: FlatBuffer → JSON → FlatBuffer loses nothing.
// FlatBuffers' own text generator is the judge, so that reader and writer cannot err alike.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>

#include "events/codec/embedded_schema.h"
#include "events/codec/json_reader.h"
#include "events/codec/json_writer.h"
#include "events/codec/sample.h"
#include "flatbuffers/idl.h"
#include "flatbuffers/reflection.h"

namespace orderlog::codec {
namespace {

const SchemaRegistry& registry() { return SchemaRegistry::builtin(); }

const reflection::Schema& reflected() { return *reflection::GetSchema(embedded_schema().data()); }

flatbuffers::Parser& judge() {
  static const std::unique_ptr<flatbuffers::Parser> parser = [] {
    auto made = std::make_unique<flatbuffers::Parser>();
    const auto bytes = embedded_schema();
    EXPECT_TRUE(made->Deserialize(bytes.data(), bytes.size()));
    made->opts.output_default_scalars_in_json = true;
    made->opts.output_enum_identifiers = true;
    made->opts.strict_json = true;
    return made;
  }();
  return *parser;
}

std::string judged(const TableInfo& table, const flatbuffers::FlatBufferBuilder& fbb) {
  judge().SetRootType(std::string(table.full_name).c_str());
  std::string text;
  EXPECT_TRUE(flatbuffers::GenerateText(judge(), fbb.GetBufferPointer(), &text));
  return text;
}

std::string written(const TableInfo& table, const flatbuffers::FlatBufferBuilder& fbb,
                    Absent absent) {
  std::string json;
  write_table(json, table, *flatbuffers::GetRoot<flatbuffers::Table>(fbb.GetBufferPointer()),
              absent);
  return json;
}

void expect_valid(const TableInfo& table, const flatbuffers::FlatBufferBuilder& fbb) {
  const auto* object = reflected().objects()->LookupByKey(std::string(table.full_name).c_str());
  ASSERT_NE(object, nullptr);
  EXPECT_TRUE(flatbuffers::Verify(reflected(), *object, fbb.GetBufferPointer(), fbb.GetSize()))
      << table.name;
}

void expect_round_trip(const TableInfo& table, const SampleStyle& style) {
  flatbuffers::FlatBufferBuilder sample;
  sample.Finish(flatbuffers::Offset<void>(build_sample(sample, table, style)));
  expect_valid(table, sample);
  const std::string json = written(table, sample, Absent::Omit);
  flatbuffers::FlatBufferBuilder back;
  const TableRead read = read_table(back, table, json);
  ASSERT_TRUE(read) << table.name << " " << read.problems[0].pointer << ": "
                    << read.problems[0].detail << "\n"
                    << json;
  back.Finish(flatbuffers::Offset<void>(read.root));
  expect_valid(table, back);
  EXPECT_EQ(judged(table, sample), judged(table, back)) << table.name << "\n" << json;
  EXPECT_EQ(written(table, back, Absent::Omit), json);
  // Rows say null where events say nothing; null is read as absent, so the same comes back but for
  // [] instead of no vector.
  flatbuffers::FlatBufferBuilder row;
  const TableRead row_read = read_table(row, table, written(table, sample, Absent::Null));
  ASSERT_TRUE(row_read) << table.name;
  row.Finish(flatbuffers::Offset<void>(row_read.root));
  EXPECT_EQ(written(table, row, Absent::Null), written(table, sample, Absent::Null));
}

TEST(RoundTrip, EveryTableWithEveryField) {
  int tables = 0;
  for (const auto& table : registry().tables()) {
    if (table->is_struct) continue;
    expect_round_trip(*table, {.seed = 7, .full = true});
    ++tables;
  }
  EXPECT_GT(tables, 300);
}

RC_GTEST_PROP(RoundTrip, AnyTableWithAnyValues, ()) {
  const auto index = *rc::gen::inRange<std::size_t>(0, registry().tables().size());
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const TableInfo& table = *registry().tables()[index];
  if (table.is_struct) return;
  expect_round_trip(table, {.seed = seed, .full = false});
  RC_ASSERT(!::testing::Test::HasFailure());
}

TEST(RoundTrip, RandomValuesInEveryTable) {
  for (const auto& table : registry().tables()) {
    if (table->is_struct) continue;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      expect_round_trip(*table, {.seed = seed, .full = false});
    }
    if (HasFailure()) return;
  }
}

// The same through build_command: the body is what a client would send.
TEST(RoundTrip, EveryCommandThroughItsBody) {
  for (const MessageInfo& command : registry().commands()) {
    flatbuffers::FlatBufferBuilder sample;
    sample.Finish(
        flatbuffers::Offset<void>(build_sample(sample, *command.table, {.seed = 3, .full = true})));
    const std::string body = written(*command.table, sample, Absent::Omit);
    flatbuffers::FlatBufferBuilder built;
    CommandMeta meta;
    meta.command_id = Uuid(1, 1);
    const CommandRead read = build_command(built, command.name, body, meta);
    ASSERT_TRUE(read) << command.name << " " << read.problems[0].pointer << ": "
                      << read.problems[0].detail << "\n"
                      << body;
    EXPECT_EQ(read.built->command, &command);
    std::string again = "";
    write_command(again, *reinterpret_cast<const schema::CommandEnvelope*>(
                             flatbuffers::GetRoot<flatbuffers::Table>(built.GetBufferPointer())));
    EXPECT_TRUE(again.ends_with(",\"data\":" + body + "}")) << again << "\n" << body;
  }
}

}  // namespace
}  // namespace orderlog::codec
