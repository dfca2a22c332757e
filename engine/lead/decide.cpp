// Leads from capture to conversion (domain.md 3.1, 4.23). Must hold: 1. only a lead that was worked
// on converts, and once; 2. a merge needs the other lead's consent, so no lead merges into a merged
// one or in a circle; 3. a due follow-up that is missed is told once.
#include "engine/aggregates.h"
#include "engine/lead/score.h"

namespace orderlog::engine {

namespace {

using schema::LeadCommand;
using schema::LeadStage;
using schema::LeadStateT;
using LeadDecision = Decision<schema::LeadEventUnion>;

bool is_open(const LeadStateT& lead) {
  switch (lead.stage) {
    case LeadStage::New:
    case LeadStage::Assigned:
    case LeadStage::Working:
      return true;
    case LeadStage::None:
    case LeadStage::Converted:
    case LeadStage::Disqualified:
    case LeadStage::Merged:
      return false;
  }
  return false;
}

bool has_text(const flatbuffers::String* text) { return text != nullptr && text->size() > 0; }

Rejected wrong_stage(const LeadStateT& lead, const char* what) {
  if (lead.stage == LeadStage::None) return reject(RejectionCode::NotFound, "no such lead");
  return reject(RejectionCode::InvalidTransition, std::string(what) +
                                                      " is not possible for a lead that is " +
                                                      schema::EnumNameLeadStage(lead.stage));
}

Rejected missing(const char* field) {
  return reject(RejectionCode::InvalidArgument, std::string(field) + " is missing",
                std::string("/") + field);
}

Rejected engine_only() {
  return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
}

schema::LeadScoredT scored(std::string_view source, std::string_view channel, std::uint8_t fit,
                           std::uint8_t intent, const LeadStateT& lead, const Context& context) {
  const LeadScore score = score_lead(source, channel, fit, intent, context.policy.lead);
  schema::LeadScoredT event;
  event.score = score.score;
  event.grade = score.grade;
  event.model_version = lead_model_version;
  // Nobody can be late in answering a lead of the past that is only recorded now.
  if (context.authority != schema::Authority::Import) {
    event.answer_due = context.occurred_at + score.answer_within_seconds * us_per_second;
  }
  event.old_grade = lead.grade;
  event.source = source;
  return event;
}

LeadDecision capture(const LeadStateT& lead, const schema::CaptureLead& command,
                     const Context& context) {
  if (lead.stage != LeadStage::None) {
    return reject(RejectionCode::AlreadyExists, "this lead has been captured before");
  }
  const auto* contact = command.contact();
  if (contact == nullptr ||
      !(has_text(contact->phone()) || has_text(contact->mail()) || has_text(contact->wechat()))) {
    return reject(RejectionCode::InvalidArgument,
                  "a lead needs a phone number, a mail address or a WeChat id", "/contact");
  }
  if (!has_text(command.channel())) return missing("channel");
  if (command.fit() > lead_signal_max || command.intent() > lead_signal_max) {
    return reject(RejectionCode::InvalidArgument, "fit and intent are 0 to 100",
                  command.fit() > lead_signal_max ? "/fit" : "/intent");
  }
  schema::LeadCapturedT event;
  event.contact.reset(contact->UnPack());
  event.channel = command.channel()->str();
  event.company = flatbuffers::GetString(command.company());
  event.source = flatbuffers::GetString(command.source());
  event.industry = flatbuffers::GetString(command.industry());
  event.region = flatbuffers::GetString(command.region());
  event.interest = flatbuffers::GetString(command.interest());
  if (command.cost() != nullptr) event.cost = *command.cost();
  LeadDecision decision;
  auto score = scored(event.source, event.channel, command.fit(), command.intent(), lead, context);
  decision.add(std::move(event)).add(std::move(score));
  return decision;
}

LeadDecision score(const LeadStateT& lead, const schema::ScoreLead& command,
                   const Context& context) {
  if (!is_open(lead)) return wrong_stage(lead, "scoring");
  if (command.fit() > lead_signal_max || command.intent() > lead_signal_max) {
    return reject(RejectionCode::InvalidArgument, "fit and intent are 0 to 100",
                  command.fit() > lead_signal_max ? "/fit" : "/intent");
  }
  LeadDecision decision;
  decision.add(scored(lead.source, lead.channel, command.fit(), command.intent(), lead, context));
  return decision;
}

LeadDecision assign(const LeadStateT& lead, const schema::AssignLead& command) {
  if (!is_open(lead)) return wrong_stage(lead, "an assignment");
  if (!has_text(command.owner())) return missing("owner");
  LeadDecision decision;
  if (command.owner()->string_view() == lead.owner) return decision;
  schema::LeadAssignedT event;
  event.owner = command.owner()->str();
  event.source = lead.source;
  event.grade = lead.grade;
  decision.add(std::move(event));
  return decision;
}

LeadDecision release(const LeadStateT& lead) {
  if (!is_open(lead) || lead.stage == LeadStage::New) return wrong_stage(lead, "a release");
  LeadDecision decision;
  schema::LeadReleasedT event;
  event.owner = lead.owner;
  decision.add(std::move(event));
  return decision;
}

LeadDecision follow_up(const LeadStateT& lead, const schema::RecordFollowUp& command,
                       const Context& context) {
  if (!is_open(lead) || lead.stage == LeadStage::New) return wrong_stage(lead, "a follow-up");
  const auto next_due = command.next_due();
  if (next_due.has_value() && next_due.value() <= context.occurred_at &&
      context.authority != schema::Authority::Import) {
    return reject(RejectionCode::InvalidArgument, "the next follow-up must lie in the future",
                  "/next_due");
  }
  schema::LeadFollowedUpT event;
  event.note = flatbuffers::GetString(command.note());
  event.kind = flatbuffers::GetString(command.kind());
  event.next_due = next_due;
  event.first = !lead.followed_up;
  event.captured_at = lead.captured_at;
  event.source = lead.source;
  event.grade = lead.grade;
  LeadDecision decision;
  decision.add(std::move(event));
  return decision;
}

LeadDecision convert_lead(const LeadStateT& lead, const schema::ConvertLead& command) {
  if (!has_text(command.customer_id())) return missing("customer_id");
  if (lead.stage == LeadStage::Converted &&
      lead.converted_customer == command.customer_id()->string_view()) {
    return LeadDecision{};
  }
  if (lead.stage != LeadStage::Working) return wrong_stage(lead, "a conversion");
  if (lead.merge_pending) {
    return reject(RejectionCode::InvalidTransition, "the lead is being merged into another");
  }
  schema::LeadConvertedT event;
  event.opportunity_id = flatbuffers::GetString(command.opportunity_id());
  event.customer_id = command.customer_id()->str();
  event.source = lead.source;
  event.grade = lead.grade;
  event.captured_at = lead.captured_at;
  LeadDecision decision;
  decision.add(std::move(event));
  return decision;
}

LeadDecision disqualify(const LeadStateT& lead, const schema::DisqualifyLead& command) {
  if (!is_open(lead)) return wrong_stage(lead, "a disqualification");
  if (lead.merge_pending) {
    return reject(RejectionCode::InvalidTransition, "the lead is being merged into another");
  }
  if (!has_text(command.reason())) return missing("reason");
  schema::LeadDisqualifiedT event;
  event.reason = command.reason()->str();
  event.source = lead.source;
  event.grade = lead.grade;
  LeadDecision decision;
  decision.add(std::move(event));
  return decision;
}

LeadDecision request_merge(const LeadStateT& lead, const schema::MergeLead& command,
                           const Context& context) {
  if (!has_text(command.into())) return missing("into");
  const auto into = command.into()->string_view();
  const bool under_way = lead.merge_pending || lead.stage == LeadStage::Merged;
  if (under_way && lead.merged_into == into) return LeadDecision{};
  if (!is_open(lead)) return wrong_stage(lead, "a merge");
  if (into == context.aggregate_id) {
    return reject(RejectionCode::InvalidArgument, "a lead cannot be merged into itself", "/into");
  }
  if (lead.merge_pending) {
    return reject(RejectionCode::InvalidTransition,
                  "the lead is being merged into " + lead.merged_into);
  }
  schema::LeadMergeRequestedT event;
  event.into = into;
  if (lead.contact) event.contact = std::make_unique<schema::ContactT>(*lead.contact);
  LeadDecision decision;
  decision.add(std::move(event));
  return decision;
}

// The lead that shall absorb another answers with an event in any case: the other one waits for it.
LeadDecision accept_merge(const LeadStateT& lead, const schema::AcceptLeadMerge& command) {
  LeadDecision decision;
  const bool willing = (is_open(lead) || lead.stage == LeadStage::Converted) && !lead.merge_pending;
  if (!willing) {
    schema::LeadMergeRefusedT refused;
    refused.merged = flatbuffers::GetString(command.merged());
    decision.add(std::move(refused));
    return decision;
  }
  schema::LeadMergeAcceptedT accepted;
  accepted.merged = flatbuffers::GetString(command.merged());
  if (command.contact() != nullptr) accepted.contact.reset(command.contact()->UnPack());
  decision.add(std::move(accepted));
  return decision;
}

LeadDecision confirm_merge(const LeadStateT& lead, const schema::ConfirmLeadMerge& command) {
  LeadDecision decision;
  if (!lead.merge_pending || lead.merged_into != flatbuffers::GetString(command.into())) {
    return decision;
  }
  if (command.accepted()) {
    schema::LeadMergedT merged;
    merged.into = lead.merged_into;
    merged.source = lead.source;
    merged.grade = lead.grade;
    decision.add(std::move(merged));
  } else {
    schema::LeadMergeFailedT failed;
    failed.into = lead.merged_into;
    decision.add(std::move(failed));
  }
  return decision;
}

// A reopened lead waits for an answer like a new one, with the score that it has.
LeadDecision reopen(const LeadStateT& lead, const schema::ReopenLead& command,
                    const Context& context) {
  if (lead.stage != LeadStage::Disqualified) return wrong_stage(lead, "reopening");
  schema::LeadReopenedT event;
  event.reason = flatbuffers::GetString(command.reason());
  event.source = lead.source;
  event.grade = lead.grade;
  schema::LeadScoredT score;
  score.score = lead.score;
  score.grade = lead.grade;
  score.model_version = lead_model_version;
  score.source = lead.source;
  if (context.authority != schema::Authority::Import) {
    score.answer_due = context.occurred_at +
                       answer_within_seconds(lead.grade, context.policy.lead) * us_per_second;
  }
  LeadDecision decision;
  decision.add(std::move(event)).add(std::move(score));
  return decision;
}

LeadDecision check_follow_up(const LeadStateT& lead, const Context& context) {
  LeadDecision decision;
  const auto due = next_deadline(lead, context.policy);
  if (!due || *due > context.occurred_at) return decision;
  schema::FollowUpMissedT event;
  event.due = *due;
  event.owner = lead.owner;
  event.source = lead.source;
  event.grade = lead.grade;
  decision.add(std::move(event));
  return decision;
}

}  // namespace

Decision<schema::LeadEventUnion> decide(const LeadStateT& state,
                                        const schema::LeadCommands& command,
                                        const Context& context) {
  const bool by_engine = context.authority == schema::Authority::System;
  switch (command.command_type()) {
    case LeadCommand::CaptureLead:
      return capture(state, *command.command_as_CaptureLead(), context);
    case LeadCommand::ScoreLead:
      return score(state, *command.command_as_ScoreLead(), context);
    case LeadCommand::AssignLead:
      return assign(state, *command.command_as_AssignLead());
    case LeadCommand::ReleaseLead:
      return release(state);
    case LeadCommand::RecordFollowUp:
      return follow_up(state, *command.command_as_RecordFollowUp(), context);
    case LeadCommand::ConvertLead:
      return convert_lead(state, *command.command_as_ConvertLead());
    case LeadCommand::DisqualifyLead:
      return disqualify(state, *command.command_as_DisqualifyLead());
    case LeadCommand::MergeLead:
      return request_merge(state, *command.command_as_MergeLead(), context);
    case LeadCommand::AcceptLeadMerge:
      if (!by_engine) return engine_only();
      return accept_merge(state, *command.command_as_AcceptLeadMerge());
    case LeadCommand::ConfirmLeadMerge:
      if (!by_engine) return engine_only();
      return confirm_merge(state, *command.command_as_ConfirmLeadMerge());
    case LeadCommand::ReopenLead:
      return reopen(state, *command.command_as_ReopenLead(), context);
    case LeadCommand::CheckFollowUp:
      if (!by_engine) return engine_only();
      return check_follow_up(state, context);
    case LeadCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "the command is empty");
}

std::optional<TimestampUs> next_deadline(const LeadStateT& state, const Policy&) {
  if (!is_open(state) || !state.next_due.has_value()) return std::nullopt;
  return state.next_due.value();
}

}  // namespace orderlog::engine
