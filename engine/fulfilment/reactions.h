// The reactions by the aggregate that the event belongs to; react.cpp sends each event to its own.
// Internal to the room. Each is total: fields may be absent, unknown events add nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/outgoing.h"
#include "events/base/money.h"
#include "events/base/quantity.h"

namespace orderlog::engine::fulfilment {

// What every reaction knows of the event beside its payload.
struct Cause {
  std::string aggregate_id;
  schema::Authority authority = schema::Authority::Normal;
};

void react_to_order(const Cause& cause, const schema::OrderEvents& event, Outgoing& out);
void react_to_reference(const Cause& cause, const schema::ReferenceEvents& event, Outgoing& out);
void react_to_stock(const Cause& cause, const schema::StockEvents& event, Outgoing& out);
void react_to_shipment(const Cause& cause, const schema::ShipmentEvents& event, Outgoing& out);
void react_to_invoice(const Cause& cause, const schema::InvoiceEvents& event, Outgoing& out);
void react_to_series(const Cause& cause, const schema::SeriesEvents& event, Outgoing& out);
void react_to_payment(const Cause& cause, const schema::PaymentEvents& event, Outgoing& out);
void react_to_customer(const Cause& cause, const schema::CustomerEvents& event, Outgoing& out);
void react_to_credit(const Cause& cause, const schema::CreditEvents& event, Outgoing& out);
void react_to_lead(const Cause& cause, const schema::LeadEvents& event, Outgoing& out);
void react_to_quote(const Cause& cause, const schema::QuoteEvents& event, Outgoing& out);
void react_to_approval(const Cause& cause, const schema::ApprovalEvents& event, Outgoing& out);

inline std::string text_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string() : text->str();
}
inline bool has_text(const flatbuffers::String* text) {
  return text != nullptr && text->size() > 0;
}
inline std::int64_t milli_of(const Quantity* quantity) {
  return quantity == nullptr ? 0 : quantity->milli();
}
inline Quantity quantity_of(const Quantity* quantity) { return Quantity(milli_of(quantity)); }
inline Money money_of(const Money* money) { return money == nullptr ? Money() : *money; }
inline std::int64_t minor_of(const Money* money) { return money == nullptr ? 0 : money->minor(); }

// The reference's key: unique for one customer (domain.md 4.17).
inline std::string reference_id(const std::string& customer_id, const std::string& reference) {
  return customer_id + "/" + reference;
}

}  // namespace orderlog::engine::fulfilment
