#include "projections/models/delivery_items.h"

#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::DelayLevel;
using schema::DeliveryState;
using schema::OrderEvent;
using Item = schema::DelayListItemT;
using Row = schema::DelayListRowT;

constexpr std::size_t delay_kinds = static_cast<std::size_t>(schema::DelayKind::MAX) + 1;

void set_item(Row& row, const schema::OrderLine& line) {
  Item* item = line_in(row.items, line.line());
  if (!item) {
    row.items.push_back(std::make_unique<Item>());
    item = row.items.back().get();
    item->line = line.line();
    item->carrier = row.carrier;
    item->levels.assign(delay_kinds, DelayLevel::None);
  }
  item->product_id = string_of(line.product_id());
  item->site = string_of(line.location());
  item->quantity = Quantity(milli_of(line.quantity()));
  item->amount = money_of(line.net());
  if (const auto* price = line.price(); price && price->unit_price()) {
    item->rate = *price->unit_price();
  }
  item->expected_date = line.promised_date();
}

template <class Lines>
void set_items(Row& row, const Lines* lines) {
  for (const auto* line : each(lines)) set_item(row, *line);
}

void set_totals(Row& row, const schema::OrderTotals* totals) {
  if (!totals) return;
  row.total = money_of(totals->total());
  row.base_total = money_of(totals->base_total());
}

void submit(Row& row, const schema::OrderSubmitted& event) {
  row.items.clear();
  set_totals(row, event.totals());
  if (const auto* header = event.header()) {
    row.customer_id = string_of(header->customer_id());
    row.customer_po = string_of(header->external_reference());
    row.owner = string_of(header->salesperson());
    row.time_zone = string_of(header->time_zone());
    row.carrier = string_of(header->carrier());
    row.address.reset(header->ship_to() ? header->ship_to()->UnPack() : nullptr);
  }
  set_items(row, event.lines());
}

// What can neither come nor be late any more leaves the list.
void drop_empty_items(Row& row) {
  std::erase_if(row.items, [](const auto& item) {
    return item->quantity.milli() <= 0 && item->shipped.milli() <= 0;
  });
}

void take_out(Row& row, std::uint32_t line, std::int64_t milli, const schema::OrderLine* amounts) {
  Item* item = line_in(row.items, line);
  if (!item) return;
  item->quantity = Quantity(item->quantity.milli() - milli);
  const std::int64_t minor = amounts ? minor_of(amounts->net()) : 0;
  item->amount = Money(item->amount.minor() - minor, item->amount.currency());
}

void close_short(Row& row, const schema::OrderShortClosed& event) {
  for (const auto* amounts : each(event.unbooked())) {
    Item* item = line_in(row.items, amounts->line());
    if (!item) continue;
    item->closed = true;
    item->amount = Money(item->amount.minor() - minor_of(amounts->net()), item->amount.currency());
  }
}

void ship(Row& row, const schema::OrderLinesShipped& event) {
  if (event.carrier()) row.carrier = string_of(event.carrier());
  if (event.eta()) row.predicted_date = event.eta();
  for (const auto* progress : each(event.lines())) {
    Item* item = line_in(row.items, progress->line());
    if (!item) continue;
    item->shipped = Quantity(milli_of(progress->shipped()));
    if (event.carrier()) item->carrier = string_of(event.carrier());
    if (item->delivered.milli() == 0) {
      item->actual_date = later_of(item->actual_date, event.shipped_on());
    }
  }
}

void deliver(Row& row, const schema::OrderLinesDelivered& event) {
  for (const auto* progress : each(event.lines())) {
    Item* item = line_in(row.items, progress->line());
    if (!item) continue;
    const std::int64_t before = item->delivered.milli();
    const std::int64_t after = milli_of(progress->delivered());
    item->actual_date = before == 0 ? OptionalDay(event.delivered_on())
                                    : later_of(item->actual_date, event.delivered_on());
    item->delivered = Quantity(after);
    if (item->expected_date && event.delivered_on() <= *item->expected_date) {
      item->delivered_on_time = Quantity(item->delivered_on_time.milli() + after - before);
    }
  }
}

void raise(Row& row, const schema::DeliveryDelayed& event, TimestampUs occurred_at) {
  for (const std::uint32_t line : each(event.lines())) {
    if (Item* item = line_in(row.items, line)) {
      item->levels[static_cast<std::size_t>(event.kind()) % delay_kinds] = event.level();
    }
  }
  row.cause = event.cause();
  row.step_blocked = string_of(event.step_blocked());
  row.alert_raised_at = occurred_at;
  if (event.predicted_date()) row.predicted_date = event.predicted_date();
}

void clear(Row& row, const schema::DelayCleared& event) {
  for (const std::uint32_t line : each(event.lines())) {
    if (Item* item = line_in(row.items, line)) {
      item->levels[static_cast<std::size_t>(event.kind()) % delay_kinds] = DelayLevel::None;
    }
  }
}

void promise(Row& row, const schema::OrderPromiseChanged& event) {
  for (const auto& item : row.items) {
    if (event.line() == 0 || item->line == event.line()) item->expected_date = event.new_date();
  }
}

DeliveryState state_of_level(DelayLevel level) {
  switch (level) {
    case DelayLevel::None:
      return DeliveryState::open;
    case DelayLevel::Watch:
      return DeliveryState::watch;
    case DelayLevel::AtRisk:
      return DeliveryState::at_risk;
    case DelayLevel::Late:
      return DeliveryState::late;
  }
  return DeliveryState::open;
}

void derive_item(Item& item) {
  item.delayed_days = days_late(item.expected_date, item.actual_date);
  item.level = *std::max_element(item.levels.begin(), item.levels.end());
  if (item.delayed_days > 0) {
    item.state = DeliveryState::late;
  } else {
    item.state = is_complete(item) ? DeliveryState::on_time : state_of_level(item.level);
  }
}

}  // namespace

std::int32_t days_late(OptionalDay expected, OptionalDay actual) {
  return expected && actual ? std::max(0, *actual - *expected) : 0;
}

bool is_complete(const Item& item) {
  if (item.delivered.milli() >= item.quantity.milli()) return true;
  return item.closed && item.delivered.milli() >= item.shipped.milli();
}

void derive_delivery_columns(Row& row) {
  row.state = DeliveryState::none;
  row.level = DelayLevel::None;
  row.expected_date = row.actual_date = OptionalDay();
  row.delayed_days = 0;
  row.amount = Money();
  for (const auto& item : row.items) {
    derive_item(*item);
    row.state = std::max(row.state, item->state);
    row.level = std::max(row.level, item->level);
    row.expected_date = later_of(row.expected_date, item->expected_date);
    row.actual_date = later_of(row.actual_date, item->actual_date);
    row.delayed_days = std::max(row.delayed_days, item->delayed_days);
    row.amount = Money(row.amount.minor() + item->amount.minor(), item->amount.currency());
  }
  row.base_amount = Money(part_of(row.base_total.minor(), row.amount.minor(), row.total.minor()),
                          row.base_total.currency());
  if (row.level == DelayLevel::None) {
    row.alert_raised_at = flatbuffers::Optional<std::int64_t>();
    row.step_blocked.clear();
  }
}

bool apply_delivery_event(Row& row, const schema::OrderEvents& events, TimestampUs occurred_at) {
  switch (events.event_type()) {
    case OrderEvent::OrderSubmitted:
      submit(row, *events.event_as_OrderSubmitted());
      return true;
    case OrderEvent::OrderApproved:
      set_totals(row, events.event_as_OrderApproved()->totals());
      set_items(row, events.event_as_OrderApproved()->lines());
      row.approved = true;
      return true;
    case OrderEvent::OrderAmended:
      set_totals(row, events.event_as_OrderAmended()->totals());
      set_items(row, events.event_as_OrderAmended()->lines());
      drop_empty_items(row);
      return true;
    case OrderEvent::OrderPromiseChanged:
      promise(row, *events.event_as_OrderPromiseChanged());
      return true;
    case OrderEvent::OrderLineCancelled: {
      const auto& cancelled = *events.event_as_OrderLineCancelled();
      take_out(row, cancelled.line(), milli_of(cancelled.quantity()), cancelled.amounts());
      drop_empty_items(row);
      return true;
    }
    case OrderEvent::OrderRejected:
    case OrderEvent::OrderCancelled:
      row.items.clear();
      return true;
    case OrderEvent::OrderLinesShipped:
      ship(row, *events.event_as_OrderLinesShipped());
      return true;
    case OrderEvent::OrderLinesDelivered:
      deliver(row, *events.event_as_OrderLinesDelivered());
      return true;
    case OrderEvent::OrderShortClosed:
      close_short(row, *events.event_as_OrderShortClosed());
      return true;
    case OrderEvent::DeliveryDelayed:
      raise(row, *events.event_as_DeliveryDelayed(), occurred_at);
      return true;
    case OrderEvent::DelayCleared:
      clear(row, *events.event_as_DelayCleared());
      return true;
    case OrderEvent::OrderDrafted:
    case OrderEvent::OrderLineAdded:
    case OrderEvent::OrderLineChanged:
    case OrderEvent::OrderLineRemoved:
    case OrderEvent::OrderCheckPassed:
    case OrderEvent::OrderCheckFailed:
    case OrderEvent::OrderHeld:
    case OrderEvent::OrderHoldReleased:
    case OrderEvent::OrderApprovalRequired:
    case OrderEvent::OrderReleased:
    case OrderEvent::OrderCancellationRequested:
    case OrderEvent::OrderCancelRefused:
    case OrderEvent::OrderLineReserved:
    case OrderEvent::OrderLineBackordered:
    case OrderEvent::OrderLineUnreserved:
    case OrderEvent::OrderShipmentRequested:
    case OrderEvent::OrderLinesPicked:
    case OrderEvent::OrderShipmentCancelled:
    case OrderEvent::OrderLinesInvoiced:
    case OrderEvent::OrderPaymentRecorded:
    case OrderEvent::OrderCompleted:
    case OrderEvent::OrderReopened:
    case OrderEvent::OrderLineStockRecorded:
      return true;
    case OrderEvent::NONE:
      break;
  }
  return false;
}

}  // namespace orderlog::projections
