#include <algorithm>

#include "engine/order/fold.h"

namespace orderlog::engine::order {

namespace {

std::unique_ptr<schema::OrderLineT> unpacked(const schema::OrderLine* line) {
  return line == nullptr ? std::make_unique<schema::OrderLineT>()
                         : std::unique_ptr<schema::OrderLineT>(line->UnPack());
}

std::unique_ptr<schema::OrderLineStateT> fresh(const schema::OrderLine* line) {
  auto state = std::make_unique<schema::OrderLineStateT>();
  state->terms = unpacked(line);
  state->ordered = state->terms->quantity.milli();
  return state;
}

void set_totals(MutableState& order, const schema::OrderTotals* totals) {
  if (totals != nullptr) order.totals.reset(totals->UnPack());
  if (!order.totals) order.totals = std::make_unique<schema::OrderTotalsT>();
}

using EventLines = flatbuffers::Vector<flatbuffers::Offset<schema::OrderLine>>;

void start(MutableState& order, const schema::OrderHeader* header, const EventLines* lines,
           const schema::OrderTotals* totals) {
  if (header != nullptr) order.header.reset(header->UnPack());
  if (!order.header) order.header = std::make_unique<schema::OrderHeaderT>();
  order.lines.clear();
  if (lines != nullptr) {
    for (const auto* line : *lines) order.lines.push_back(fresh(line));
  }
  set_totals(order, totals);
}

// What the line has let go of with the amendment's own release; 0 when it has none.
std::int64_t released_total_in(const schema::OrderAmended& event, std::uint32_t line) {
  if (event.releases() == nullptr) return 0;
  for (const auto* release : *event.releases()) {
    if (release->line() == line) return release->released_total();
  }
  return 0;
}

}  // namespace

schema::OrderLineStateT* line_in(MutableState& order, std::uint32_t line) {
  for (const auto& state : order.lines) {
    if (state->terms->line == line) return state.get();
  }
  return nullptr;
}

schema::OrderShipmentT* shipment_in(MutableState& order, const flatbuffers::String* id) {
  if (id == nullptr) return nullptr;
  for (const auto& shipment : order.shipments) {
    if (shipment->shipment_id == id->string_view()) return shipment.get();
  }
  return nullptr;
}

void fold(MutableState& order, const schema::OrderDrafted& event) {
  start(order, event.header(), event.lines(), event.totals());
  order.lifecycle = schema::OrderLifecycle::Draft;
}

void fold(MutableState& order, const schema::OrderLineAdded& event) {
  order.lines.push_back(fresh(event.line()));
  set_totals(order, event.totals());
}

void fold(MutableState& order, const schema::OrderLineChanged& event) {
  if (event.line() != nullptr) {
    if (auto* line = line_in(order, event.line()->line())) {
      line->terms = unpacked(event.line());
      line->ordered = line->terms->quantity.milli();
    }
  }
  set_totals(order, event.totals());
}

void fold(MutableState& order, const schema::OrderLineRemoved& event) {
  std::erase_if(order.lines, [&](const auto& line) { return line->terms->line == event.line(); });
  set_totals(order, event.totals());
}

void fold(MutableState& order, const schema::OrderSubmitted& event, const EventMeta& meta) {
  start(order, event.header(), event.lines(), event.totals());
  order.lifecycle = schema::OrderLifecycle::Submitted;
  order.submitted_at = meta.occurred_at;
  // From a quote: who sold it asks, not the engine.
  const bool by_engine = meta.authority == schema::Authority::System;
  order.requested_by = by_engine ? order.header->salesperson : std::string(meta.actor);
  order.requested_role = meta.role;
  order.imported = meta.authority == schema::Authority::Import;
  order.price_breach = text_of(event.price_breach());
}

void fold(MutableState& order, const schema::OrderAmended& event) {
  set_totals(order, event.totals());
  if (event.lines() != nullptr) {
    for (const auto* line : *event.lines()) {
      auto* state = line_in(order, line->line());
      if (state == nullptr) {
        order.lines.push_back(fresh(line));
        order.lines.back()->stock_checked = true;
      } else {
        resize(*state, milli_of(line->quantity()), released_total_in(event, line->line()));
        state->terms = unpacked(line);
      }
    }
  }
  if (event.reservations() != nullptr) {
    for (const auto* request : *event.reservations()) {
      auto* line = line_in(order, request->line());
      if (line != nullptr) claim(*line, milli_of(request->quantity()));
    }
  }
  const std::int64_t released =
      event.credit_released() == nullptr ? 0 : event.credit_released()->minor();
  order.credit_left = std::max<std::int64_t>(0, order.credit_left - released);
}

void fold(MutableState& order, const schema::OrderPromiseChanged& event) {
  auto* line = line_in(order, event.line());
  if (line == nullptr) return;
  line->terms->promised_date = event.new_date();
  if (event.ship_by().has_value()) line->terms->ship_by = event.ship_by();
}

}  // namespace orderlog::engine::order
