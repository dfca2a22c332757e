// One row an order, from its own events. Longer than 400 lines because every kind of event that
// changes a column has its fold here.
#include "projections/models/order_status.h"

#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::OrderEvent;
using schema::OrderLifecycle;
using schema::OrderStatusLineT;
using Row = schema::OrderStatusRowT;

enum Index : std::uint8_t { by_lifecycle, by_customer, by_fulfilment };

void indexes_of(const Row& row, IndexWriter& out) {
  out.add(by_lifecycle, enum_group(row.lifecycle), row.opened_at);
  out.add(by_customer, row.customer_id, row.opened_at);
  out.add(by_fulfilment, enum_group(row.fulfilment), row.opened_at);
}

// ---- what the order says about itself

void set_line(Row& row, const schema::OrderLine& line) {
  OrderStatusLineT* known = line_in(row.lines, line.line());
  if (!known) {
    row.lines.push_back(std::make_unique<OrderStatusLineT>());
    known = row.lines.back().get();
    known->line = line.line();
  }
  known->product_id = string_of(line.product_id());
  known->ordered = Quantity(milli_of(line.quantity()) + known->cancelled.milli());
  known->amount = Money(minor_of(line.net()) + minor_of(line.tax()), row.total.currency());
  known->promised_date = line.promised_date();
}

template <class Lines>
void set_lines(Row& row, const Lines* lines) {
  for (const auto* line : each(lines)) set_line(row, *line);
}

void set_total(Row& row, const schema::OrderTotals* totals) {
  if (!totals) return;
  row.total = money_of(totals->total());
  row.base_total = money_of(totals->base_total());
}

void set_header(Row& row, const schema::OrderHeader* header) {
  if (!header) return;
  row.customer_id = string_of(header->customer_id());
  row.salesperson = string_of(header->salesperson());
  row.region = string_of(header->region());
  row.channel = string_of(header->channel());
  row.requested_date = header->requested_date();
  row.external_reference = string_of(header->external_reference());
}

template <class Event>
void enter(Row& row, const Event& event) {
  set_header(row, event.header());
  set_total(row, event.totals());
  row.lines.clear();
  set_lines(row, event.lines());
}

void remove_hold(Row& row, schema::HoldReason reason) { std::erase(row.holds, reason); }

void add_hold(Row& row, schema::HoldReason reason) {
  remove_hold(row, reason);
  row.holds.push_back(reason);
}

// ---- goods

std::int64_t open_of(const OrderStatusLineT& line) {
  return std::max<std::int64_t>(
      0, line.ordered.milli() - line.cancelled.milli() - line.shipped.milli());
}

// What stock holds can't be more than what is open; the backorder gives way first.
void fit_claims(OrderStatusLineT& line) {
  const std::int64_t open = open_of(line);
  const std::int64_t picked = std::min(line.picked.milli(), open);
  const std::int64_t reserved = std::min(line.reserved.milli(), open - picked);
  const std::int64_t backordered = std::min(line.backordered.milli(), open - picked - reserved);
  line.picked = Quantity(picked);
  line.reserved = Quantity(reserved);
  line.backordered = Quantity(backordered);
}

template <class Event>
void set_claims(Row& row, const Event& event) {
  OrderStatusLineT* line = line_in(row.lines, event.line());
  if (!line) return;
  line->reserved = Quantity(milli_of(event.reserved()));
  line->backordered = Quantity(milli_of(event.backordered()));
}

void move_picked(OrderStatusLineT& line, std::int64_t milli) {
  const std::int64_t moved = std::clamp(milli, -line.picked.milli(), line.reserved.milli());
  line.reserved = Quantity(line.reserved.milli() - moved);
  line.picked = Quantity(line.picked.milli() + moved);
}

void pick(Row& row, const schema::OrderLinesPicked& event) {
  for (const auto* part : each(event.lines())) {
    if (auto* line = line_in(row.lines, part->line()))
      move_picked(*line, milli_of(part->quantity()));
  }
  row.picked_shipment_ids.push_back(string_of(event.shipment_id()));
}

bool take_picked(Row& row, const flatbuffers::String* shipment_id) {
  return std::erase(row.picked_shipment_ids, text_of(shipment_id)) > 0;
}

void call_back(Row& row, const schema::OrderShipmentCancelled& event) {
  const bool picked = event.short_() ? false : take_picked(row, event.shipment_id());
  if (!picked) return;
  for (const auto* part : each(event.lines())) {
    if (auto* line = line_in(row.lines, part->line())) {
      move_picked(*line, -milli_of(part->quantity()));
    }
  }
}

void set_progress(OrderStatusLineT& line, const schema::LineProgress& progress) {
  line.ordered = Quantity(milli_of(progress.ordered()));
  line.cancelled = Quantity(milli_of(progress.cancelled()));
  line.shipped = Quantity(milli_of(progress.shipped()));
  line.delivered = Quantity(milli_of(progress.delivered()));
}

void ship(Row& row, const schema::OrderLinesShipped& event) {
  const bool picked = take_picked(row, event.shipment_id());
  for (const auto* progress : each(event.lines())) {
    auto* line = line_in(row.lines, progress->line());
    if (!line) continue;
    std::int64_t left = milli_of(progress->quantity());
    if (picked) {
      const std::int64_t off_dock = std::min(left, line->picked.milli());
      line->picked = Quantity(line->picked.milli() - off_dock);
      left -= off_dock;
    }
    line->reserved = Quantity(std::max<std::int64_t>(0, line->reserved.milli() - left));
    set_progress(*line, *progress);
    fit_claims(*line);
    row.late_days = std::max(row.late_days, progress->late_days());
  }
  const bool delivered = std::any_of(row.lines.begin(), row.lines.end(),
                                     [](const auto& line) { return line->delivered.milli() > 0; });
  if (!delivered) row.actual_date = later_of(row.actual_date, event.shipped_on());
  if (event.eta()) row.predicted_date = event.eta();
}

void deliver(Row& row, const schema::OrderLinesDelivered& event) {
  const bool first = std::none_of(row.lines.begin(), row.lines.end(),
                                  [](const auto& line) { return line->delivered.milli() > 0; });
  if (first) row.actual_date = OptionalDay();
  for (const auto* progress : each(event.lines())) {
    if (auto* line = line_in(row.lines, progress->line())) set_progress(*line, *progress);
    row.late_days = std::max(row.late_days, progress->late_days());
  }
  row.actual_date = later_of(row.actual_date, event.delivered_on());
}

// ---- less and more

void take_out(Row& row, std::uint32_t number, std::int64_t milli,
              const schema::OrderLine* amounts) {
  OrderStatusLineT* line = line_in(row.lines, number);
  if (!line) return;
  const std::int64_t minor = amounts ? minor_of(amounts->net()) + minor_of(amounts->tax()) : 0;
  line->cancelled = Quantity(line->cancelled.milli() + milli);
  line->amount = Money(line->amount.minor() - minor, line->amount.currency());
  row.total = Money(row.total.minor() - minor, row.total.currency());
  fit_claims(*line);
}

void take_base(Row& row, const schema::Money* base_amount) {
  row.base_total = Money(row.base_total.minor() - minor_of(base_amount), row.base_total.currency());
}

void amend(Row& row, const schema::OrderAmended& event) {
  set_total(row, event.totals());
  set_lines(row, event.lines());
  for (const auto& line : row.lines) fit_claims(*line);
}

void close_short(Row& row, const schema::OrderShortClosed& event) {
  for (const auto* amounts : each(event.unbooked())) {
    take_out(row, amounts->line(), milli_of(amounts->quantity()), amounts);
  }
  take_base(row, event.base_amount());
  row.lifecycle = OrderLifecycle::ShortClosed;
  row.reason = string_of(event.reason());
}

void invoice(Row& row, const schema::OrderLinesInvoiced& event) {
  for (const auto* part : each(event.lines())) {
    auto* line = line_in(row.lines, part->line());
    if (!line) continue;
    const std::int64_t milli = milli_of(part->quantity());
    const std::int64_t sum = line->invoiced.milli() + (event.credited() ? -milli : milli);
    line->invoiced = Quantity(std::max<std::int64_t>(0, sum));
  }
}

void promise(Row& row, const schema::OrderPromiseChanged& event) {
  for (const auto& line : row.lines) {
    if (event.line() == 0 || line->line == event.line()) line->promised_date = event.new_date();
  }
}

void end(Row& row, OrderLifecycle lifecycle, const flatbuffers::String* reason) {
  row.lifecycle = lifecycle;
  row.reason = string_of(reason);
}

// False: an event this version doesn't know.
bool apply(Row& row, const schema::OrderEvents& events) {
  switch (events.event_type()) {
    case OrderEvent::OrderDrafted:
      row.lifecycle = OrderLifecycle::Draft;
      enter(row, *events.event_as_OrderDrafted());
      return true;
    case OrderEvent::OrderSubmitted:
      row.lifecycle = OrderLifecycle::Submitted;
      enter(row, *events.event_as_OrderSubmitted());
      return true;
    case OrderEvent::OrderLineAdded:
      set_total(row, events.event_as_OrderLineAdded()->totals());
      set_line(row, *events.event_as_OrderLineAdded()->line());
      return true;
    case OrderEvent::OrderLineChanged:
      set_total(row, events.event_as_OrderLineChanged()->totals());
      set_line(row, *events.event_as_OrderLineChanged()->line());
      return true;
    case OrderEvent::OrderLineRemoved: {
      const auto& removed = *events.event_as_OrderLineRemoved();
      set_total(row, removed.totals());
      std::erase_if(row.lines, [&](const auto& line) { return line->line == removed.line(); });
      return true;
    }
    case OrderEvent::OrderHeld:
      add_hold(row, events.event_as_OrderHeld()->reason());
      return true;
    case OrderEvent::OrderHoldReleased:
      remove_hold(row, events.event_as_OrderHoldReleased()->reason());
      return true;
    case OrderEvent::OrderApproved:
      row.lifecycle = OrderLifecycle::Approved;
      set_total(row, events.event_as_OrderApproved()->totals());
      set_lines(row, events.event_as_OrderApproved()->lines());
      return true;
    case OrderEvent::OrderRejected:
      end(row, OrderLifecycle::Rejected, events.event_as_OrderRejected()->reason());
      return true;
    case OrderEvent::OrderReleased:
      row.lifecycle = OrderLifecycle::InFulfilment;
      return true;
    case OrderEvent::OrderAmended:
      amend(row, *events.event_as_OrderAmended());
      return true;
    case OrderEvent::OrderPromiseChanged:
      promise(row, *events.event_as_OrderPromiseChanged());
      return true;
    case OrderEvent::OrderLineCancelled: {
      const auto& cancelled = *events.event_as_OrderLineCancelled();
      take_out(row, cancelled.line(), milli_of(cancelled.quantity()), cancelled.amounts());
      take_base(row, cancelled.base_amount());
      return true;
    }
    case OrderEvent::OrderCancelled:
      end(row, OrderLifecycle::Cancelled, events.event_as_OrderCancelled()->reason());
      return true;
    case OrderEvent::OrderLineReserved:
      set_claims(row, *events.event_as_OrderLineReserved());
      return true;
    case OrderEvent::OrderLineBackordered:
      set_claims(row, *events.event_as_OrderLineBackordered());
      return true;
    case OrderEvent::OrderLineUnreserved: {
      const auto& lost = *events.event_as_OrderLineUnreserved();
      set_claims(row, lost);
      if (auto* line = line_in(row.lines, lost.line())) {
        line->picked = Quantity(milli_of(lost.picked()));
      }
      return true;
    }
    case OrderEvent::OrderLinesPicked:
      pick(row, *events.event_as_OrderLinesPicked());
      return true;
    case OrderEvent::OrderLinesShipped:
      ship(row, *events.event_as_OrderLinesShipped());
      return true;
    case OrderEvent::OrderLinesDelivered:
      deliver(row, *events.event_as_OrderLinesDelivered());
      return true;
    case OrderEvent::OrderShipmentCancelled:
      call_back(row, *events.event_as_OrderShipmentCancelled());
      return true;
    case OrderEvent::OrderLinesInvoiced:
      invoice(row, *events.event_as_OrderLinesInvoiced());
      return true;
    case OrderEvent::OrderPaymentRecorded:
      row.paid_amount = money_of(events.event_as_OrderPaymentRecorded()->paid());
      return true;
    case OrderEvent::OrderCompleted:
      row.lifecycle = OrderLifecycle::Completed;
      return true;
    case OrderEvent::OrderShortClosed:
      close_short(row, *events.event_as_OrderShortClosed());
      return true;
    case OrderEvent::OrderReopened:
      row.lifecycle = OrderLifecycle::InFulfilment;
      return true;
    case OrderEvent::DeliveryDelayed:
      if (const auto predicted = events.event_as_DeliveryDelayed()->predicted_date()) {
        row.predicted_date = predicted;
      }
      return true;
    case OrderEvent::OrderCheckPassed:
    case OrderEvent::OrderCheckFailed:
    case OrderEvent::OrderApprovalRequired:
    case OrderEvent::OrderCancellationRequested:
    case OrderEvent::OrderCancelRefused:
    case OrderEvent::OrderShipmentRequested:
    case OrderEvent::DelayCleared:
    case OrderEvent::OrderLineStockRecorded:
      return true;
    case OrderEvent::NONE:
      break;
  }
  return false;
}

bool opens(OrderEvent event) {
  return event == OrderEvent::OrderDrafted || event == OrderEvent::OrderSubmitted;
}

Status fold(const EventView& event, Tables& tables) {
  const auto& events = *event.envelope.payload_as_OrderEvents();
  const auto type = events.event_type();
  if (type == OrderEvent::NONE || type > OrderEvent::MAX || !events.event()) {
    return unknown_event(event);
  }
  auto& orders = tables.of<Row>();
  Slot& slot =
      event.is_first() ? orders.reach_new(event.aggregate_id) : orders.reach(event.aggregate_id);
  const bool is_new = Table<Row>::row_at(slot) == nullptr;
  if (is_new && !opens(type)) {
    return error(ErrorCode::Corrupt, "the order was never opened");
  }
  Row& row = orders.put(slot);
  if (is_new) {
    row.order_id = std::string(event.aggregate_id);
    row.opened_at = event.occurred_at();
  }
  ORDERLOG_ENSURE(apply(row, events), "an order event without a case");
  row.version = event.envelope.aggregate_version();
  row.changed_at = event.occurred_at();
  derive_order_axes(row);
  return {};
}

Result<IndexQuery> plan(const Parameters& parameters) {
  IndexQuery query;
  query.table = "OrderStatusRow";
  query.index = "lifecycle";
  query.descending = true;
  for (const auto& [name, value] : parameters) {
    if (name == "lifecycle") {
      query.group =
          enum_group(*enum_of<OrderLifecycle>(value, schema::EnumNamesOrderLifecycle())).take();
    } else if (name == "fulfilment") {
      query.index = name;
      query.group =
          enum_group(*enum_of<schema::FulfilmentState>(value, schema::EnumNamesFulfilmentState()))
              .take();
    } else {
      query.index = "customer";
      query.group = value;
    }
  }
  return query;
}

}  // namespace

ModelDefinition order_status_model() {
  ModelDefinition model;
  model.name = "order_status";
  model.version = 2;
  model.wants = events_of({schema::AnyEvent::OrderEvents});
  model.tables = {define_table<Row>("OrderStatusRow", {{"lifecycle"}, {"customer"}, {"fulfilment"}},
                                    indexes_of)};
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "order_status";
  report.descriptor.description = "Orders with their state on each axis, the newest first.";
  report.descriptor.row_table = "OrderStatusRow";
  report.descriptor.key = "order_id";
  report.descriptor.exclusive = true;
  report.descriptor.filters = {
      {"lifecycle", FilterKind::Choice, "Only orders in this state.",
       choices_of(schema::EnumNamesOrderLifecycle())},
      {"customer_id", FilterKind::Text, "Only orders of this customer."},
      {"fulfilment", FilterKind::Choice, "Only orders with this state of fulfilment.",
       choices_of(schema::EnumNamesFulfilmentState())}};
  report.plan = plan;
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
