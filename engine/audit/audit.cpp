// The record of refused commands that an auditor would ask for (domain.md 3, audit_trail). Must
// hold: one event a refusal, and nothing is ever refused here but a client's own claim of one.
#include "engine/aggregates.h"

namespace orderlog::engine {

namespace {

Decision<schema::AuditEventUnion> record(const schema::RecordRefusal& command,
                                         const Context& context) {
  if (context.authority != schema::Authority::System) {
    return reject(RejectionCode::EngineOnly, "refusals are recorded by the engine");
  }
  schema::CommandRefusedT refused;
  refused.command = flatbuffers::GetString(command.command());
  refused.aggregate = flatbuffers::GetString(command.aggregate());
  refused.refused_id = flatbuffers::GetString(command.refused_id());
  refused.code = flatbuffers::GetString(command.code());
  refused.reason = flatbuffers::GetString(command.reason());
  Decision<schema::AuditEventUnion> decision;
  decision.add(std::move(refused));
  return decision;
}

}  // namespace

Decision<schema::AuditEventUnion> decide(const schema::AuditStateT&,
                                         const schema::AuditCommands& command,
                                         const Context& context) {
  switch (command.command_type()) {
    case schema::AuditCommand::RecordRefusal:
      return record(*command.command_as_RecordRefusal(), context);
    case schema::AuditCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "no such command of the audit record");
}

void evolve(schema::AuditStateT& state, const schema::AuditEvents& event, const EventMeta&) {
  switch (event.event_type()) {
    case schema::AuditEvent::CommandRefused:
      ++state.refused;
      break;
    case schema::AuditEvent::NONE:
      break;
  }
}

std::optional<TimestampUs> next_deadline(const schema::AuditStateT&, const Policy&) {
  return std::nullopt;
}

}  // namespace orderlog::engine
