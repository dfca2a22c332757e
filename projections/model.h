// What a read model is: a name, a version, tables of rows, and a pure fold of events into them.
// A model is one small pair of files under models/ that returns a ModelDefinition; registry.cpp
// lists them all. Must hold for a fold: 1. it uses the event and the tables, nothing else: no
// clock, no I/O; 2. it checks before it changes: when it returns an error nothing is changed;
// 3. its rows don't depend on the order in which events of different partitions arrive.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/ids.h"
#include "events/base/result.h"
#include "events/base/time.h"
#include "events/schema/envelope_generated.h"
#include "projections/report.h"
#include "projections/store/table.h"

namespace orderlog::projections {

// Where an event lies in the log; what `min_position` of a query names.
struct Position {
  PartitionId partition;
  Sequence seq;

  friend bool operator==(const Position&, const Position&) = default;
};

// One durable event, read in place; borrowed for the call.
struct EventView {
  const schema::Envelope& envelope;
  Position position;
  std::string_view aggregate_id;

  // Nothing happened to its aggregate before.
  bool is_first() const { return envelope.aggregate_version() == 1; }
  TimestampUs occurred_at() const { return envelope.occurred_at(); }
  TimestampUs recorded_at() const { return envelope.recorded_at(); }
};

// Bit i stands for AnyEvent(i): whole aggregates are wanted or not.
using EventMask = std::uint64_t;

constexpr EventMask events_of(std::initializer_list<schema::AnyEvent> aggregates) {
  EventMask mask = 0;
  for (const auto aggregate : aggregates) mask |= EventMask{1} << static_cast<unsigned>(aggregate);
  return mask;
}

// The text of a schema string that may be absent.
inline std::string_view text_of(const flatbuffers::String* text) {
  return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

// An error parks the event's aggregate for this model, visibly, until the model is rebuilt; an
// event that the fold doesn't know (a newer writer's) is answered with unknown_event().
using Fold = Status (*)(const EventView& event, Tables& tables);

Error unknown_event(const EventView& event);

struct ModelDefinition {
  std::string name;
  // To be raised with every change of rows, keys, indexes or fold: the rows are then rebuilt.
  std::uint32_t version = 1;
  EventMask wants = 0;
  std::vector<TableDefinition> tables;
  Fold fold = nullptr;
  std::vector<ReportDefinition> reports;
};

}  // namespace orderlog::projections
