// One order's chunks, sorted and numbered, with each document's neighbours in the flow.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "projections/models/fields.h"
#include "projections/models/order_timeline.h"

namespace orderlog::projections {
namespace {

using schema::AnyEvent;

struct Entry {
  std::uint32_t partition;
  std::unique_ptr<schema::TimelineEntryT> entry;
};

struct Neighbours {
  std::set<std::string> preceding;
  std::set<std::string> following;
};

Result<std::vector<Entry>> read_entries(const ReadView& view, std::string_view order_id) {
  std::vector<Entry> entries;
  bool too_many = false;
  const auto scanned = view.scan(
      "TimelineChunkRow", Key().text(order_id), [&](std::string_view, std::string_view bytes) {
        const std::string aligned(bytes);
        schema::TimelineChunkRowT chunk;
        flatbuffers::GetRoot<schema::TimelineChunkRow>(aligned.data())->UnPackTo(&chunk);
        for (auto& entry : chunk.entries) {
          if (static_cast<AnyEvent>(entry->document_kind) == AnyEvent::OrderEvents) {
            entry->document_id = order_id;
          }
          entries.push_back({chunk.partition, std::move(entry)});
        }
        too_many = entries.size() > timeline_entries_max;
        return !too_many;
      });
  if (!scanned) return scanned.error();
  if (too_many) {
    return error(ErrorCode::Overflow,
                 "the order has more than " + std::to_string(timeline_entries_max) + " entries");
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tuple(a.entry->recorded_at, a.partition, a.entry->seq) <
           std::tuple(b.entry->recorded_at, b.partition, b.entry->seq);
  });
  return entries;
}

std::map<std::string, Neighbours> flow_of(const std::vector<Entry>& entries) {
  std::map<std::string, Neighbours> flow;
  for (const Entry& entry : entries) {
    const std::string& before = entry.entry->preceding_id;
    const std::string& after = entry.entry->document_id;
    if (before.empty() || before == after) continue;
    flow[after].preceding.insert(before);
    flow[before].following.insert(after);
  }
  return flow;
}

std::string event_name(const schema::TimelineEntryT& entry) {
  switch (static_cast<AnyEvent>(entry.aggregate)) {
    case AnyEvent::OrderEvents:
      return schema::EnumNameOrderEvent(static_cast<schema::OrderEvent>(entry.event));
    case AnyEvent::ShipmentEvents:
      return schema::EnumNameShipmentEvent(static_cast<schema::ShipmentEvent>(entry.event));
    case AnyEvent::InvoiceEvents:
      return schema::EnumNameInvoiceEvent(static_cast<schema::InvoiceEvent>(entry.event));
    case AnyEvent::PaymentEvents:
      return schema::EnumNamePaymentEvent(static_cast<schema::PaymentEvent>(entry.event));
    case AnyEvent::ApprovalEvents:
      return schema::EnumNameApprovalEvent(static_cast<schema::ApprovalEvent>(entry.event));
    case AnyEvent::TicketEvents:
      return schema::EnumNameTicketEvent(static_cast<schema::TicketEvent>(entry.event));
    case AnyEvent::QuoteEvents:
      return schema::EnumNameQuoteEvent(static_cast<schema::QuoteEvent>(entry.event));
    case AnyEvent::NONE:
    case AnyEvent::SystemEvents:
    case AnyEvent::CustomerEvents:
    case AnyEvent::CreditEvents:
    case AnyEvent::ProductEvents:
    case AnyEvent::StockEvents:
    case AnyEvent::LeadEvents:
    case AnyEvent::ReferenceEvents:
    case AnyEvent::SeriesEvents:
    case AnyEvent::AuditEvents:
      break;
  }
  return {};
}

// "OrderEvents" is the union's name; the document is an "Order".
std::string document_kind(std::uint8_t aggregate) {
  std::string name = schema::EnumNameAnyEvent(static_cast<AnyEvent>(aggregate));
  constexpr std::string_view suffix = "Events";
  if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  return name;
}

std::string row_of(const Entry& from, std::uint32_t number, const std::string& order_id,
                   const std::map<std::string, Neighbours>& flow) {
  const schema::TimelineEntryT& entry = *from.entry;
  schema::OrderTimelineRowT row;
  row.order_id = order_id;
  row.number = number;
  row.event = event_name(entry);
  row.occurred_at = entry.occurred_at;
  row.recorded_at = entry.recorded_at;
  row.actor = entry.actor;
  row.role = entry.role;
  row.document_kind = document_kind(entry.document_kind);
  row.document_id = entry.document_id;
  if (const auto found = flow.find(entry.document_id); found != flow.end()) {
    const auto& [preceding, following] = found->second;
    row.preceding_ids.assign(preceding.begin(), preceding.end());
    row.following_ids.assign(following.begin(), following.end());
  }
  row.detail = entry.detail;
  row.partition = from.partition;
  row.seq = entry.seq;
  row.event_id = entry.event_id;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::OrderTimelineRow::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string place_of(const Entry& entry) {
  return Key().i64(entry.entry->recorded_at).u32(entry.partition).u64(entry.entry->seq).take();
}

}  // namespace

Result<ReportPage> timeline_report(const ReadView& view, const ReportRequest& request) {
  const std::string& order_id = request.parameters.at("order_id");
  auto entries = read_entries(view, order_id);
  if (!entries) return std::move(entries).error();
  const auto flow = flow_of(*entries);
  const bool descending = request.order == ListOrder::Descending;
  const auto count = static_cast<std::uint32_t>(entries->size());
  ReportPage page;
  page.total = count;
  std::string last;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t at = descending ? count - 1 - i : i;
    std::string place = place_of((*entries)[at]);
    const bool done =
        !request.cursor.empty() && (descending ? place >= request.cursor : place <= request.cursor);
    if (done) continue;
    if (page.rows.size() == request.limit) {
      page.next_cursor = last;
      break;
    }
    page.rows.push_back(row_of((*entries)[at], at + 1, order_id, flow));
    last = std::move(place);
  }
  return page;
}

}  // namespace orderlog::projections
