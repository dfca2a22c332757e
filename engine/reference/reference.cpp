// A customer's own order number ("customer/reference") belongs to one order (domain.md 4.17). Must
// hold: 1. the first claim wins; 2. only the owner gives it back.
#include "engine/aggregates.h"

namespace orderlog::engine {

namespace {

using schema::ReferenceEvent;
using schema::ReferenceStateT;
using ReferenceDecision = Decision<schema::ReferenceEventUnion>;

bool is_reference_id(std::string_view id) {
  const auto slash = id.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < id.size();
}

ReferenceDecision claim(const ReferenceStateT& reference,
                        const schema::ClaimOrderReference& command) {
  const std::string order_id = flatbuffers::GetString(command.order_id());
  ReferenceDecision decision;
  if (reference.order_id == order_id) return decision;
  if (reference.order_id.empty()) {
    schema::OrderReferenceClaimedT event;
    event.order_id = order_id;
    decision.add(std::move(event));
    return decision;
  }
  schema::OrderReferenceRefusedT event;
  event.order_id = order_id;
  event.existing_order_id = reference.order_id;
  decision.add(std::move(event));
  return decision;
}

// Another order's release comes from one that was refused the claim: nothing to give back.
ReferenceDecision release(const ReferenceStateT& reference,
                          const schema::ReleaseOrderReference& command) {
  ReferenceDecision decision;
  if (reference.order_id != flatbuffers::GetString(command.order_id())) return decision;
  schema::OrderReferenceReleasedT event;
  event.order_id = reference.order_id;
  decision.add(std::move(event));
  return decision;
}

}  // namespace

Decision<schema::ReferenceEventUnion> decide(const ReferenceStateT& reference,
                                             const schema::ReferenceCommands& commands,
                                             const Context& context) {
  using schema::ReferenceCommand;
  // A client that could claim or release would make or break the duplicate check of others.
  if (context.authority == schema::Authority::Normal) {
    return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
  }
  if (!is_reference_id(context.aggregate_id)) {
    return reject(RejectionCode::InvalidArgument,
                  "a reference is named by its customer and its text, as in customer/reference",
                  "/reference_id");
  }
  switch (commands.command_type()) {
    case ReferenceCommand::ClaimOrderReference: {
      const auto& command = *commands.command_as_ClaimOrderReference();
      if (flatbuffers::GetString(command.order_id()).empty()) break;
      return claim(reference, command);
    }
    case ReferenceCommand::ReleaseOrderReference: {
      const auto& command = *commands.command_as_ReleaseOrderReference();
      if (flatbuffers::GetString(command.order_id()).empty()) break;
      return release(reference, command);
    }
    case ReferenceCommand::NONE:
      return reject(RejectionCode::InvalidArgument, "no such command of a reference");
  }
  return reject(RejectionCode::InvalidArgument, "the order's id is empty", "/order_id");
}

void evolve(ReferenceStateT& reference, const schema::ReferenceEvents& events, const EventMeta&) {
  switch (events.event_type()) {
    case ReferenceEvent::OrderReferenceClaimed:
      reference.order_id =
          flatbuffers::GetString(events.event_as_OrderReferenceClaimed()->order_id());
      return;
    case ReferenceEvent::OrderReferenceReleased:
      reference.order_id.clear();
      return;
    case ReferenceEvent::OrderReferenceRefused:
    case ReferenceEvent::NONE:
      return;
  }
}

std::optional<TimestampUs> next_deadline(const ReferenceStateT&, const Policy&) {
  return std::nullopt;
}

}  // namespace orderlog::engine
