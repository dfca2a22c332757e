// Consent in tiers (domain.md 3.5, 4.8): each transition and each thing it must refuse.
#include "tests/engine/scenario.h"

namespace orderlog::engine::test {
namespace {

using schema::ApprovalStage;
using schema::ApprovalSubject;
using schema::Authority;
using schema::Role;
using ApprovalScenario = Scenario<ApprovalAggregate>;

template <class CommandT>
CommandT of_approval(CommandT command = {}) {
  command.approval_id = "A-1";
  return command;
}
schema::RequestApprovalT request(std::vector<Role> tiers = {Role::Manager, Role::Director}) {
  auto command = of_approval<schema::RequestApprovalT>();
  command.subject = ApprovalSubject::Order;
  command.subject_id = "O-1";
  command.subject_version = 7;
  command.tiers = std::move(tiers);
  command.requested_by = "sam";
  command.amount = Money(20'000'000, schema::Currency::USD);
  command.reason = "amount";
  return command;
}
schema::ApproveTierT approve(std::uint8_t tier = 0, std::uint64_t subject_version = 0) {
  auto command = of_approval<schema::ApproveTierT>();
  command.tier = tier;
  command.subject_version = subject_version;
  return command;
}
schema::RefuseTierT refuse(std::string reason, std::uint8_t tier = 0) {
  auto command = of_approval<schema::RefuseTierT>();
  command.reason = std::move(reason);
  command.tier = tier;
  return command;
}
schema::DelegateApprovalT delegate_to(std::string to) {
  auto command = of_approval<schema::DelegateApprovalT>();
  command.to = std::move(to);
  return command;
}
const auto check_deadline = of_approval<schema::CheckApprovalDeadlineT>();
const auto withdraw = of_approval<schema::WithdrawApprovalT>();

void requested(ApprovalScenario& approval,
               std::vector<Role> tiers = {Role::Manager, Role::Director}) {
  approval.as_system().when(request(std::move(tiers))).then_ignore();
}

TEST(Approval, RequestSetsDeadlinesInOfficeHours) {
  ApprovalScenario approval("A-1");
  approval.as_system().when(request());
  const auto& event = approval.then<schema::ApprovalRequestedT>();
  EXPECT_EQ(event.subject_id, "O-1");
  EXPECT_EQ(event.requested_by, "sam");
  // Monday 12:00, office 10-18: 24 working hours are three days on, 72 hours nine.
  EXPECT_EQ(timestamp_to_text(event.escalate_at), "2024-01-18T12:00:00Z");
  EXPECT_EQ(timestamp_to_text(event.expire_at), "2024-01-26T12:00:00Z");
  EXPECT_EQ(approval.deadline(), event.escalate_at);
  EXPECT_EQ(approval.state().tier, 1);
  approval.when(request()).then_nothing();
  auto other = request();
  other.subject_version = 8;
  approval.when(other).then_rejected(RejectionCode::AlreadyExists);
}

TEST(Approval, RequestNeedsSubjectAndTiers) {
  ApprovalScenario approval("A-1");
  approval.when(request({})).then_rejected(RejectionCode::InvalidArgument, "/tiers");
  approval.when(request({Role::Manager, Role::None}));
  approval.then_rejected(RejectionCode::InvalidArgument, "/tiers");
  approval.when(request(std::vector<Role>(17, Role::Manager)));
  approval.then_rejected(RejectionCode::InvalidArgument, "/tiers");
  auto no_subject = request();
  no_subject.subject = ApprovalSubject::None;
  approval.when(no_subject).then_rejected(RejectionCode::InvalidArgument, "/subject");
  auto no_id = request();
  no_id.subject_id.clear();
  approval.when(no_id).then_rejected(RejectionCode::InvalidArgument, "/subject_id");
  approval.when(approve()).then_rejected(RejectionCode::NotFound);
}

TEST(Approval, TheRequesterDefaultsToTheActor) {
  ApprovalScenario approval("A-1");
  auto command = request({Role::Manager});
  command.requested_by.clear();
  approval.as("mia", Role::Manager).when(command).then_ignore();
  approval.when(approve()).then_rejected(RejectionCode::Forbidden);
}

TEST(Approval, GrantsTierByTier) {
  ApprovalScenario approval("A-1");
  requested(approval);
  approval.as("mia", Role::Manager).when(approve(1, 7));
  EXPECT_EQ(approval.then<schema::ApprovalTierGrantedT>().role, Role::Manager);
  approval.then_no_more();
  EXPECT_EQ(approval.state().stage, ApprovalStage::Requested);
  EXPECT_EQ(approval.state().tier, 2);
  approval.as("dan", Role::Director).when(approve());
  EXPECT_EQ(approval.then<schema::ApprovalTierGrantedT>().tier, 2);
  const auto& granted = approval.then<schema::ApprovalGrantedT>();
  EXPECT_EQ(granted.subject_id, "O-1");
  EXPECT_EQ(granted.subject_version, 7u);
  approval.then_no_more();
  EXPECT_EQ(approval.state().stage, ApprovalStage::Granted);
  EXPECT_FALSE(approval.deadline().has_value());
  approval.when(approve()).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Approval, NobodyDecidesOnTheirOwnRequest) {
  ApprovalScenario approval("A-1");
  requested(approval);
  approval.as("sam", Role::Manager).when(approve()).then_rejected(RejectionCode::Forbidden);
  approval.as("sam", Role::Admin).when(approve()).then_rejected(RejectionCode::Forbidden);
  approval.when(refuse("no")).then_rejected(RejectionCode::Forbidden);
  approval.when(delegate_to("mia")).then_rejected(RejectionCode::Forbidden);
}

TEST(Approval, NobodyAgreesOnTwoTiers) {
  ApprovalScenario approval("A-1");
  requested(approval);
  approval.as("mia", Role::Manager).when(approve()).then_ignore();
  approval.as("mia", Role::Director).when(approve()).then_rejected(RejectionCode::Forbidden);
  approval.as("mia", Role::Admin).when(approve()).then_rejected(RejectionCode::Forbidden);
}

TEST(Approval, TiersComeInOrder) {
  ApprovalScenario approval("A-1");
  requested(approval);
  approval.as("dan", Role::Director).when(approve(2));
  approval.then_rejected(RejectionCode::InvalidTransition, "/tier");
  approval.when(approve()).then_rejected(RejectionCode::Forbidden);
  approval.as("mia", Role::Manager).when(approve(1)).then_ignore();
  approval.as("max", Role::Manager).when(approve(1));
  approval.then_rejected(RejectionCode::InvalidTransition, "/tier");
}

TEST(Approval, TheRoleMustMatchTheTier) {
  ApprovalScenario approval("A-1");
  requested(approval);
  for (const Role role : {Role::None, Role::Sales, Role::SalesManager, Role::Director, Role::Board,
                          Role::CreditOfficer}) {
    approval.as("eve", role).when(approve()).then_rejected(RejectionCode::Forbidden);
    approval.when(refuse("no")).then_rejected(RejectionCode::Forbidden);
  }
  approval.as("", Role::Manager).when(approve()).then_rejected(RejectionCode::Forbidden);
  approval.as("root", Role::Admin).when(approve()).then<schema::ApprovalTierGrantedT>();
}

TEST(Approval, AStaleVersionIsRefused) {
  ApprovalScenario approval("A-1");
  requested(approval);
  approval.as("mia", Role::Manager).when(approve(1, 6));
  approval.then_rejected(RejectionCode::VersionConflict, "/subject_version");
  approval.when(approve(1, 8)).then_rejected(RejectionCode::VersionConflict, "/subject_version");
}

TEST(Approval, OneRefusalEndsIt) {
  ApprovalScenario approval("A-1");
  requested(approval);
  approval.as("mia", Role::Manager).when(refuse("")).then_rejected(RejectionCode::InvalidArgument);
  approval.when(refuse("no", 2)).then_rejected(RejectionCode::InvalidTransition, "/tier");
  approval.when(refuse("too cheap"));
  const auto& refused = approval.then<schema::ApprovalRefusedT>();
  EXPECT_EQ(refused.reason, "too cheap");
  EXPECT_EQ(refused.tier, 1);
  EXPECT_EQ(refused.subject_version, 7u);
  EXPECT_EQ(approval.state().stage, ApprovalStage::Refused);
  approval.when(approve()).then_rejected(RejectionCode::InvalidTransition);
  approval.when(refuse("again")).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Approval, ADelegateStandsInForOneTier) {
  ApprovalScenario approval("A-1");
  requested(approval);
  approval.as("tom", Role::Sales).when(delegate_to("tom")).then_rejected(RejectionCode::Forbidden);
  approval.as("mia", Role::Manager)
      .when(delegate_to(""))
      .then_rejected(RejectionCode::InvalidArgument, "/to");
  approval.when(delegate_to("sam")).then_rejected(RejectionCode::Forbidden, "/to");
  approval.when(delegate_to("tom"));
  const auto& delegated = approval.then<schema::ApprovalDelegatedT>();
  EXPECT_EQ(delegated.from, "mia");
  EXPECT_EQ(delegated.to, "tom");
  approval.when(delegate_to("tom")).then_nothing();
  approval.as("tom", Role::Sales).when(approve()).then<schema::ApprovalTierGrantedT>();
  approval.when(approve()).then_rejected(RejectionCode::Forbidden);
  approval.as("dan", Role::Director)
      .when(delegate_to("tom"))
      .then_rejected(RejectionCode::Forbidden, "/to");
  approval.when(approve());
  approval.then<schema::ApprovalTierGrantedT>();
  approval.then<schema::ApprovalGrantedT>();
  approval.when(delegate_to("eve")).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Approval, EscalatesOnceThenExpires) {
  ApprovalScenario approval("A-1");
  requested(approval);
  const auto due = *approval.deadline();
  approval.at(due - 1).as_system().when(check_deadline).then_nothing();
  approval.as("dan", Role::Director).when(approve()).then_rejected(RejectionCode::Forbidden);
  approval.when(check_deadline).then_rejected(RejectionCode::EngineOnly);
  approval.when_due(check_deadline);
  const auto& escalated = approval.then<schema::ApprovalEscalatedT>();
  EXPECT_EQ(escalated.tier, 1);
  EXPECT_EQ(escalated.role, Role::Manager);
  EXPECT_EQ(escalated.escalated_to, Role::Director);
  approval.as_system().when(check_deadline).then_nothing();
  approval.when_due(check_deadline);
  EXPECT_EQ(approval.then<schema::ApprovalExpiredT>().subject_id, "O-1");
  EXPECT_EQ(approval.state().stage, ApprovalStage::Expired);
  EXPECT_FALSE(approval.deadline().has_value());
  approval.when(check_deadline).then_nothing();
  approval.as("mia", Role::Manager).when(approve()).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Approval, AfterTheEscalationTheNextLevelMayAct) {
  ApprovalScenario approval("A-1");
  requested(approval, {Role::Manager});
  approval.when_due(check_deadline).then_ignore();
  approval.as("bea", Role::Board).when(approve()).then_rejected(RejectionCode::Forbidden);
  approval.as("dan", Role::Director).when(approve());
  approval.then<schema::ApprovalTierGrantedT>();
  approval.then<schema::ApprovalGrantedT>();
}

TEST(Approval, ALateTimerExpiresWithoutEscalating) {
  ApprovalScenario approval("A-1");
  requested(approval);
  approval.at(approval.state().expire_at).as_system().when(check_deadline);
  approval.then<schema::ApprovalExpiredT>();
}

TEST(Approval, WithdrawnByTheRequesterOrTheEngine) {
  ApprovalScenario approval("A-1");
  approval.as("sam", Role::Sales).when(withdraw).then_rejected(RejectionCode::NotFound);
  approval.as_system().when(withdraw).then_nothing();
  requested(approval);
  approval.as("mia", Role::Manager).when(withdraw).then_rejected(RejectionCode::Forbidden);
  approval.as("sam", Role::Sales).when(withdraw).then<schema::ApprovalWithdrawnT>();
  EXPECT_EQ(approval.state().stage, ApprovalStage::Withdrawn);
  EXPECT_FALSE(approval.deadline().has_value());
  approval.when(withdraw).then_rejected(RejectionCode::InvalidTransition);
  approval.as_system().when(withdraw).then_nothing();
  ApprovalScenario other("A-1");
  requested(other);
  other.when(withdraw).then<schema::ApprovalWithdrawnT>();
}

TEST(Approval, HistoryIsNotJudgedAgain) {
  ApprovalScenario approval("A-1");
  requested(approval, {Role::Manager});
  approval.as("sam", Role::Sales, Authority::Import).when(approve());
  approval.then<schema::ApprovalTierGrantedT>();
  approval.then<schema::ApprovalGrantedT>();
}

}  // namespace
}  // namespace orderlog::engine::test
