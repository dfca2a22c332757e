// The lead's life (domain.md 3.1, 4.23): each transition and each thing it must refuse.
#include "tests/engine/scenario.h"

namespace orderlog::engine::test {
namespace {

using schema::LeadGrade;
using schema::LeadStage;
using schema::Role;
using LeadScenario = Scenario<LeadAggregate>;

schema::ContactT contact_of(std::string name, std::string phone, std::string mail = {}) {
  schema::ContactT contact;
  contact.name = std::move(name);
  contact.phone = std::move(phone);
  contact.mail = std::move(mail);
  return contact;
}

schema::CaptureLeadT capture(std::string source = "fair", std::uint8_t fit = 50,
                             std::uint8_t intent = 50) {
  schema::CaptureLeadT command;
  command.lead_id = "L-1";
  command.contact = std::make_unique<schema::ContactT>(contact_of("Zhang", "+86 10 1"));
  command.channel = "online";
  command.source = std::move(source);
  command.fit = fit;
  command.intent = intent;
  command.cost = Money(500, schema::Currency::EUR);
  return command;
}

template <class CommandT>
CommandT of_lead(CommandT command = {}) {
  command.lead_id = "L-1";
  return command;
}
schema::AssignLeadT assign_to(std::string owner) {
  auto command = of_lead<schema::AssignLeadT>();
  command.owner = std::move(owner);
  return command;
}
schema::ConvertLeadT convert_to(std::string customer) {
  auto command = of_lead<schema::ConvertLeadT>();
  command.customer_id = std::move(customer);
  command.opportunity_id = "OPP-1";
  return command;
}
schema::MergeLeadT merge_into(std::string into) {
  auto command = of_lead<schema::MergeLeadT>();
  command.into = std::move(into);
  return command;
}
schema::ConfirmLeadMergeT confirm(std::string into, bool accepted) {
  auto command = of_lead<schema::ConfirmLeadMergeT>();
  command.into = std::move(into);
  command.accepted = accepted;
  return command;
}
schema::DisqualifyLeadT disqualify(std::string reason) {
  auto command = of_lead<schema::DisqualifyLeadT>();
  command.reason = std::move(reason);
  return command;
}

void bring_to(LeadScenario& lead, LeadStage stage) {
  lead.when(capture()).then_ignore();
  if (stage == LeadStage::New) return;
  if (stage == LeadStage::Disqualified) {
    lead.when(disqualify("no budget")).then_ignore();
    return;
  }
  if (stage == LeadStage::Merged) {
    lead.when(merge_into("L-9")).then_ignore();
    lead.given(schema::LeadMergedT{});
    return;
  }
  lead.when(assign_to("ann")).then_ignore();
  if (stage == LeadStage::Assigned) return;
  lead.when(of_lead<schema::RecordFollowUpT>()).then_ignore();
  if (stage == LeadStage::Working) return;
  lead.when(convert_to("C-1")).then_ignore();
}

TEST(Lead, CaptureScoresInTheSameDecision) {
  LeadScenario lead("L-1");
  lead.when(capture("referral", 100, 100));
  const auto& captured = lead.then<schema::LeadCapturedT>();
  EXPECT_EQ(captured.contact->name, "Zhang");
  EXPECT_EQ(captured.cost, Money(500, schema::Currency::EUR));
  const auto& scored = lead.then<schema::LeadScoredT>();
  EXPECT_EQ(scored.score, 100);
  EXPECT_EQ(scored.grade, LeadGrade::A);
  EXPECT_EQ(scored.answer_due, lead.now() + 3600 * us_per_second);
  lead.then_no_more();
  EXPECT_EQ(lead.state().stage, LeadStage::New);
  EXPECT_EQ(lead.deadline(), scored.answer_due);
}

TEST(Lead, CaptureNeedsAWayToAnswerAndAChannel) {
  auto without_contact = capture();
  without_contact.contact = std::make_unique<schema::ContactT>(contact_of("Zhang", ""));
  auto without_channel = capture();
  without_channel.channel.clear();
  auto too_fit = capture("fair", 101);
  LeadScenario lead("L-1");
  lead.when(without_contact).then_rejected(RejectionCode::InvalidArgument, "/contact");
  lead.when(without_channel).then_rejected(RejectionCode::InvalidArgument, "/channel");
  lead.when(too_fit).then_rejected(RejectionCode::InvalidArgument, "/fit");
  EXPECT_EQ(lead.version(), 0u);
  using Text = std::string schema::ContactT::*;
  for (const Text field :
       {&schema::ContactT::phone, &schema::ContactT::mail, &schema::ContactT::wechat}) {
    LeadScenario other("L-1");
    auto command = capture();
    command.contact = std::make_unique<schema::ContactT>();
    (*command.contact).*field = "x";
    other.when(command).then_ignore();
    EXPECT_EQ(other.state().stage, LeadStage::New);
  }
}

TEST(Lead, CapturedOnlyOnce) {
  LeadScenario lead("L-1");
  bring_to(lead, LeadStage::New);
  lead.when(capture()).then_rejected(RejectionCode::AlreadyExists);
}

TEST(Lead, GradesByPoints) {
  struct Case {
    std::string source;
    std::uint8_t fit, intent;
    std::int32_t score;
    LeadGrade grade;
  };
  for (const auto& c :
       {Case{"referral", 70, 64, 80, LeadGrade::A}, Case{"referral", 70, 60, 79, LeadGrade::B},
        Case{"fair", 40, 44, 50, LeadGrade::B}, Case{"fair", 40, 40, 49, LeadGrade::C},
        // Not on the list: the channel ("online") counts.
        Case{"billboard", 0, 0, 20, LeadGrade::C}}) {
    LeadScenario lead("L-1");
    lead.when(capture(c.source, c.fit, c.intent)).then<schema::LeadCapturedT>();
    const auto& scored = lead.then<schema::LeadScoredT>();
    EXPECT_EQ(scored.score, c.score) << c.source;
    EXPECT_EQ(scored.grade, c.grade) << c.source;
  }
}

TEST(Lead, ScoringAgainResetsTheClockOnlyWithAnotherGrade) {
  LeadScenario lead("L-1");
  lead.when(capture("fair", 0, 0)).then_ignore();
  const auto first_due = lead.deadline();
  lead.at(lead.now() + us_per_hour);
  auto again = of_lead<schema::ScoreLeadT>();
  again.fit = 1;
  lead.when(again);
  EXPECT_EQ(lead.then<schema::LeadScoredT>().old_grade, LeadGrade::C);
  EXPECT_EQ(lead.deadline(), first_due);
  again.fit = again.intent = 100;
  lead.when(again);
  EXPECT_EQ(lead.then<schema::LeadScoredT>().grade, LeadGrade::A);
  EXPECT_EQ(lead.deadline(), lead.now() + us_per_hour);
}

TEST(Lead, AnImportedLeadHasNoAnswerClock) {
  LeadScenario lead("L-1");
  lead.as_import().when(capture());
  lead.then<schema::LeadCapturedT>();
  EXPECT_EQ(lead.then<schema::LeadScoredT>().answer_due, 0);
  EXPECT_FALSE(lead.deadline().has_value());
}

TEST(Lead, AssignsAndReleases) {
  LeadScenario lead("L-1");
  bring_to(lead, LeadStage::New);
  lead.when(assign_to("ann"));
  EXPECT_EQ(lead.then<schema::LeadAssignedT>().owner, "ann");
  EXPECT_EQ(lead.state().stage, LeadStage::Assigned);
  lead.when(assign_to("ann")).then_nothing();
  lead.when(assign_to("bob")).then<schema::LeadAssignedT>();
  lead.when(assign_to("")).then_rejected(RejectionCode::InvalidArgument, "/owner");
  lead.when(of_lead<schema::ReleaseLeadT>());
  EXPECT_EQ(lead.then<schema::LeadReleasedT>().owner, "bob");
  EXPECT_EQ(lead.state().stage, LeadStage::New);
  lead.when(of_lead<schema::ReleaseLeadT>()).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Lead, FollowUpsStopTheAnswerClock) {
  LeadScenario lead("L-1");
  bring_to(lead, LeadStage::New);
  lead.when(of_lead<schema::RecordFollowUpT>()).then_rejected(RejectionCode::InvalidTransition);
  lead.when(assign_to("ann")).then_ignore();
  auto call = of_lead<schema::RecordFollowUpT>();
  call.note = "called";
  call.next_due = lead.now() + us_per_day;
  lead.when(call);
  const auto& first = lead.then<schema::LeadFollowedUpT>();
  EXPECT_TRUE(first.first);
  EXPECT_EQ(first.captured_at, scenario_start);
  EXPECT_EQ(lead.state().stage, LeadStage::Working);
  EXPECT_EQ(lead.deadline(), lead.now() + us_per_day);
  call.next_due = flatbuffers::nullopt;
  lead.when(call);
  EXPECT_FALSE(lead.then<schema::LeadFollowedUpT>().first);
  EXPECT_FALSE(lead.deadline().has_value());
  call.next_due = lead.now();
  lead.when(call).then_rejected(RejectionCode::InvalidArgument, "/next_due");
}

TEST(Lead, AMissedFollowUpIsToldOnce) {
  LeadScenario lead("L-1");
  bring_to(lead, LeadStage::Assigned);
  const auto due = *lead.deadline();
  lead.at(due - 1).as_system().when(of_lead<schema::CheckFollowUpT>()).then_nothing();
  lead.when_due(of_lead<schema::CheckFollowUpT>());
  const auto& missed = lead.then<schema::FollowUpMissedT>();
  EXPECT_EQ(missed.due, due);
  EXPECT_EQ(missed.owner, "ann");
  EXPECT_EQ(lead.state().stage, LeadStage::Assigned);
  lead.as_system().when(of_lead<schema::CheckFollowUpT>()).then_nothing();
  lead.as("ann", Role::Sales).when(of_lead<schema::CheckFollowUpT>());
  lead.then_rejected(RejectionCode::EngineOnly);
}

TEST(Lead, ClosedLeadsHaveNoTimer) {
  for (const auto stage : {LeadStage::Converted, LeadStage::Disqualified, LeadStage::Merged}) {
    LeadScenario lead("L-1");
    bring_to(lead, stage);
    EXPECT_EQ(lead.state().stage, stage);
    EXPECT_FALSE(lead.deadline().has_value());
    lead.as_system().when(of_lead<schema::CheckFollowUpT>()).then_nothing();
  }
}

TEST(Lead, ConvertsOnlyFromWorkingAndOnce) {
  LeadScenario lead("L-1");
  lead.when(convert_to("C-1")).then_rejected(RejectionCode::NotFound);
  bring_to(lead, LeadStage::New);
  lead.when(convert_to("C-1")).then_rejected(RejectionCode::InvalidTransition);
  lead.when(assign_to("ann")).then_ignore();
  lead.when(convert_to("C-1")).then_rejected(RejectionCode::InvalidTransition);
  lead.when(of_lead<schema::RecordFollowUpT>()).then_ignore();
  lead.when(convert_to("")).then_rejected(RejectionCode::InvalidArgument, "/customer_id");
  lead.when(convert_to("C-1"));
  const auto& converted = lead.then<schema::LeadConvertedT>();
  EXPECT_EQ(converted.customer_id, "C-1");
  EXPECT_EQ(converted.opportunity_id, "OPP-1");
  lead.when(convert_to("C-1")).then_nothing();
  lead.when(convert_to("C-2")).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Lead, DisqualifiesWithAReasonAndReopens) {
  LeadScenario lead("L-1");
  bring_to(lead, LeadStage::Working);
  lead.when(disqualify("")).then_rejected(RejectionCode::InvalidArgument, "/reason");
  lead.when(disqualify("no budget"));
  EXPECT_EQ(lead.then<schema::LeadDisqualifiedT>().reason, "no budget");
  lead.when(disqualify("again")).then_rejected(RejectionCode::InvalidTransition);
  lead.when(of_lead<schema::ReopenLeadT>()).then<schema::LeadReopenedT>();
  lead.then<schema::LeadScoredT>();
  EXPECT_EQ(lead.state().stage, LeadStage::New);
  EXPECT_TRUE(lead.state().owner.empty());
  lead.when(of_lead<schema::ReopenLeadT>()).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Lead, MergesWhenTheOtherLeadAgrees) {
  LeadScenario lead("L-1");
  bring_to(lead, LeadStage::Working);
  lead.when(merge_into("L-1")).then_rejected(RejectionCode::InvalidArgument, "/into");
  lead.when(merge_into("L-9"));
  const auto& requested = lead.then<schema::LeadMergeRequestedT>();
  EXPECT_EQ(requested.into, "L-9");
  EXPECT_EQ(requested.contact->phone, "+86 10 1");
  lead.when(merge_into("L-9")).then_nothing();
  lead.when(merge_into("L-8")).then_rejected(RejectionCode::InvalidTransition);
  lead.when(convert_to("C-1")).then_rejected(RejectionCode::InvalidTransition);
  lead.when(disqualify("x")).then_rejected(RejectionCode::InvalidTransition);
  lead.when(confirm("L-9", true)).then_rejected(RejectionCode::EngineOnly);
  lead.as_system().when(confirm("L-8", true)).then_nothing();
  lead.when(confirm("L-9", true));
  EXPECT_EQ(lead.then<schema::LeadMergedT>().into, "L-9");
  EXPECT_EQ(lead.state().stage, LeadStage::Merged);
  lead.when(confirm("L-9", true)).then_nothing();
  lead.as("ann", Role::Sales).when(merge_into("L-9")).then_nothing();
  lead.when(merge_into("L-8")).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Lead, ARefusedMergeLeavesTheLeadAsItWas) {
  LeadScenario lead("L-1");
  bring_to(lead, LeadStage::Working);
  lead.when(merge_into("L-9")).then_ignore();
  lead.as_system().when(confirm("L-9", false));
  EXPECT_EQ(lead.then<schema::LeadMergeFailedT>().into, "L-9");
  EXPECT_EQ(lead.state().stage, LeadStage::Working);
  lead.as("ann", Role::Sales).when(convert_to("C-1")).then<schema::LeadConvertedT>();
}

TEST(Lead, AnswersWhetherItAbsorbsAnother) {
  auto accept = of_lead<schema::AcceptLeadMergeT>();
  accept.merged = "L-2";
  accept.contact = std::make_unique<schema::ContactT>(contact_of("Other", "+1", "z@example.org"));
  for (const auto stage :
       {LeadStage::New, LeadStage::Assigned, LeadStage::Working, LeadStage::Converted}) {
    LeadScenario lead("L-1");
    bring_to(lead, stage);
    lead.when(accept).then_rejected(RejectionCode::EngineOnly);
    lead.as_system().when(accept);
    EXPECT_EQ(lead.then<schema::LeadMergeAcceptedT>().merged, "L-2");
    EXPECT_EQ(lead.state().contact->phone, "+86 10 1") << "what is known stays";
    EXPECT_EQ(lead.state().contact->mail, "z@example.org") << "what is missing is taken over";
    EXPECT_EQ(lead.state().stage, stage);
  }
  for (const auto stage : {LeadStage::Disqualified, LeadStage::Merged}) {
    LeadScenario lead("L-1");
    bring_to(lead, stage);
    lead.as_system().when(accept);
    EXPECT_EQ(lead.then<schema::LeadMergeRefusedT>().merged, "L-2");
  }
  LeadScenario missing("L-1");
  missing.as_system().when(accept).then<schema::LeadMergeRefusedT>();
  missing.as("ann", Role::Sales).when(capture()).then_ignore();
  EXPECT_EQ(missing.state().stage, LeadStage::New) << "a refusal does not use up the id";
}

TEST(Lead, TwoLeadsCannotMergeIntoEachOther) {
  LeadScenario lead("L-1");
  bring_to(lead, LeadStage::New);
  lead.when(merge_into("L-2")).then_ignore();
  auto accept = of_lead<schema::AcceptLeadMergeT>();
  accept.merged = "L-2";
  lead.as_system().when(accept).then<schema::LeadMergeRefusedT>();
}

TEST(Lead, ClosedLeadsRefuseWork) {
  for (const auto stage : {LeadStage::Converted, LeadStage::Disqualified, LeadStage::Merged}) {
    LeadScenario lead("L-1");
    bring_to(lead, stage);
    lead.when(assign_to("bob")).then_rejected(RejectionCode::InvalidTransition);
    lead.when(of_lead<schema::ReleaseLeadT>()).then_rejected(RejectionCode::InvalidTransition);
    lead.when(of_lead<schema::RecordFollowUpT>()).then_rejected(RejectionCode::InvalidTransition);
    lead.when(of_lead<schema::ScoreLeadT>()).then_rejected(RejectionCode::InvalidTransition);
    lead.when(merge_into("L-7")).then_rejected(RejectionCode::InvalidTransition);
  }
}

}  // namespace
}  // namespace orderlog::engine::test
