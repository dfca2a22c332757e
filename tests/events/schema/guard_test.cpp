// Each kind of break is planted into a small schema, and the guard must name it; additions that are
// allowed must pass; the schema of this tree must be clean.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "events/codec/guard/schema_guard.h"

namespace orderlog::codec {
namespace {

namespace fs = std::filesystem;

constexpr const char* released_text = R"(namespace t;
attribute "timestamp";
attribute "date";
enum Colour : ubyte { None, Red, Green }
struct Money { minor:long; colour:Colour; }
table Line { line:uint (id:0); amount:Money (id:1); note:string (id:2); }
table PlaceThing {
  thing_id:string (id:0, required);
  count:int = 5 (id:1);
  lines:[Line] (id:2);
  due_date:int = null (id:3, date);
  placed_at:long (id:4, timestamp);
  reason:string (id:5);
}
table DropThing { thing_id:string (id:0, required); }
union ThingCommand { PlaceThing, DropThing }
table ThingCommands { command:ThingCommand (id:1); }
union AnyCommand { ThingCommands }
table ThingPlaced { line:uint (id:0); }
table ThingDropped { reason:string (id:0); }
union ThingEvent { ThingPlaced, ThingDropped }
table ThingEvents { event:ThingEvent (id:1); }
union AnyEvent { ThingEvents }
table Envelope { seq:ulong (id:0); payload:AnyEvent (id:2); command:AnyCommand (id:4); old:int (id:5, deprecated); }
root_type Envelope;
file_identifier "TEST";
)";

class SchemaGuard : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              ("schema_guard_" + std::to_string(::getpid()) + "_" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_ / "now");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& place, const std::string& text) {
    fs::create_directories(folder_ / place);
    std::ofstream(folder_ / place / "envelope.fbs") << text;
  }

  std::set<std::string> rules() {
    std::set<std::string> names;
    for (const SchemaFinding& finding :
         guard_schema((folder_ / "now").string(), (folder_ / "released").string())) {
      names.insert(finding.rule);
      last_ = finding.rule + " " + finding.where + " " + finding.message;
    }
    return names;
  }

  // The rules that the change breaks, against a release without it.
  std::set<std::string> after(const std::string& from, const std::string& to) {
    std::string changed = released_text;
    const std::size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    changed.replace(at, from.size(), to);
    write("released/1", released_text);
    write("now", changed);
    return rules();
  }

  // FlatBuffers' own comparison may object too; ours must.
  void expect_break(const std::string& rule, const std::string& from, const std::string& to) {
    const std::set<std::string> found = after(from, to);
    EXPECT_TRUE(found.contains(rule)) << rule << " not found after: " << to << "\n" << last_;
  }
  void expect_fine(const std::string& from, const std::string& to) {
    EXPECT_TRUE(after(from, to).empty()) << to << "\n" << last_;
  }
  void expect_lint(const std::string& rule, const std::string& from, const std::string& to) {
    std::string changed = released_text;
    changed.replace(changed.find(from), from.size(), to);
    write("now", changed);
    EXPECT_TRUE(rules().contains(rule)) << rule << " not found after: " << to << "\n" << last_;
  }

  fs::path folder_;
  std::string last_;
};

TEST_F(SchemaGuard, WithoutReleasesOnlyTheConventionsCount) {
  write("now", released_text);
  EXPECT_TRUE(rules().empty()) << last_;
}

TEST_F(SchemaGuard, TheSameSchemaPasses) { expect_fine("namespace t;", "namespace t;"); }

TEST_F(SchemaGuard, AdditionsAtTheEndPass) {
  expect_fine("reason:string (id:5);", "reason:string (id:5); more:string (id:6);");
  expect_fine("None, Red, Green", "None, Red, Green, Blue");
  expect_fine("union ThingEvent { ThingPlaced, ThingDropped }",
              "table ThingMoved { to:string (id:0); }\n"
              "union ThingEvent { ThingPlaced, ThingDropped, ThingMoved }");
  expect_fine("note:string (id:2);", "note:string (id:2, deprecated);");
}

TEST_F(SchemaGuard, Removals) {
  expect_break("field-removed", "reason:string (id:5);", "");
  expect_break("field-removed", "table ThingDropped { reason:string (id:0); }",
               "table ThingDropped { }");
  expect_break("table-removed",
               "table ThingDropped { reason:string (id:0); }\nunion ThingEvent { "
               "ThingPlaced, ThingDropped }",
               "union ThingEvent { ThingPlaced }");
  expect_break("member-removed", "None, Red, Green", "None, Red");
  expect_break("member-removed", "{ ThingPlaced, ThingDropped }", "{ ThingPlaced }");
}

TEST_F(SchemaGuard, Renames) {
  expect_break("field-renamed", "reason:string (id:5);", "cause:string (id:5);");
  expect_break("member-renamed", "None, Red, Green", "None, Red, Grass");
  expect_break("table-removed",
               "table ThingDropped { reason:string (id:0); }\n"
               "union ThingEvent { ThingPlaced, ThingDropped }",
               "table ThingLost { reason:string (id:0); }\n"
               "union ThingEvent { ThingPlaced, ThingLost }");
}

TEST_F(SchemaGuard, RequiredComesTooLate) {
  expect_break("required-added", "reason:string (id:5);", "reason:string (id:5, required);");
  expect_break("required-added", "reason:string (id:5);",
               "reason:string (id:5); more:string (id:6, required);");
}

TEST_F(SchemaGuard, Types) {
  expect_break("field-type-changed", "reason:string (id:5);", "reason:[ubyte] (id:5);");
  expect_break("field-type-changed", "count:int = 5 (id:1);", "count:uint = 5 (id:1);");
  expect_break("field-type-changed", "count:int = 5 (id:1);", "count:long = 5 (id:1);");
  expect_break("field-type-changed", "lines:[Line] (id:2);", "lines:[string] (id:2);");
  expect_break("struct-changed", "minor:long; colour:Colour;", "minor:long; colour:Colour; x:int;");
  expect_break("struct-changed", "minor:long; colour:Colour;", "colour:Colour; minor:long;");
  expect_break("enum-type-changed", "enum Colour : ubyte", "enum Colour : ushort");
}

TEST_F(SchemaGuard, Defaults) {
  expect_break("default-changed", "count:int = 5 (id:1);", "count:int = 6 (id:1);");
  expect_break("optional-changed", "due_date:int = null (id:3, date);",
               "due_date:int (id:3, date);");
  expect_break("optional-changed", "count:int = 5 (id:1);", "count:int = null (id:1);");
}

TEST_F(SchemaGuard, NumbersOfFieldsAndMembers) {
  expect_break("field-id-changed", "count:int = 5 (id:1);\n  lines:[Line] (id:2);",
               "count:int = 5 (id:2);\n  lines:[Line] (id:1);");
  expect_break("member-value-changed", "None, Red, Green", "None, Green, Red");
  expect_break("member-value-changed", "None, Red, Green", "None, Blue, Red, Green");
  expect_break("member-value-changed", "{ ThingPlaced, ThingDropped }",
               "{ ThingDropped, ThingPlaced }");
}

TEST_F(SchemaGuard, IdentifierAndRoot) {
  expect_break("identifier-changed", "\"TEST\"", "\"TES2\"");
  expect_break("identifier-changed", "file_identifier \"TEST\";", "");
  expect_break("root-changed", "root_type Envelope;", "root_type Line;");
}

TEST_F(SchemaGuard, MarkingsAndDeprecation) {
  expect_break("marking-changed", "placed_at:long (id:4, timestamp);", "placed_at:long (id:4);");
  expect_break("marking-changed", "due_date:int = null (id:3, date);",
               "due_date:int = null (id:3);");
  expect_break("deprecated-revived", "old:int (id:5, deprecated);", "old:int (id:5);");
}

TEST_F(SchemaGuard, EveryReleaseCounts) {
  std::string grown = released_text;
  grown.replace(grown.find("reason:string (id:5);"), 21,
                "reason:string (id:5); more:string (id:6);");
  write("released/1", released_text);
  write("released/2", grown);
  write("now", grown);
  EXPECT_TRUE(rules().empty()) << last_;
  write("now", released_text);
  EXPECT_TRUE(rules().contains("field-removed"));
  EXPECT_NE(last_.find("release 2"), std::string::npos) << last_;
  EXPECT_EQ(list_releases((folder_ / "released").string()), (std::vector<int>{1, 2}));
}

TEST_F(SchemaGuard, Conventions) {
  expect_lint("command-id", "table DropThing { thing_id:string (id:0, required); }",
              "table DropThing { thing_id:string (id:0); }");
  expect_lint("command-id", "table DropThing { thing_id:string (id:0, required); }",
              "table DropThing { thing:string (id:0, required); }");
  expect_lint("command-id", "table DropThing { thing_id:string (id:0, required); }",
              "table DropThing { x:int (id:0); thing_id:string (id:1, required); }");
  expect_lint("reserved-name", "reason:string (id:5);", "actor:string (id:5);");
  expect_lint("marking", "placed_at:long (id:4, timestamp);", "placed_at:long (id:4);");
  expect_lint("marking", "due_date:int = null (id:3, date);", "due_date:int = null (id:3);");
  expect_lint("marking", "count:int = 5 (id:1);", "count:int = 5 (id:1, timestamp);");
  expect_lint("no-float", "count:int = 5 (id:1);", "count:double = 5 (id:1);");
  expect_lint("plain-type", "union AnyCommand", "struct V { x:[int:3]; }\nunion AnyCommand");
  expect_lint("wrapper", "table ThingEvents { event:ThingEvent (id:1); }",
              "table ThingEvents { event:ThingEvent (id:1); more:int (id:2); }");
  expect_lint("message-name", "union AnyEvent { ThingEvents }",
              "union OtherEvent { ThingPlaced }\ntable OtherEvents { event:OtherEvent (id:1); }\n"
              "union AnyEvent { ThingEvents, OtherEvents }");
}

TEST_F(SchemaGuard, IdsMustBeWritten) {
  expect_lint("not-a-schema", "table ThingPlaced { line:uint (id:0); }",
              "table ThingPlaced { line:uint; }");
}

TEST_F(SchemaGuard, BrokenFilesAreFindings) {
  write("now", "table {");
  EXPECT_TRUE(rules().contains("not-a-schema"));
  const auto missing = guard_schema((folder_ / "nowhere").string(), "");
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0].rule, "not-a-folder");
}

// The schema of this tree, against its own releases, and against itself as if it were released.
TEST_F(SchemaGuard, TheRealSchemaIsClean) {
  const std::string real = std::string(ORDERLOG_SOURCE_DIR) + "/events/schema";
  for (const SchemaFinding& finding : guard_schema(real, real + "/released")) {
    ADD_FAILURE() << finding.rule << " " << finding.where << " " << finding.message;
  }
  fs::create_directories(folder_ / "released" / "1");
  for (const auto& entry : fs::directory_iterator(real)) {
    if (entry.path().extension() == ".fbs") fs::copy(entry, folder_ / "released" / "1");
  }
  EXPECT_TRUE(guard_schema(real, (folder_ / "released").string()).empty());
}

}  // namespace
}  // namespace orderlog::codec
