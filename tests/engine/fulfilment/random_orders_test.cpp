// Random days in the life of the company (P1, P3): orders, cancellations, shipments, receipts,
// losses in any order. Whatever happens, the books of every order, stock item and credit account
// hold after each event, agree with each other at rest, and nothing is sold twice.
#include <rapidcheck.h>

#include "engine/order/status.h"
#include "tests/engine/fulfilment/story.h"

namespace orderlog::engine::test {
namespace {

using rc::gen::inRange;

// One random business: small numbers, so that things collide.
class Business {
 public:
  void step() {
    switch (*inRange(0, 16)) {
      case 0:
      case 1:
      case 2:
        return place();
      case 3:
      case 4:
        return story_.receive(product(), *inRange(1, 8));
      case 5:
        return story_.cancel(order_id());
      case 6:
        return story_.cancel_quantity(order_id(), line(), *inRange(1, 4));
      case 7:
        return amend();
      case 8:
        return hold_or_release();
      case 9:
        return lose_stock();
      case 10:
        return pay();
      case 11:
        return close_short();
      default:
        return warehouse();
    }
  }
  const Story& story() const { return story_; }
  Story& story() { return story_; }

 private:
  std::string product() { return *inRange(0, 2) == 0 ? "P-1" : "P-2"; }
  std::string order_id() { return "O-" + std::to_string(*inRange(1, std::max(2, placed_ + 1))); }
  std::uint32_t line() { return static_cast<std::uint32_t>(*inRange(1, 3)); }

  void place() {
    if (placed_ >= 6) return;
    Wanted wanted;
    wanted.order_id = "O-" + std::to_string(++placed_);
    wanted.lines.clear();
    const int lines = *inRange(1, 3);
    for (int i = 0; i < lines; ++i) wanted.lines.push_back({product(), *inRange(1, 6)});
    wanted.backorder = static_cast<schema::BackorderWish>(*inRange(0, 3));
    wanted.partial = static_cast<schema::PartialDelivery>(*inRange(0, 2));
    wanted.freight_minor = *inRange(0, 3) * 33;
    wanted.discount_ppm = *inRange(0, 3) * 17'000;
    story_.place(wanted);
  }

  void amend() {
    const std::string id = order_id();
    const auto& order = story_.order(id);
    if (order.lines.empty()) return;
    const auto& terms =
        *order.lines[static_cast<std::size_t>(*inRange(0, 2)) % order.lines.size()]->terms;
    schema::AmendOrderT command;
    command.order_id = id;
    if (*inRange(0, 5) == 0) {
      command.remove.push_back(terms.line);
    } else {
      auto request = std::make_unique<schema::OrderLineRequestT>();
      request->line = *inRange(0, 4) == 0 ? 0 : terms.line;
      request->product_id = request->line == 0 ? product() : terms.product_id;
      request->quantity = Quantity(*inRange(1, 8) * milli_per_unit);
      command.set.push_back(std::move(request));
    }
    story_.as("sam", schema::Role::Director).give(std::move(command));
  }

  void hold_or_release() {
    const std::string id = order_id();
    const auto& holds = story_.order(id).holds;
    story_.as("dora", schema::Role::Director);
    if (holds.empty()) {
      schema::PlaceHoldT command;
      command.order_id = id;
      command.reason = schema::HoldReason::Manual;
      story_.give(std::move(command));
    } else {
      schema::ReleaseHoldT command;
      command.order_id = id;
      command.reason = holds.front();
      story_.give(std::move(command));
    }
  }

  void lose_stock() {
    schema::AdjustStockT command;
    command.stock_item_id = product() + "@MAIN";
    command.delta = Quantity(-*inRange(1, 4) * milli_per_unit);
    command.reason = "lost";
    story_.as("will", schema::Role::Warehouse).give(std::move(command));
  }

  void pay() {
    const auto invoices = story_.ids_of(schema::AnyEvent::InvoiceEvents);
    if (invoices.empty()) return;
    const auto& invoice = invoices[static_cast<std::size_t>(*inRange(0, 20)) % invoices.size()];
    story_.pay("PAY-" + std::to_string(++payments_), invoice, *inRange(1, 6'000));
  }

  void close_short() {
    schema::ShortCloseOrderT command;
    command.order_id = order_id();
    command.reason = "enough";
    story_.as("sam", schema::Role::Sales).give(std::move(command));
  }

  template <class CommandT>
  void at(const std::string& shipment) {
    CommandT command;
    command.shipment_id = shipment;
    story_.give(std::move(command));
  }

  void warehouse() {
    const auto shipments = story_.ids_of(schema::AnyEvent::ShipmentEvents);
    if (shipments.empty()) return;
    const auto& id = shipments[static_cast<std::size_t>(*inRange(0, 20)) % shipments.size()];
    story_.as("will", schema::Role::Warehouse);
    using schema::ShipmentStage;
    const auto stage = story_.state<ShipmentAggregate>(id).stage;
    const int turn = *inRange(0, 8);
    if (turn == 0) return at<schema::CancelShipmentT>(id);
    if (turn == 1) return report_short(id);
    if (turn == 2) return refuse_cancel(id);
    if (stage == ShipmentStage::Planned) return at<schema::ReleaseShipmentT>(id);
    if (stage == ShipmentStage::Released) return at<schema::StartPickingT>(id);
    if (stage == ShipmentStage::Picking) return at<schema::PackShipmentT>(id);
    if (stage == ShipmentStage::Packed) return at<schema::DispatchShipmentT>(id);
    at<schema::ConfirmDeliveryT>(id);
  }

  void refuse_cancel(const std::string& id) {
    schema::RefuseShipmentCancelT command;
    command.shipment_id = id;
    command.reason = "too late";
    story_.give(std::move(command));
  }

  void report_short(const std::string& id) {
    schema::ReportShortPickT command;
    command.shipment_id = id;
    command.line = line();
    command.short_ = Quantity(*inRange(1, 3) * milli_per_unit);
    story_.give(std::move(command));
  }

  Story story_;
  int placed_ = 0;
  int payments_ = 0;
};

void check_invoices(const Story& story, const std::string& id) {
  const auto& order = story.order(id);
  std::int64_t invoiced = 0;
  std::int64_t shipped = 0;
  for (const auto& event : story.all<schema::OrderLinesShippedT>(id)) {
    RC_ASSERT(event.invoice != nullptr);
    invoiced += event.invoice->total.minor();
  }
  for (const auto& line : order.lines) shipped += line->shipped;
  std::int64_t live = 0;
  for (const auto& line : order.lines) live += order::live_of(*line);
  if (shipped > 0 && shipped == live) RC_ASSERT(invoiced == order.totals->total.minor());
  if (order.totals) RC_ASSERT(invoiced <= order.totals->total.minor());
}

void check_stock(const Story& story) {
  for (const auto& id : story.ids_of(schema::AnyEvent::StockEvents)) {
    const auto& totals = story.state<StockAggregate>(id).totals;
    RC_ASSERT(totals.reserved >= 0);
    RC_ASSERT(totals.reserved + totals.issued <= totals.received);
  }
}

TEST(RandomOrders, BooksHoldWhateverHappens) {
  const bool held = rc::check([] {
    Business business;
    const int steps = *inRange(5, 60);
    for (int i = 0; i < steps; ++i) {
      business.step();
      RC_ASSERT(!testing::Test::HasFailure());
      const std::string discrepancy = business.story().discrepancy();
      if (!discrepancy.empty()) RC_FAIL(discrepancy);
      check_stock(business.story());
    }
    const auto& story = business.story();
    for (const auto& refused : story.internal_rejections()) RC_FAIL(refused);
    for (const auto& id : story.ids_of(schema::AnyEvent::OrderEvents)) check_invoices(story, id);
    RC_ASSERT(story.replay_difference().empty());
  });
  EXPECT_TRUE(held);
}

// P1: many want the last units; exactly as many get one as there are.
TEST(RandomOrders, TheLastUnitsAreSoldOnce) {
  Story story;
  story.policy.order.duplicate_window_seconds = 0;
  story.receive("P-1", 7);
  for (int i = 1; i <= 20; ++i) {
    story.place({.order_id = "O-" + std::to_string(i),
                 .lines = {{"P-1", 1}},
                 .backorder = schema::BackorderWish::Always});
  }
  int served = 0;
  for (int i = 1; i <= 20; ++i) served += story.line("O-" + std::to_string(i), 1).reserved == 1'000;
  EXPECT_EQ(served, 7);
  story.expect_sound();
}

}  // namespace
}  // namespace orderlog::engine::test
