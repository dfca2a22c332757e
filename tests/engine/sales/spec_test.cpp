// Runs every specification in specs/ of this folder, one test each; and tests the runner's own
// reading, so that a specification cannot pass by not being understood.
#include <gtest/gtest-spi.h>

#include <filesystem>

#include "tests/engine/spec/spec_runner.h"

namespace orderlog::engine::test {
namespace {

void run(const SpecFile& spec) {
  if (spec.aggregate == "Lead") return run_spec<LeadAggregate>(spec);
  if (spec.aggregate == "Quote") return run_spec<QuoteAggregate>(spec);
  if (spec.aggregate == "Approval") return run_spec<ApprovalAggregate>(spec);
  FAIL() << spec.path << ": no such aggregate here, " << spec.aggregate;
}

class SalesSpec : public testing::TestWithParam<std::string> {};

TEST_P(SalesSpec, Holds) {
  const auto spec = read_spec(GetParam());
  ASSERT_TRUE(spec.ok()) << to_string(spec.error());
  run(*spec);
}

INSTANTIATE_TEST_SUITE_P(
    , SalesSpec, testing::ValuesIn(spec_files(ORDERLOG_SOURCE_DIR "/tests/engine/sales/specs")),
    [](const auto& spec) { return std::filesystem::path(spec.param).stem().string(); });

TEST(SpecDifference, ComparesOnlyWhatIsNamed) {
  EXPECT_FALSE(difference(R"({"a":1})", R"({"a":1,"b":2})"));
  EXPECT_FALSE(difference(R"({"a":{"c":"x"}})", R"({"a":{"b":1,"c":"x"}})"));
  EXPECT_FALSE(difference(R"({"a":null})", R"({"b":1})"));
  EXPECT_TRUE(difference(R"({"a":null})", R"({"a":1})"));
  EXPECT_TRUE(difference(R"({"a":1})", R"({"a":2})"));
  EXPECT_TRUE(difference(R"({"a":1})", R"({"a":"1"})"));
  EXPECT_TRUE(difference(R"({"a":1})", R"({"b":1})"));
  EXPECT_TRUE(difference(R"({"a":[1,2]})", R"({"a":[1]})"));
  EXPECT_TRUE(difference(R"({"a":[1,2]})", R"({"a":[1,3]})"));
  EXPECT_FALSE(difference(R"({"a":[{"b":1},2]})", R"({"a":[{"b":1,"c":3},2]})"));
}

TEST(SpecParse, ReadsStepsWithContinuationsAndBareKeys) {
  const auto spec = parse_spec(
      "# Title\n# more\naggregate Quote Q-1\n\nwhen AcceptQuote { a: \"b: c\",\n   d: [ 1 ] }\n",
      "x");
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(spec->title, "Title");
  EXPECT_EQ(spec->id, "Q-1");
  ASSERT_EQ(spec->steps.size(), 1u);
  EXPECT_EQ(spec->steps[0].line, 5u);
  EXPECT_EQ(spec->steps[0].json, R"({ "a": "b: c", "d": [ 1 ] })");
  EXPECT_FALSE(parse_spec("when X\n", "x").ok());
  EXPECT_FALSE(read_spec("/no/such/file.spec").ok());
}

void run_wrong(const std::string& steps) {
  run(*parse_spec("# Wrong\naggregate Approval A-1\n" + steps, "wrong"));
}

TEST(SpecRunner, FailsWhenASpecificationDoesNotHold) {
  EXPECT_NONFATAL_FAILURE(run_wrong("when ApproveTier\n"), "nobody looked");
  EXPECT_NONFATAL_FAILURE(run_wrong("when ApproveTier\nthen rejected Forbidden\n"), "no such");
  EXPECT_FATAL_FAILURE(run_wrong("when NoSuchCommand\n"), "no command");
  EXPECT_FATAL_FAILURE(run_wrong("whenever\n"), "not understood");
  EXPECT_FATAL_FAILURE(run_wrong("given ApprovalGranted { no_such_field: 1 }\n"), "no_such_field");
}

}  // namespace
}  // namespace orderlog::engine::test
