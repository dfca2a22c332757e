// A number series gives each document the next number, once. Must hold: 1. numbers are 1, 2, 3 …
// without a gap; 2. the document that asked last gets no second number when it asks again.
// Rules: domain.md 3.12.
#include <limits>

#include "engine/aggregates.h"

namespace orderlog::engine {

namespace {

Decision<schema::SeriesEventUnion> assign(const schema::SeriesStateT& state,
                                          const schema::AssignNumber& command,
                                          const Context& context) {
  // A number drawn by hand would be a number without a document.
  if (context.authority != schema::Authority::System) {
    return reject(RejectionCode::EngineOnly, "numbers are drawn by the engine");
  }
  const std::string document_id = flatbuffers::GetString(command.document_id());
  if (document_id.empty()) {
    return reject(RejectionCode::InvalidArgument, "a number needs its document", "/document_id");
  }
  Decision<schema::SeriesEventUnion> decision;
  if (state.last_document_id == document_id) return decision;
  if (state.last_number == std::numeric_limits<std::uint64_t>::max()) {
    return reject(RejectionCode::LimitExceeded, "the number series is used up");
  }
  schema::NumberAssignedT assigned;
  assigned.document_id = document_id;
  assigned.number = state.last_number + 1;
  decision.add(std::move(assigned));
  return decision;
}

}  // namespace

Decision<schema::SeriesEventUnion> decide(const schema::SeriesStateT& state,
                                          const schema::SeriesCommands& command,
                                          const Context& context) {
  switch (command.command_type()) {
    case schema::SeriesCommand::AssignNumber:
      return assign(state, *command.command_as_AssignNumber(), context);
    case schema::SeriesCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "no such command of a number series");
}

void evolve(schema::SeriesStateT& state, const schema::SeriesEvents& event, const EventMeta&) {
  switch (event.event_type()) {
    case schema::SeriesEvent::NumberAssigned: {
      const auto& assigned = *event.event_as_NumberAssigned();
      state.last_number = assigned.number();
      state.last_document_id = flatbuffers::GetString(assigned.document_id());
      break;
    }
    case schema::SeriesEvent::NONE:
      break;
  }
}

std::optional<TimestampUs> next_deadline(const schema::SeriesStateT&, const Policy&) {
  return std::nullopt;
}

}  // namespace orderlog::engine
