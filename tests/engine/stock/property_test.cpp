// Random histories of one stock item (domain.md P1, P2, P3): no oversell, books that add up, and
// reservations that give back exactly what they took, whatever comes in whatever order.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "tests/engine/stock/commands.h"

namespace orderlog::engine::test {
namespace {

using Item = Runner<StockAggregate>;

std::string some_id() { return "r" + std::to_string(*rc::gen::inRange(0, 12)); }
std::int64_t some_units() { return *rc::gen::inRange<std::int64_t>(1, 12); }

schema::ReserveStockT some_reserve() {
  auto command =
      reserve(some_id(), some_units(),
              *rc::gen::element(schema::BackorderPolicy::Ask, schema::BackorderPolicy::Always,
                                schema::BackorderPolicy::Never),
              *rc::gen::element(schema::ReservePolicy::Full, schema::ReservePolicy::Partial));
  command.priority = *rc::gen::inRange(0, 3);
  command.top_up = *rc::gen::inRange(0, 4) == 0;
  if (*rc::gen::arbitrary<bool>()) command.promised_date = start_day + *rc::gen::inRange(0, 5);
  if (*rc::gen::inRange(0, 3) == 0) command.hold_id = some_id();
  return command;
}

void some_goods(Item& item) {
  switch (*rc::gen::inRange(0, 11)) {
    case 0:
    case 1:
      item.run(receive(some_units(), *rc::gen::arbitrary<bool>() ? some_id() : ""));
      return;
    case 2:
      item.run(adjust(*rc::gen::inRange<std::int64_t>(-8, 8), *rc::gen::inRange(-2, 3)));
      return;
    case 3:
      item.run(count(*rc::gen::inRange<std::int64_t>(0, 40)));
      return;
    case 4: {
      auto scrap = for_item(schema::ScrapStockT{});
      scrap.quantity = Quantity(some_units() * unit);
      scrap.reason = "broken";
      item.run(scrap);
      return;
    }
    case 5: {
      auto restock = for_item(schema::RestockReturnT{});
      restock.quantity = Quantity(some_units() * unit);
      restock.condition = *rc::gen::arbitrary<bool>() ? schema::RestockCondition::Damaged
                                                      : schema::RestockCondition::BackInStock;
      item.run(restock);
      return;
    }
    case 6: {
      auto transfer = for_item(schema::TransferStockT{});
      transfer.to_location = "elsewhere";
      transfer.quantity = Quantity(some_units() * unit);
      item.run(transfer);
      return;
    }
    case 7: {
      auto accepted = for_item(schema::AcceptTransferT{});
      accepted.from_stock_item_id = "elsewhere";
      accepted.quantity = Quantity(some_units() * unit);
      item.run(accepted);
      return;
    }
    case 8: {
      auto block = for_item(schema::BlockStockT{});
      block.reason = "count";
      item.run(block);
      return;
    }
    case 9:
      item.run(for_item(schema::UnblockStockT{}));
      return;
    default:
      item.run(expect_goods(some_id(), some_units(), start_day + 40));
      return;
  }
}

void some_hold(Item& item) {
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      item.run(hold(some_id(), some_units()));
      return;
    case 1: {
      auto give_back = for_item(schema::ReleaseHoldOfStockT{});
      give_back.hold_id = some_id();
      item.run(give_back);
      return;
    }
    default:
      item.authority = schema::Authority::System;
      item.run(for_item(schema::ExpireHoldsT{}));
      return;
  }
}

void some_reservation(Item& item) {
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
    case 1:
    case 2:
      item.run(some_reserve());
      return;
    case 3:
      item.run(release(some_id(), *rc::gen::inRange<std::int64_t>(0, 10)));
      return;
    case 4:
      item.run(pick(some_id(), some_units()));
      return;
    case 5:
      item.run(unpick(some_id(), some_units()));
      return;
    case 6:
      item.run(issue(some_id(), some_units()));
      return;
    default: {
      auto promise = for_item(schema::PromiseBackorderT{});
      promise.reservation_id = some_id();
      promise.date = start_day + *rc::gen::inRange(0, 50);
      item.run(promise);
      return;
    }
  }
}

void some_command(Item& item) {
  item.now += *rc::gen::inRange<std::int64_t>(0, 300) * us_per_second;
  item.authority = *rc::gen::weightedElement<schema::Authority>({{6, schema::Authority::Normal},
                                                                 {3, schema::Authority::System},
                                                                 {1, schema::Authority::Import}});
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
    case 1:
      return some_goods(item);
    case 2:
      return some_hold(item);
    default:
      return some_reservation(item);
  }
}

// The balance that the event carries, if its kind has one.
const schema::StockBalanceT* balance_of(const schema::StockEventUnion& event) {
  switch (event.type) {
    case schema::StockEvent::NONE:
    case schema::StockEvent::StockReservationRefused:
    case schema::StockEvent::ReservationIssuedBefore:
      return nullptr;
#define ORDERLOG_BALANCE(Name)   \
  case schema::StockEvent::Name: \
    return event.As##Name()->balance.get();
      ORDERLOG_BALANCE(StockReceived)
      ORDERLOG_BALANCE(StockAdjusted)
      ORDERLOG_BALANCE(StockCounted)
      ORDERLOG_BALANCE(SafetyStockSet)
      ORDERLOG_BALANCE(StockHeld)
      ORDERLOG_BALANCE(StockHoldReleased)
      ORDERLOG_BALANCE(StockHoldExpired)
      ORDERLOG_BALANCE(StockReserved)
      ORDERLOG_BALANCE(StockPartiallyReserved)
      ORDERLOG_BALANCE(StockReleased)
      ORDERLOG_BALANCE(ReservationBroken)
      ORDERLOG_BALANCE(StockPicked)
      ORDERLOG_BALANCE(StockUnpicked)
      ORDERLOG_BALANCE(StockIssued)
      ORDERLOG_BALANCE(StockRestocked)
      ORDERLOG_BALANCE(StockScrapped)
      ORDERLOG_BALANCE(StockTransferredOut)
      ORDERLOG_BALANCE(StockTransferredIn)
      ORDERLOG_BALANCE(StockBlocked)
      ORDERLOG_BALANCE(StockUnblocked)
      ORDERLOG_BALANCE(IncomingStockExpected)
      ORDERLOG_BALANCE(IncomingStockRescheduled)
      ORDERLOG_BALANCE(IncomingStockCancelled)
      ORDERLOG_BALANCE(BackorderOpened)
      ORDERLOG_BALANCE(BackorderPromised)
      ORDERLOG_BALANCE(BackorderReprioritised)
      ORDERLOG_BALANCE(BackorderPartiallyFilled)
      ORDERLOG_BALANCE(BackorderFilled)
      ORDERLOG_BALANCE(BackorderCancelled)
#undef ORDERLOG_BALANCE
  }
  return nullptr;
}

void check_event(const Item& item, const schema::StockEventUnion& event) {
  const StockTotals& totals = item.state.totals;
  const auto discrepancy = find_discrepancy(item.state);
  RC_ASSERT(discrepancy == std::nullopt);
  RC_ASSERT(totals.reserved >= 0 && totals.reserved <= totals.on_hand);
  RC_ASSERT(totals.reserved + totals.issued <= totals.received);
  const auto* told = balance_of(event);
  if (event.type == schema::StockEvent::StockReservationRefused ||
      event.type == schema::StockEvent::ReservationIssuedBefore)
    return;
  RC_ASSERT(told != nullptr);
  RC_ASSERT(told->on_hand == totals.on_hand);
  RC_ASSERT(told->damaged == totals.damaged);
  RC_ASSERT(told->reserved == totals.reserved);
  RC_ASSERT(told->ledger_reserved == totals.reserved);
  RC_ASSERT(told->soft_held == totals.soft_held);
  RC_ASSERT(told->backordered == totals.backordered);
  RC_ASSERT(told->incoming == totals.incoming);
  RC_ASSERT(told->blocked == totals.blocked);
}

RC_GTEST_PROP(StockProperties, BooksAddUpAfterEveryEvent, ()) {
  Item item("widget@MAIN");
  item.after_event = [&](const auto& event) { check_event(item, event); };
  const int steps = *rc::gen::inRange(1, 120);
  for (int i = 0; i < steps; ++i) {
    some_command(item);
    // Nobody waits beside free stock: few enough wait for one command to serve them all.
    RC_ASSERT(item.state.totals.available() == 0 || item.state.totals.backordered == 0);
  }
}

RC_GTEST_PROP(StockProperties, StateSurvivesBeingStored, ()) {
  Item item("widget@MAIN");
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) some_command(item);
  flatbuffers::FlatBufferBuilder first;
  first.Finish(pack_state(first, item.state));
  const auto& stored = *flatbuffers::GetRoot<schema::StockState>(first.GetBufferPointer());
  RC_ASSERT(recount(stored) == recount(item.state));
  RC_ASSERT(find_discrepancy(stored) == std::nullopt);
  StockItem read;
  unpack_state(read, stored);
  RC_ASSERT(read.totals == item.state.totals);
  RC_ASSERT(read.ledger.sums() == item.state.ledger.sums());
  RC_ASSERT(read.ledger.queue() == item.state.ledger.queue());
  RC_ASSERT(read.ledger.demand() == item.state.ledger.demand());
  flatbuffers::FlatBufferBuilder second;
  second.Finish(pack_state(second, read));
  RC_ASSERT(
      std::string_view(reinterpret_cast<const char*>(first.GetBufferPointer()), first.GetSize()) ==
      std::string_view(reinterpret_cast<const char*>(second.GetBufferPointer()), second.GetSize()));
}

// P1: N reserves for k units give exactly k.
RC_GTEST_PROP(StockProperties, NReservesForKUnitsGiveExactlyK, ()) {
  Item item("widget@MAIN");
  const auto k = *rc::gen::inRange<std::int64_t>(1, 40);
  item.run(receive(k));
  std::int64_t given = 0;
  for (int i = 0; i < 60; ++i) {
    const auto decision = item.run(reserve("r" + std::to_string(i), 1));
    RC_ASSERT(!decision.rejected());
    given += decision.events().front().AsStockReserved() != nullptr ? 1 : 0;
  }
  RC_ASSERT(given == k);
}

// P3: what a reservation took in goes out exactly once, as issue, release or cancelled backorder,
// in whatever order those come and however often they are repeated.
RC_GTEST_PROP(StockProperties, EachReservationGivesBackWhatItTook, ()) {
  Item item("widget@MAIN");
  std::map<std::string, std::int64_t> left;
  item.after_event = [&](const schema::StockEventUnion& event) {
    if (const auto* e = event.AsStockReserved()) left[e->reservation_id] += e->quantity.milli();
    if (const auto* e = event.AsStockPartiallyReserved()) {
      left[e->reservation_id] += e->quantity.milli();
    }
    if (const auto* e = event.AsBackorderOpened()) left[e->reservation_id] += e->quantity.milli();
    if (const auto* e = event.AsStockReleased()) left[e->reservation_id] -= e->quantity.milli();
    if (const auto* e = event.AsBackorderCancelled()) {
      left[e->reservation_id] -= e->quantity.milli();
    }
    if (const auto* e = event.AsStockIssued()) {
      left[e->reservation_id] -= e->quantity.milli() - e->unreserved.milli();
    }
    for (const auto& [id, milli] : left) {
      const auto* entry = item.state.ledger.find(id);
      const std::int64_t kept =
          entry == nullptr ? 0 : entry->reserved + entry->picked + entry->backordered;
      RC_ASSERT(milli == kept);
    }
  };
  const int steps = *rc::gen::inRange(1, 120);
  for (int i = 0; i < steps; ++i) some_command(item);
  item.authority = schema::Authority::System;
  for (int i = 0; i < 12; ++i) {
    item.run(release("r" + std::to_string(i)));
    item.run(release("r" + std::to_string(i)));
  }
  RC_ASSERT(item.state.totals.reserved == 0);
  RC_ASSERT(item.state.totals.backordered == 0);
  RC_ASSERT(item.state.ledger.size() == 0);
}

// P3: cancelling and shipping one reservation in any order leaves the same books.
RC_GTEST_PROP(StockProperties, TheOrderOfCancellingAndShippingDoesNotMatter, ()) {
  const auto shipped = *rc::gen::inRange<std::int64_t>(1, 9);
  const auto cancelled = *rc::gen::inRange<std::int64_t>(1, 10 - shipped + 1);
  const auto run = [&](bool ship_first) {
    Item item("widget@MAIN");
    item.run(receive(10));
    item.run(reserve("r", 10));
    item.authority = schema::Authority::System;
    if (ship_first) item.run(issue("r", shipped));
    item.run(release("r", cancelled));
    if (!ship_first) item.run(issue("r", shipped));
    return item.state.totals;
  };
  RC_ASSERT(run(true) == run(false));
}

}  // namespace
}  // namespace orderlog::engine::test
