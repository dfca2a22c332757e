// Runs a specification (spec_file.h) against one aggregate, by way of Scenario and the JSON codec:
//
//   run_spec<QuoteAggregate>(*read_spec(path));
#pragma once

#include <memory>
#include <string>

#include "events/codec/json_reader.h"
#include "events/codec/json_writer.h"
#include "tests/engine/scenario.h"
#include "tests/engine/spec/spec_file.h"

namespace orderlog::engine::test {

template <class Aggregate>
class SpecRun {
 public:
  explicit SpecRun(const SpecFile& spec) : spec_(spec), scenario_(spec.id) {}

  void run() {
    for (const SpecStep& step : spec_.steps) {
      SCOPED_TRACE(spec_.path + ":" + std::to_string(step.line) + " (" + spec_.title + ")");
      run_step(step);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }

 private:
  using Registry = codec::SchemaRegistry;

  void run_step(const SpecStep& step) {
    const auto& words = step.words;
    if (step.keyword == "at" && words.size() == 1) {
      const auto at = timestamp_from_text(words[0]);
      ASSERT_TRUE(at.ok()) << to_string(at.error());
      scenario_.at(*at);
    } else if (step.keyword == "as" && (words.size() == 2 || words.size() == 3)) {
      as(words);
    } else if (step.keyword == "product" && words.size() == 1) {
      read<schema::ProductState>("ProductState", step.json, scenario_.reference.products[words[0]]);
    } else if (step.keyword == "customer" && words.size() == 1) {
      read<schema::CustomerState>("CustomerState", step.json,
                                  scenario_.reference.customers[words[0]]);
    } else if (step.keyword == "given" && words.size() == 1) {
      typename Aggregate::Events::NativeTableType events;
      ASSERT_NE(Registry::builtin().event(words[0]), nullptr) << "no event " << words[0];
      read_message<typename Aggregate::Events>(words[0], step.json, events);
      scenario_.given_any(events.event);
    } else if ((step.keyword == "when" || step.keyword == "due") && words.size() == 1) {
      command(step);
    } else if (step.keyword == "then" && !words.empty()) {
      then(step);
    } else {
      FAIL() << "a step that is not understood: " << step.keyword;
    }
  }

  void as(const std::vector<std::string>& words) {
    const auto* role = Registry::builtin().enumeration("Role")->by_name(words[1]);
    ASSERT_NE(role, nullptr) << "no role " << words[1];
    auto authority = schema::Authority::Normal;
    if (words.size() == 3) {
      const auto* found = Registry::builtin().enumeration("Authority")->by_name(words[2]);
      ASSERT_NE(found, nullptr) << "no authority " << words[2];
      authority = static_cast<schema::Authority>(found->value);
    }
    scenario_.as(words[0], static_cast<schema::Role>(role->value), authority);
  }

  void command(const SpecStep& step) {
    const auto* info = Registry::builtin().command(step.words[0]);
    ASSERT_NE(info, nullptr) << "no command " << step.words[0];
    const std::string id = "\"" + std::string(info->id_field->name) + "\"";
    std::string json = step.json.empty() ? "{}" : step.json;
    if (json.find(id) == std::string::npos) {
      const bool empty = json.find_first_not_of(" ", json.find('{') + 1) == json.rfind('}');
      json.insert(json.find('{') + 1, id + ":\"" + spec_.id + "\"" + (empty ? "" : ","));
    }
    typename Aggregate::CommandsT commands;
    read_message<typename Aggregate::Commands>(step.words[0], json, commands);
    if (step.keyword == "due") {
      scenario_.when_due_any(std::move(commands));
    } else {
      scenario_.when_any(std::move(commands));
    }
  }

  void then(const SpecStep& step) {
    if (step.words[0] == "nothing") {
      scenario_.then_nothing();
      return;
    }
    if (step.words[0] == "rejected") {
      ASSERT_GE(step.words.size(), 2u) << "rejected with which code?";
      const auto code = rejection_code(step.words[1]);
      ASSERT_TRUE(code.has_value()) << "no rejection code " << step.words[1];
      scenario_.then_rejected(*code, step.words.size() > 2 ? step.words[2] : "");
      return;
    }
    const auto* event = scenario_.then_any();
    ASSERT_NE(event, nullptr) << "expected " << step.words[0];
    ASSERT_EQ(event_name(event->type), step.words[0]);
    if (step.json.empty()) return;
    const std::string actual = json_of(*event, step.words[0]);
    const auto differs = difference(step.json, actual);
    EXPECT_FALSE(differs.has_value()) << *differs << "\nin " << actual;
  }

  static std::string json_of(const typename Aggregate::EventUnion& event, const std::string& name) {
    typename Aggregate::Events::NativeTableType wrapper;
    wrapper.event = event;
    const flatbuffers::DetachedBuffer buffer = packed<typename Aggregate::Events>(wrapper);
    const flatbuffers::Table* root = flatbuffers::GetRoot<flatbuffers::Table>(buffer.data());
    const auto* table = root->GetPointer<const flatbuffers::Table*>(Aggregate::Events::VT_EVENT);
    std::string json;
    codec::write_table(json, *Registry::builtin().event(name)->table, *table);
    return json;
  }

  template <class Table, class Native>
  void finish(flatbuffers::FlatBufferBuilder& builder, const codec::TableRead& read,
              Native& native) {
    std::string problems;
    for (const auto& problem : read.problems) {
      problems += problem.pointer + ": " + problem.detail + "\n";
    }
    ASSERT_TRUE(read.problems.empty()) << problems;
    builder.Finish(flatbuffers::Offset<Table>(read.root));
    flatbuffers::GetRoot<Table>(builder.GetBufferPointer())->UnPackTo(&native);
  }
  template <class Table, class Native>
  void read(std::string_view table, const std::string& json, Native& native) {
    flatbuffers::FlatBufferBuilder builder;
    const auto result = codec::read_table(builder, table, json);
    finish<Table>(builder, result, native);
  }
  template <class Wrapper, class Native>
  void read_message(std::string_view name, const std::string& json, Native& native) {
    flatbuffers::FlatBufferBuilder builder;
    const auto result = codec::read_message(builder, name, json.empty() ? "{}" : json);
    finish<Wrapper>(builder, result, native);
  }

  const SpecFile& spec_;
  Scenario<Aggregate> scenario_;
};

template <class Aggregate>
void run_spec(const SpecFile& spec) {
  SpecRun<Aggregate>(spec).run();
}

}  // namespace orderlog::engine::test
