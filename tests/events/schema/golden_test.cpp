// Bytes of every message, written once, read as they did then: by the schema of today and for ever.
#include "events/codec/golden.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

#include "events/codec/guard/schema_guard.h"
#include "flatbuffers/reflection.h"

namespace orderlog::codec {
namespace {

namespace fs = std::filesystem;

std::string corpus() { return std::string(ORDERLOG_SOURCE_DIR) + "/tests/events/schema/golden"; }
std::string released() { return std::string(ORDERLOG_SOURCE_DIR) + "/events/schema/released"; }

TEST(Golden, EveryFileReadsAsItDid) {
  const auto files = read_golden(corpus());
  ASSERT_TRUE(files.ok()) << files.error().message;
  const bool may_lag = list_releases(released()).empty();
  for (const GoldenFile& file : *files) {
    const auto json = golden_json(file.is_event, file.bytes);
    // Until the first release the schema may still break its own samples: events/schema/golden.
    if (may_lag && (!json.ok() || golden_difference(file.json, *json))) continue;
    ASSERT_TRUE(json.ok()) << file.path << ": " << json.error().message;
    const auto difference = golden_difference(file.json, *json);
    EXPECT_FALSE(difference) << file.path << *difference;
  }
}

// What was released has golden bytes; a message that is new since then gets its own with the
// release.
TEST(Golden, NoReleasedMessageIsWithoutBytes) {
  const std::vector<int> releases = list_releases(released());
  if (releases.empty()) return;
  const auto loaded = SchemaFiles::load(released() + "/" + std::to_string(releases.back()));
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<SchemaFiles>>(loaded));
  const auto& schema = std::get<std::unique_ptr<SchemaFiles>>(loaded)->schema();
  const auto files = read_golden(corpus());
  ASSERT_TRUE(files.ok());
  std::set<std::string> covered;
  for (const GoldenFile& file : *files) covered.insert(file.message);
  const SchemaRegistry& registry = SchemaRegistry::builtin();
  for (const auto messages : {registry.events(), registry.commands()}) {
    for (const MessageInfo& message : messages) {
      const std::string full_name(message.table->full_name);
      if (schema.objects()->LookupByKey(full_name.c_str()) == nullptr) continue;
      EXPECT_TRUE(covered.contains(std::string(message.name)))
          << message.name << ": run events/schema/golden";
    }
  }
}

class GoldenFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("golden_" + std::to_string(::getpid()))).string();
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string folder_;
};

TEST_F(GoldenFolder, IsWrittenOnceAndReadsAsItself) {
  const auto first = write_golden(folder_, true);
  ASSERT_TRUE(first.ok()) << first.error().message;
  const SchemaRegistry& registry = SchemaRegistry::builtin();
  EXPECT_EQ(*first, static_cast<int>(registry.events().size() + registry.commands().size()));
  const auto again = write_golden(folder_, false);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, 0) << "samples must be the same every time";
  const auto files = read_golden(folder_);
  ASSERT_TRUE(files.ok());
  ASSERT_EQ(files->size(), static_cast<std::size_t>(*first));
  for (const GoldenFile& file : *files) {
    EXPECT_EQ(*golden_json(file.is_event, file.bytes), file.json) << file.path;
  }
}

TEST_F(GoldenFolder, AGrownMessageGetsANextFileAndKeepsTheOld) {
  ASSERT_TRUE(write_golden(folder_, true).ok());
  const fs::path held = fs::path(folder_) / "events" / "OrderHeld.1.golden";
  const fs::path other = fs::path(folder_) / "events" / "OrderReleased.1.golden";
  fs::copy_file(other, held, fs::copy_options::overwrite_existing);
  const auto written = write_golden(folder_, false);
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(*written, 1);
  EXPECT_TRUE(fs::exists(fs::path(folder_) / "events" / "OrderHeld.2.golden"));
}

TEST_F(GoldenFolder, DamagedFilesAreErrors) {
  ASSERT_TRUE(write_golden(folder_, true).ok());
  fs::resize_file(fs::path(folder_) / "events" / "OrderHeld.1.golden", 10);
  EXPECT_FALSE(read_golden(folder_).ok());
}

TEST(GoldenDifference, MoreIsFineLessAndOtherIsNot) {
  EXPECT_FALSE(
      golden_difference(R"({"a":1,"b":[{"c":2}]})", R"({"b":[{"d":0,"c":2}],"a":1,"e":null})"));
  EXPECT_EQ(golden_difference(R"({"a":1})", R"({})"), "/a is gone");
  EXPECT_EQ(golden_difference(R"({"a":1})", R"({"a":2})"), "/a: was 1, is 2");
  EXPECT_TRUE(golden_difference(R"({"a":[1]})", R"({"a":[1,2]})"));
  EXPECT_TRUE(golden_difference(R"({"a":"x"})", R"({"a":{}})"));
  EXPECT_TRUE(golden_difference("{", "{}"));
}

}  // namespace
}  // namespace orderlog::codec
