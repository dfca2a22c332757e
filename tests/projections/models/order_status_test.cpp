// order_status: lifecycle, holds and the three derived axes.
#include "projections/models/order_status.h"

#include "tests/projections/order_story.h"

namespace orderlog::projections::test {
namespace {

using schema::BillingState;
using schema::FulfilmentState;
using schema::OrderLifecycle;
using schema::SettlementState;
using Row = schema::OrderStatusRowT;

struct OrderStatus : ::testing::Test {
  World world{{order_status_model()}};
  WrittenLog& log = world.written;
  OrderStory order{log,
                   "O-1",
                   "ACME",
                   {{.line = 1, .promised = day("2024-01-20")},
                    {.line = 2, .product = "P-2", .count = 4, .promised = day("2024-01-25")}}};

  Row row() {
    world.catch_up();
    return world.row<Row>("order_status", "O-1");
  }
};

TEST_F(OrderStatus, ASubmittedOrderIsKnownByItsHeader) {
  order.submit();
  const Row got = row();
  EXPECT_EQ(got.order_id, "O-1");
  EXPECT_EQ(got.customer_id, "ACME");
  EXPECT_EQ(got.external_reference, "PO-O-1");
  EXPECT_EQ(got.lifecycle, OrderLifecycle::Submitted);
  EXPECT_EQ(got.fulfilment, FulfilmentState::open);
  EXPECT_EQ(got.billing, BillingState::not_invoiced);
  EXPECT_EQ(got.payment, SettlementState::unpaid);
  EXPECT_EQ(got.total, usd(15'400));
  EXPECT_EQ(got.open_amount, usd(15'400));
  EXPECT_EQ(*got.promised_date, day("2024-01-25"));  // the latest line's
  EXPECT_EQ(got.version, 1U);
}

TEST_F(OrderStatus, HoldsAreASet) {
  order.submit();
  for (const auto reason :
       {schema::HoldReason::Credit, schema::HoldReason::Stock, schema::HoldReason::Credit}) {
    schema::OrderHeldT held;
    held.reason = reason;
    log.add("O-1", std::move(held));
  }
  EXPECT_EQ(row().holds.size(), 2U);
  schema::OrderHoldReleasedT released;
  released.reason = schema::HoldReason::Credit;
  log.add("O-1", std::move(released));
  EXPECT_EQ(row().holds, std::vector{schema::HoldReason::Stock});
}

TEST_F(OrderStatus, FulfilmentFollowsTheCountersOfTheLines) {
  order.place();
  EXPECT_EQ(row().lifecycle, OrderLifecycle::InFulfilment);
  order.reserve(1, 10);
  EXPECT_EQ(row().fulfilment, FulfilmentState::partially_reserved);
  order.reserve(2, 4);
  EXPECT_EQ(row().fulfilment, FulfilmentState::reserved);
  order.pick("S-1", 1, 10);
  EXPECT_EQ(row().fulfilment, FulfilmentState::picking);
  order.ship("S-1", 1, 10, day("2024-01-18"));
  Row got = row();
  EXPECT_EQ(got.fulfilment, FulfilmentState::partially_shipped);
  EXPECT_EQ(got.open_amount, usd(4'400));
  EXPECT_EQ(*got.actual_date, day("2024-01-18"));
  EXPECT_EQ(got.lines[0]->picked.milli(), 0);
  order.deliver("S-1", 1, 10, day("2024-01-19"));
  EXPECT_EQ(row().fulfilment, FulfilmentState::partially_delivered);
  order.ship("S-2", 2, 4, day("2024-01-24"));
  order.deliver("S-2", 2, 4, day("2024-01-27"));
  got = row();
  EXPECT_EQ(got.fulfilment, FulfilmentState::delivered);
  EXPECT_EQ(got.open_amount, usd(0));
  EXPECT_EQ(*got.actual_date, day("2024-01-27"));
  EXPECT_EQ(got.late_days, 2);
}

TEST_F(OrderStatus, ACancelledShipmentGivesItsGoodsBackToReserved) {
  order.place();
  order.reserve(1, 10);
  order.reserve(2, 4);
  order.pick("S-1", 1, 10);
  schema::OrderShipmentCancelledT cancelled;
  cancelled.shipment_id = "S-1";
  cancelled.lines.push_back(own(schema::ShippedQuantityT()));
  cancelled.lines.back()->line = 1;
  cancelled.lines.back()->quantity = units(10);
  log.add("O-1", std::move(cancelled));
  EXPECT_EQ(row().fulfilment, FulfilmentState::reserved);
}

TEST_F(OrderStatus, ABackorderedOrderSaysSo) {
  order.place();
  order.reserve(1, 0, 10);
  order.reserve(2, 0, 4);
  EXPECT_EQ(row().fulfilment, FulfilmentState::backordered);
}

TEST_F(OrderStatus, WhatIsCancelledLeavesTheAmounts) {
  order.place();
  order.reserve(1, 10);
  order.cancel(1, 4, day("2024-01-16"));
  Row got = row();
  EXPECT_EQ(got.total, usd(11'000));
  EXPECT_EQ(got.open_amount, usd(11'000));
  EXPECT_EQ(got.lines[0]->reserved.milli(), 6'000);
  order.cancel(1, 6, day("2024-01-16"));
  order.cancel(2, 4, day("2024-01-16"));
  order.cancel_order();
  got = row();
  EXPECT_EQ(got.lifecycle, OrderLifecycle::Cancelled);
  EXPECT_EQ(got.fulfilment, FulfilmentState::cancelled);
  EXPECT_EQ(got.open_amount, usd(0));
}

TEST_F(OrderStatus, BillingAndPaymentAreTheirOwnAxes) {
  order.place();
  order.ship("S-1", 1, 10, day("2024-01-18"));
  const auto invoice = [&](std::uint32_t line, std::int64_t count, bool credited) {
    schema::OrderLinesInvoicedT event;
    event.invoice_id = "I-1";
    event.credited = credited;
    event.lines.push_back(own(schema::ShippedQuantityT()));
    event.lines.back()->line = line;
    event.lines.back()->quantity = units(count);
    log.add("O-1", std::move(event));
  };
  const auto pay = [&](std::int64_t paid) {
    schema::OrderPaymentRecordedT event;
    event.paid = usd(paid);
    log.add("O-1", std::move(event));
  };
  invoice(1, 10, false);
  EXPECT_EQ(row().billing, BillingState::partially_invoiced);
  invoice(2, 4, false);
  EXPECT_EQ(row().billing, BillingState::invoiced);
  invoice(2, 4, true);
  EXPECT_EQ(row().billing, BillingState::partially_invoiced);
  pay(5'000);
  EXPECT_EQ(row().payment, SettlementState::partially_paid);
  pay(15'400);
  EXPECT_EQ(row().payment, SettlementState::paid);
  pay(15'401);
  EXPECT_EQ(row().payment, SettlementState::overpaid);
}

TEST_F(OrderStatus, ListsFollowTheStateAndTheNewestIsFirst) {
  order.submit();
  log.now += us_per_hour;
  OrderStory second(log, "O-2", "ACME", {{.promised = day("2024-02-01")}});
  second.place();
  log.now += us_per_hour;
  OrderStory third(log, "O-3", "BETA", {{.promised = day("2024-02-01")}});
  third.place();
  world.catch_up();
  const auto ids = [&](Parameters parameters) {
    std::vector<std::string> result;
    for (const Row& r : world.rows<Row>("order_status", std::move(parameters), 1)) {
      result.push_back(r.order_id);
    }
    return result;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids({}), (Ids{"O-3", "O-2", "O-1"}));
  EXPECT_EQ(ids({{"customer_id", "ACME"}}), (Ids{"O-2", "O-1"}));
  EXPECT_EQ(ids({{"lifecycle", "Submitted"}}), (Ids{"O-1"}));
  EXPECT_EQ(ids({{"lifecycle", "Draft"}}), (Ids{}));
  EXPECT_EQ(ids({{"fulfilment", "open"}}), (Ids{"O-3", "O-2", "O-1"}));
  order.approve();
  order.release();
  world.catch_up();
  EXPECT_EQ(ids({{"lifecycle", "Submitted"}}), (Ids{}));
  EXPECT_EQ(ids({{"lifecycle", "InFulfilment"}}), (Ids{"O-3", "O-2", "O-1"}));
}

TEST_F(OrderStatus, BadParametersGetAClearError) {
  world.catch_up();
  const auto code = [&](Parameters parameters) {
    return world.ask("order_status", std::move(parameters)).error().code;
  };
  EXPECT_EQ(code({{"lifecycle", "Lost"}}), ErrorCode::InvalidArgument);
  EXPECT_EQ(code({{"colour", "red"}}), ErrorCode::InvalidArgument);
  EXPECT_EQ(code({{"lifecycle", "Draft"}, {"customer_id", "ACME"}}), ErrorCode::InvalidArgument);
  EXPECT_EQ(world.ask("no_such_report").error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace orderlog::projections::test
