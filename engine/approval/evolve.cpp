// The state of an approval after each event. Total: an absent field reads as empty.
#include "engine/aggregates.h"

namespace orderlog::engine {

namespace {

using flatbuffers::GetString;
using schema::ApprovalEvent;
using schema::ApprovalStage;
using schema::ApprovalStateT;

void requested(ApprovalStateT& approval, const schema::ApprovalRequested& event) {
  approval = ApprovalStateT{};
  approval.stage = ApprovalStage::Requested;
  approval.subject = event.subject();
  approval.subject_id = GetString(event.subject_id());
  approval.subject_version = event.subject_version();
  if (event.tiers() != nullptr) {
    for (const auto role : *event.tiers()) {
      approval.tiers.push_back(static_cast<schema::Role>(role));
    }
  }
  approval.tier = 1;
  approval.requested_by = GetString(event.requested_by());
  approval.escalate_at = event.escalate_at();
  approval.expire_at = event.expire_at();
}

}  // namespace

void evolve(ApprovalStateT& state, const schema::ApprovalEvents& event, const EventMeta& meta) {
  switch (event.event_type()) {
    case ApprovalEvent::ApprovalRequested:
      requested(state, *event.event_as_ApprovalRequested());
      break;
    case ApprovalEvent::ApprovalTierGranted:
      state.granted_by.emplace_back(meta.actor);
      state.tier = static_cast<std::uint8_t>(event.event_as_ApprovalTierGranted()->tier() + 1);
      state.delegated_to.clear();
      break;
    case ApprovalEvent::ApprovalGranted:
      state.stage = ApprovalStage::Granted;
      break;
    case ApprovalEvent::ApprovalRefused:
      state.stage = ApprovalStage::Refused;
      break;
    case ApprovalEvent::ApprovalDelegated:
      state.delegated_to = GetString(event.event_as_ApprovalDelegated()->to());
      break;
    case ApprovalEvent::ApprovalWithdrawn:
      state.stage = ApprovalStage::Withdrawn;
      break;
    case ApprovalEvent::ApprovalEscalated:
      state.escalated = true;
      break;
    case ApprovalEvent::ApprovalExpired:
      state.stage = ApprovalStage::Expired;
      break;
    case ApprovalEvent::NONE:
      break;
  }
}

}  // namespace orderlog::engine
