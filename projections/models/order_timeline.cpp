#include "projections/models/order_timeline.h"

#include "projections/models/timeline_sources.h"

namespace orderlog::projections {
namespace {

using schema::AnyEvent;
using Chunk = schema::TimelineChunkRowT;
using Link = schema::TimelineLinkRowT;

std::unique_ptr<schema::TimelineEntryT> entry_of(const EventView& event,
                                                 const TimelineSource& source) {
  auto entry = std::make_unique<schema::TimelineEntryT>();
  entry->aggregate = static_cast<std::uint8_t>(event.envelope.payload_type());
  entry->event = source.event;
  entry->seq = event.position.seq.value;
  entry->occurred_at = event.occurred_at();
  entry->recorded_at = event.recorded_at();
  entry->actor = text_of(event.envelope.actor());
  entry->role = event.envelope.role();
  entry->document_kind = static_cast<std::uint8_t>(source.document_kind);
  if (source.document_kind != AnyEvent::OrderEvents) entry->document_id = source.document_id;
  entry->preceding_id = source.preceding_id;
  entry->detail = source.detail;
  if (const auto* id = event.envelope.event_id()) entry->event_id = *id;
  return entry;
}

Status fold(const EventView& event, Tables& tables) {
  const TimelineSource source = timeline_source(event);
  if (!source.known) return unknown_event(event);
  std::string order_id(source.order_id);
  if (order_id.empty()) {
    const Link* link =
        tables.of<Link>().find(Key()
                                   .u8(static_cast<std::uint8_t>(event.envelope.payload_type()))
                                   .rest(event.aggregate_id));
    if (!link) return {};  // of no order
    order_id = link->order_id;
  } else if (source.remember) {
    tables.of<Link>()
        .put(Key()
                 .u8(static_cast<std::uint8_t>(event.envelope.payload_type()))
                 .rest(event.aggregate_id))
        .order_id = order_id;
  }
  Key group;
  group.text(order_id).u32(event.position.partition.value);
  Chunk& chunk = tables.of<Chunk>().batch_row(group, Key().u64(event.position.seq.value));
  if (chunk.entries.empty()) {
    chunk.order_id = std::move(order_id);
    chunk.partition = event.position.partition.value;
  }
  chunk.entries.push_back(entry_of(event, source));
  return {};
}

// The entries themselves, since how they are chunked depends on the batches.
std::vector<std::string> items_of(const std::string& row) {
  Chunk chunk;
  flatbuffers::GetRoot<schema::TimelineChunkRow>(row.data())->UnPackTo(&chunk);
  std::vector<std::string> items;
  flatbuffers::FlatBufferBuilder builder;
  for (const auto& entry : chunk.entries) {
    builder.Clear();
    builder.Finish(schema::TimelineEntry::Pack(builder, entry.get()));
    items.push_back(
        Key()
            .text(chunk.order_id)
            .u32(chunk.partition)
            .rest({reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()})
            .take());
  }
  return items;
}

}  // namespace

ModelDefinition order_timeline_model() {
  ModelDefinition model;
  model.name = "order_timeline";
  model.version = 2;
  model.wants = events_of({AnyEvent::OrderEvents, AnyEvent::ShipmentEvents, AnyEvent::InvoiceEvents,
                           AnyEvent::PaymentEvents, AnyEvent::ApprovalEvents,
                           AnyEvent::TicketEvents, AnyEvent::QuoteEvents});
  model.tables = {define_table<Chunk>("TimelineChunkRow"), define_table<Link>("TimelineLinkRow")};
  model.tables.front().items_of = items_of;
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "order_timeline";
  report.descriptor.description =
      "All that happened to an order and its documents, in order of time, with the document flow.";
  report.descriptor.row_table = "OrderTimelineRow";
  report.descriptor.filters = {{"order_id", FilterKind::Text, "The order.", {}, true}};
  report.compute = timeline_report;
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
