// Consent in tiers (domain.md 3.5, 4.8). Must hold: 1. tiers agree in order, each by another person
// and none by the requester; 2. consent counts for one version of the subject only; 3. it is
// escalated once and expires once, in working time. Tiers are counted from 1.
#include <algorithm>

#include "engine/aggregates.h"
#include "engine/approval/authority.h"

namespace orderlog::engine {

namespace {

using schema::ApprovalCommand;
using schema::ApprovalStage;
using schema::ApprovalStateT;
using schema::Authority;
using schema::Role;
constexpr std::size_t approval_tiers_max = 16;

using ApprovalDecision = Decision<schema::ApprovalEventUnion>;

bool has_text(const flatbuffers::String* text) { return text != nullptr && text->size() > 0; }

Rejected wrong_stage(const ApprovalStateT& approval, const char* what) {
  if (approval.stage == ApprovalStage::None) {
    return reject(RejectionCode::NotFound, "no such approval");
  }
  return reject(RejectionCode::InvalidTransition,
                std::string(what) + " is not possible for an approval that is " +
                    schema::EnumNameApprovalStage(approval.stage));
}

// Working time of the office; calendar time if the calendar cannot say.
TimestampUs after_working(const Context& context, std::int64_t seconds) {
  const auto at = add_working_seconds(context.policy.office_calendar, context.occurred_at, seconds);
  return at ? *at : context.occurred_at + seconds * us_per_second;
}

bool same_request(const ApprovalStateT& approval, const schema::RequestApproval& command) {
  return approval.subject == command.subject() &&
         approval.subject_id == flatbuffers::GetString(command.subject_id()) &&
         approval.subject_version == command.subject_version();
}

ApprovalDecision request(const ApprovalStateT& approval, const schema::RequestApproval& command,
                         const Context& context) {
  if (approval.stage != ApprovalStage::None) {
    if (same_request(approval, command)) return ApprovalDecision{};
    return reject(RejectionCode::AlreadyExists, "this approval is about something else");
  }
  if (command.subject() == schema::ApprovalSubject::None) {
    return reject(RejectionCode::InvalidArgument, "subject is missing", "/subject");
  }
  if (!has_text(command.subject_id())) {
    return reject(RejectionCode::InvalidArgument, "subject_id is missing", "/subject_id");
  }
  schema::ApprovalRequestedT event;
  if (command.tiers() != nullptr) {
    for (const auto role : *command.tiers()) event.tiers.push_back(static_cast<Role>(role));
  }
  const bool unknown_role = std::any_of(event.tiers.begin(), event.tiers.end(), [](Role role) {
    return role == Role::None || role > Role::MAX;
  });
  if (event.tiers.empty() || unknown_role || event.tiers.size() > approval_tiers_max) {
    return reject(RejectionCode::InvalidArgument,
                  "tiers are 1 to " + std::to_string(approval_tiers_max) + " roles", "/tiers");
  }
  event.subject = command.subject();
  event.subject_id = command.subject_id()->str();
  event.subject_version = command.subject_version();
  event.requested_by =
      has_text(command.requested_by()) ? command.requested_by()->str() : std::string(context.actor);
  if (command.amount() != nullptr) event.amount = *command.amount();
  event.customer_id = flatbuffers::GetString(command.customer_id());
  event.reason = flatbuffers::GetString(command.reason());
  event.escalate_at =
      after_working(context, context.policy.approval.escalate_after_working_seconds);
  event.expire_at = after_working(context, context.policy.approval.expire_after_working_seconds);
  ApprovalDecision decision;
  decision.add(std::move(event));
  return decision;
}

// 0 stands for the tier that is waiting.
std::optional<Rejection> refuse_tier(const ApprovalStateT& approval, std::uint8_t tier) {
  if (tier == 0 || tier == approval.tier) return std::nullopt;
  return Rejection{RejectionCode::InvalidTransition, "/tier",
                   "tier " + std::to_string(tier) + " is out of order, tier " +
                       std::to_string(approval.tier) + " is waiting"};
}

ApprovalDecision approve(const ApprovalStateT& approval, const schema::ApproveTier& command,
                         const Context& context) {
  if (approval.stage != ApprovalStage::Requested) return wrong_stage(approval, "consent");
  if (auto refusal = refuse_tier(approval, command.tier())) return Rejected{*std::move(refusal)};
  if (command.subject_version() != 0 && command.subject_version() != approval.subject_version) {
    return reject(RejectionCode::VersionConflict,
                  "the approval is about version " + std::to_string(approval.subject_version) +
                      " of its subject",
                  "/subject_version");
  }
  if (auto refusal = refuse_actor(approval, context)) return Rejected{*std::move(refusal)};
  schema::ApprovalTierGrantedT tier_granted;
  tier_granted.tier = approval.tier;
  tier_granted.role = waiting_role(approval);
  tier_granted.note = flatbuffers::GetString(command.note());
  ApprovalDecision decision;
  decision.add(std::move(tier_granted));
  if (approval.tier >= approval.tiers.size()) {
    schema::ApprovalGrantedT granted;
    granted.subject = approval.subject;
    granted.subject_id = approval.subject_id;
    granted.subject_version = approval.subject_version;
    decision.add(std::move(granted));
  }
  return decision;
}

ApprovalDecision refuse(const ApprovalStateT& approval, const schema::RefuseTier& command,
                        const Context& context) {
  if (approval.stage != ApprovalStage::Requested) return wrong_stage(approval, "a refusal");
  if (auto refusal = refuse_tier(approval, command.tier())) return Rejected{*std::move(refusal)};
  if (!has_text(command.reason())) {
    return reject(RejectionCode::InvalidArgument, "reason is missing", "/reason");
  }
  if (auto refusal = refuse_actor(approval, context)) return Rejected{*std::move(refusal)};
  schema::ApprovalRefusedT event;
  event.subject = approval.subject;
  event.subject_id = approval.subject_id;
  event.subject_version = approval.subject_version;
  event.reason = command.reason()->str();
  event.tier = approval.tier;
  ApprovalDecision decision;
  decision.add(std::move(event));
  return decision;
}

ApprovalDecision delegate(const ApprovalStateT& approval, const schema::DelegateApproval& command,
                          const Context& context) {
  if (approval.stage != ApprovalStage::Requested) return wrong_stage(approval, "a delegation");
  if (auto refusal = refuse_tier(approval, command.tier())) return Rejected{*std::move(refusal)};
  if (!has_text(command.to())) {
    return reject(RejectionCode::InvalidArgument, "to is missing", "/to");
  }
  if (auto refusal = refuse_delegation_by(approval, context)) return Rejected{*std::move(refusal)};
  const auto to = command.to()->string_view();
  const auto& before = approval.granted_by;
  if (to == approval.requested_by || std::find(before.begin(), before.end(), to) != before.end()) {
    return reject(RejectionCode::Forbidden,
                  "the requester, or who has agreed already, cannot stand in for this tier", "/to");
  }
  ApprovalDecision decision;
  if (to == approval.delegated_to) return decision;
  schema::ApprovalDelegatedT event;
  event.tier = approval.tier;
  event.to = to;
  event.from = context.actor;
  decision.add(std::move(event));
  return decision;
}

ApprovalDecision withdraw(const ApprovalStateT& approval, const schema::WithdrawApproval& command,
                          const Context& context) {
  ApprovalDecision decision;
  const bool by_engine = context.authority == Authority::System;
  if (approval.stage != ApprovalStage::Requested) {
    // The subject may have been cancelled while the answer was under way.
    if (by_engine) return decision;
    return wrong_stage(approval, "a withdrawal");
  }
  if (context.authority == Authority::Normal && context.role != Role::Admin &&
      context.actor != approval.requested_by) {
    return reject(RejectionCode::Forbidden, "only the requester withdraws a request");
  }
  schema::ApprovalWithdrawnT event;
  event.subject = approval.subject;
  event.subject_id = approval.subject_id;
  event.reason = flatbuffers::GetString(command.reason());
  decision.add(std::move(event));
  return decision;
}

ApprovalDecision check_deadline(const ApprovalStateT& approval, const Context& context) {
  ApprovalDecision decision;
  const auto due = next_deadline(approval, context.policy);
  if (!due || *due > context.occurred_at) return decision;
  if (context.occurred_at >= approval.expire_at) {
    schema::ApprovalExpiredT event;
    event.subject = approval.subject;
    event.subject_id = approval.subject_id;
    event.subject_version = approval.subject_version;
    decision.add(std::move(event));
    return decision;
  }
  schema::ApprovalEscalatedT event;
  event.tier = approval.tier;
  event.role = waiting_role(approval);
  event.escalated_to = escalated_role(event.role);
  decision.add(std::move(event));
  return decision;
}

}  // namespace

Decision<schema::ApprovalEventUnion> decide(const ApprovalStateT& state,
                                            const schema::ApprovalCommands& command,
                                            const Context& context) {
  switch (command.command_type()) {
    case ApprovalCommand::RequestApproval:
      return request(state, *command.command_as_RequestApproval(), context);
    case ApprovalCommand::ApproveTier:
      return approve(state, *command.command_as_ApproveTier(), context);
    case ApprovalCommand::RefuseTier:
      return refuse(state, *command.command_as_RefuseTier(), context);
    case ApprovalCommand::DelegateApproval:
      return delegate(state, *command.command_as_DelegateApproval(), context);
    case ApprovalCommand::WithdrawApproval:
      return withdraw(state, *command.command_as_WithdrawApproval(), context);
    case ApprovalCommand::CheckApprovalDeadline:
      if (context.authority != Authority::System) {
        return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
      }
      return check_deadline(state, context);
    case ApprovalCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "the command is empty");
}

std::optional<TimestampUs> next_deadline(const ApprovalStateT& state, const Policy&) {
  if (state.stage != ApprovalStage::Requested) return std::nullopt;
  return state.escalated ? state.expire_at : std::min(state.escalate_at, state.expire_at);
}

}  // namespace orderlog::engine
