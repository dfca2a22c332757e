#include "engine/invariants/invariants.h"

#include <map>

#include "engine/invoice/postings.h"
#include "engine/payment/postings.h"

namespace orderlog::engine {
namespace {

// The balances after a stock event; nullptr for a refusal, which changes none.
const schema::StockBalance* balance_of(const schema::StockEvents& event) {
  switch (event.event_type()) {
    case schema::StockEvent::NONE:
    case schema::StockEvent::StockReservationRefused:
    case schema::StockEvent::ReservationIssuedBefore:
      return nullptr;
    case schema::StockEvent::StockReceived:
      return event.event_as_StockReceived()->balance();
    case schema::StockEvent::StockAdjusted:
      return event.event_as_StockAdjusted()->balance();
    case schema::StockEvent::StockCounted:
      return event.event_as_StockCounted()->balance();
    case schema::StockEvent::SafetyStockSet:
      return event.event_as_SafetyStockSet()->balance();
    case schema::StockEvent::StockHeld:
      return event.event_as_StockHeld()->balance();
    case schema::StockEvent::StockHoldReleased:
      return event.event_as_StockHoldReleased()->balance();
    case schema::StockEvent::StockHoldExpired:
      return event.event_as_StockHoldExpired()->balance();
    case schema::StockEvent::StockReserved:
      return event.event_as_StockReserved()->balance();
    case schema::StockEvent::StockPartiallyReserved:
      return event.event_as_StockPartiallyReserved()->balance();
    case schema::StockEvent::StockReleased:
      return event.event_as_StockReleased()->balance();
    case schema::StockEvent::ReservationBroken:
      return event.event_as_ReservationBroken()->balance();
    case schema::StockEvent::StockPicked:
      return event.event_as_StockPicked()->balance();
    case schema::StockEvent::StockUnpicked:
      return event.event_as_StockUnpicked()->balance();
    case schema::StockEvent::StockIssued:
      return event.event_as_StockIssued()->balance();
    case schema::StockEvent::StockRestocked:
      return event.event_as_StockRestocked()->balance();
    case schema::StockEvent::StockScrapped:
      return event.event_as_StockScrapped()->balance();
    case schema::StockEvent::StockTransferredOut:
      return event.event_as_StockTransferredOut()->balance();
    case schema::StockEvent::StockTransferredIn:
      return event.event_as_StockTransferredIn()->balance();
    case schema::StockEvent::StockBlocked:
      return event.event_as_StockBlocked()->balance();
    case schema::StockEvent::StockUnblocked:
      return event.event_as_StockUnblocked()->balance();
    case schema::StockEvent::IncomingStockExpected:
      return event.event_as_IncomingStockExpected()->balance();
    case schema::StockEvent::IncomingStockRescheduled:
      return event.event_as_IncomingStockRescheduled()->balance();
    case schema::StockEvent::IncomingStockCancelled:
      return event.event_as_IncomingStockCancelled()->balance();
    case schema::StockEvent::BackorderOpened:
      return event.event_as_BackorderOpened()->balance();
    case schema::StockEvent::BackorderPromised:
      return event.event_as_BackorderPromised()->balance();
    case schema::StockEvent::BackorderReprioritised:
      return event.event_as_BackorderReprioritised()->balance();
    case schema::StockEvent::BackorderPartiallyFilled:
      return event.event_as_BackorderPartiallyFilled()->balance();
    case schema::StockEvent::BackorderFilled:
      return event.event_as_BackorderFilled()->balance();
    case schema::StockEvent::BackorderCancelled:
      return event.event_as_BackorderCancelled()->balance();
  }
  return nullptr;
}

// Reserved (picked included) and held are parts of what is on hand: what was issued has left it,
// what was received came to it, so 0 ≤ reserved + issued ≤ received.
std::optional<std::string> check_stock(const schema::StockBalance& balance) {
  if (balance.on_hand() < 0) return "negative stock on hand";
  if (balance.reserved() < 0 || balance.soft_held() < 0 || balance.backordered() < 0)
    return "a negative reservation";
  if (balance.reserved() != balance.ledger_reserved())
    return "the reservations do not add up to what is reserved";
  if (balance.reserved() > balance.on_hand()) return "oversold: more is reserved than is on hand";
  return std::nullopt;
}

std::optional<std::string> check_postings(const std::vector<Posting>& postings) {
  std::map<schema::Currency, std::int64_t> sums;
  for (const auto& posting : postings) sums[posting.amount.currency()] += posting.amount.minor();
  for (const auto& [currency, sum] : sums) {
    if (sum != 0) return "the money postings do not sum to zero";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> InvariantChecker::check(const schema::Envelope& event) {
  switch (event.payload_type()) {
    case schema::AnyEvent::StockEvents: {
      const auto* balance = balance_of(*event.payload_as_StockEvents());
      return balance == nullptr ? std::nullopt : check_stock(*balance);
    }
    case schema::AnyEvent::InvoiceEvents:
      return check_postings(postings(*event.payload_as_InvoiceEvents()));
    case schema::AnyEvent::PaymentEvents:
      return check_postings(postings(*event.payload_as_PaymentEvents()));
    case schema::AnyEvent::NONE:
    case schema::AnyEvent::SystemEvents:
    case schema::AnyEvent::CustomerEvents:
    case schema::AnyEvent::CreditEvents:
    case schema::AnyEvent::ProductEvents:
    case schema::AnyEvent::LeadEvents:
    case schema::AnyEvent::QuoteEvents:
    case schema::AnyEvent::ApprovalEvents:
    case schema::AnyEvent::OrderEvents:
    case schema::AnyEvent::ReferenceEvents:
    case schema::AnyEvent::ShipmentEvents:
    case schema::AnyEvent::SeriesEvents:
    case schema::AnyEvent::TicketEvents:
    case schema::AnyEvent::AuditEvents:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace orderlog::engine
