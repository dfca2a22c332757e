// The state of a lead after each event. Total: an absent field reads as empty.
#include "engine/aggregates.h"

namespace orderlog::engine {

namespace {

using flatbuffers::GetString;
using schema::LeadEvent;
using schema::LeadStage;
using schema::LeadStateT;

void captured(LeadStateT& lead, const schema::LeadCaptured& event, const EventMeta& meta) {
  lead = LeadStateT{};
  lead.stage = LeadStage::New;
  if (event.contact() != nullptr) lead.contact.reset(event.contact()->UnPack());
  lead.channel = GetString(event.channel());
  lead.source = GetString(event.source());
  lead.region = GetString(event.region());
  lead.industry = GetString(event.industry());
  lead.captured_at = meta.occurred_at;
}

void scored(LeadStateT& lead, const schema::LeadScored& event) {
  // A new or reopened lead has no grade to come from; another grade sets the clock for the first
  // answer anew. Later the follow-ups' own dates rule.
  const bool starts = event.old_grade() == schema::LeadGrade::None;
  const bool regraded = !lead.followed_up && event.grade() != lead.grade;
  if ((starts || regraded) && event.answer_due() != 0) {
    lead.next_due = event.answer_due();
  }
  lead.score = event.score();
  lead.grade = event.grade();
}

// What the other lead knew and this one did not.
void absorb(LeadStateT& lead, const schema::Contact* other) {
  if (other == nullptr) return;
  if (!lead.contact) lead.contact = std::make_unique<schema::ContactT>();
  const auto fill = [](std::string& field, const flatbuffers::String* value) {
    if (field.empty()) field = GetString(value);
  };
  fill(lead.contact->name, other->name());
  fill(lead.contact->phone, other->phone());
  fill(lead.contact->mail, other->mail());
  fill(lead.contact->wechat, other->wechat());
  fill(lead.contact->title, other->title());
}

void close(LeadStateT& lead, LeadStage stage) {
  lead.stage = stage;
  lead.next_due = flatbuffers::nullopt;
}

}  // namespace

void evolve(LeadStateT& state, const schema::LeadEvents& event, const EventMeta& meta) {
  switch (event.event_type()) {
    case LeadEvent::LeadCaptured:
      captured(state, *event.event_as_LeadCaptured(), meta);
      break;
    case LeadEvent::LeadScored:
      scored(state, *event.event_as_LeadScored());
      break;
    case LeadEvent::LeadAssigned:
      state.stage = LeadStage::Assigned;
      state.owner = GetString(event.event_as_LeadAssigned()->owner());
      break;
    case LeadEvent::LeadReleased:
      state.stage = LeadStage::New;
      state.owner.clear();
      break;
    case LeadEvent::LeadFollowedUp:
      state.stage = LeadStage::Working;
      state.followed_up = true;
      state.next_due = event.event_as_LeadFollowedUp()->next_due();
      break;
    case LeadEvent::FollowUpMissed:
      state.next_due = flatbuffers::nullopt;
      break;
    case LeadEvent::LeadConverted:
      close(state, LeadStage::Converted);
      state.converted_customer = GetString(event.event_as_LeadConverted()->customer_id());
      break;
    case LeadEvent::LeadDisqualified:
      close(state, LeadStage::Disqualified);
      break;
    case LeadEvent::LeadMergeRequested:
      state.merge_pending = true;
      state.merged_into = GetString(event.event_as_LeadMergeRequested()->into());
      break;
    case LeadEvent::LeadMergeAccepted:
      absorb(state, event.event_as_LeadMergeAccepted()->contact());
      break;
    case LeadEvent::LeadMerged:
      close(state, LeadStage::Merged);
      state.merge_pending = false;
      state.merged_into = GetString(event.event_as_LeadMerged()->into());
      break;
    case LeadEvent::LeadMergeFailed:
      state.merge_pending = false;
      state.merged_into.clear();
      break;
    case LeadEvent::LeadReopened:
      state.stage = LeadStage::New;
      state.owner.clear();
      break;
    case LeadEvent::LeadMergeRefused:
    case LeadEvent::NONE:
      break;
  }
}

}  // namespace orderlog::engine
