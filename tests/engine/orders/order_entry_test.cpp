// The way in: what an order needs, what it gets by default, what is refused
// (domain.md 3.6, 4.2, 4.4).
#include "tests/engine/orders/order_fixture.h"

namespace orderlog::engine::test {
namespace {

using schema::OrderLifecycle;

TEST(OrderEntry, PlacingSubmitsWithDefaultsPricesAndDates) {
  OrderScenario order;
  auto command = OrderScenario::place_command();
  command.lines.push_back(OrderScenario::request(0, "P-2", 3));
  order.when(std::move(command));
  const auto& event = order.then<schema::OrderSubmittedT>();
  EXPECT_EQ(event.header->currency, usd);
  EXPECT_EQ(event.header->time_zone, "Europe/Berlin");
  EXPECT_EQ(event.header->salesperson, "sam");
  EXPECT_EQ(event.header->region, "DE");
  EXPECT_EQ(event.header->customer_grade, schema::Grade::A);
  EXPECT_EQ(event.totals->total.minor(), 10'750);
  EXPECT_EQ(event.totals->base_total.minor(), 10'750);
  EXPECT_EQ(event.lines[1]->line, 2u) << "numbered after the others";
  EXPECT_EQ(event.lines[0]->location, "MAIN");
  EXPECT_TRUE(event.lines[0]->promised_date.has_value());
  EXPECT_EQ(event.credit->amount.minor(), 10'750);
  EXPECT_NE(event.credit->line_fingerprint, 0u);
  ASSERT_EQ(event.availability.size(), 2u);
  EXPECT_EQ(event.availability[1]->stock_item_id, "P-2@MAIN");
  order.then_no_more();
}

TEST(OrderEntry, AHeaderDiscountAndItsTaxAreSpreadToTheMinorUnit) {
  OrderScenario order;
  order.policy.tax.default_rate_ppm = 190'000;
  auto command = OrderScenario::place_command();
  command.lines.clear();
  for (std::uint32_t i = 1; i <= 3; ++i) {
    command.lines.push_back(OrderScenario::request(i, "P-2", 1));
  }
  command.header->header_discount = Money(100, usd);
  order.when(std::move(command));
  const auto& event = order.then<schema::OrderSubmittedT>();
  EXPECT_EQ(event.totals->gross.minor(), 750);
  EXPECT_EQ(event.totals->discount.minor(), 100);
  EXPECT_EQ(event.totals->net.minor(), 650);
  order.then_no_more();
}

TEST(OrderEntry, AHeaderDiscountOnPricesWithTaxIsOneOfThePricesWithTax) {
  OrderScenario order;
  order.policy.tax.default_rate_ppm = 190'000;
  order.policy.tax.included = true;
  auto command = OrderScenario::place_command();
  command.lines.clear();
  for (std::uint32_t i = 1; i <= 3; ++i) {
    command.lines.push_back(OrderScenario::request(i, "P-2", 1));
  }
  command.header->header_discount = Money(100, usd);
  order.when(std::move(command));
  const auto& event = order.then<schema::OrderSubmittedT>();
  EXPECT_EQ(event.totals->total.minor(), 650) << "three at 2.50 less 1.00";
  EXPECT_EQ(event.totals->net.minor() + event.totals->tax.minor(), 650);
  EXPECT_EQ(event.totals->gross.minor() - event.totals->discount.minor(),
            event.totals->net.minor());
  order.then_no_more();
}

struct Refused {
  const char* name;
  void (*change)(OrderScenario&, schema::PlaceOrderT&);
  RejectionCode code;
  const char* pointer;
};

class OrderRefused : public testing::TestWithParam<Refused> {};

TEST_P(OrderRefused, SaysWhy) {
  OrderScenario order;
  auto command = OrderScenario::place_command();
  GetParam().change(order, command);
  order.when(std::move(command));
  order.then_rejected(GetParam().code, GetParam().pointer);
}

const Refused refused[] = {
    {"NoLines", [](OrderScenario&, schema::PlaceOrderT& c) { c.lines.clear(); },
     RejectionCode::InvalidArgument, "/lines"},
    {"NoQuantity",
     [](OrderScenario&, schema::PlaceOrderT& c) { c.lines[0]->quantity = Quantity(0); },
     RejectionCode::InvalidArgument, "/lines/0/quantity"},
    {"NegativeQuantity",
     [](OrderScenario&, schema::PlaceOrderT& c) { c.lines[0]->quantity = Quantity(-1); },
     RejectionCode::InvalidArgument, "/lines/0/quantity"},
    {"TooMuch",
     [](OrderScenario&, schema::PlaceOrderT& c) {
       c.lines[0]->quantity = Quantity(1'000'000'000'001);
     },
     RejectionCode::LimitExceeded, "/lines/0/quantity"},
    {"UnknownProduct",
     [](OrderScenario&, schema::PlaceOrderT& c) { c.lines[0]->product_id = "P-9"; },
     RejectionCode::NotFound, "/lines/0/product_id"},
    {"DiscontinuedProduct",
     [](OrderScenario& o, schema::PlaceOrderT&) {
       o.reference.products["P-1"].status = schema::ProductStatus::Discontinued;
     },
     RejectionCode::InvalidTransition, "/lines/0/product_id"},
    {"UnknownCustomer",
     [](OrderScenario&, schema::PlaceOrderT& c) {
       c.header->customer_id = "C-9";
       c.header->currency = usd;
     },
     RejectionCode::NotFound, "/header/customer_id"},
    {"InactiveCustomer",
     [](OrderScenario& o, schema::PlaceOrderT&) {
       o.reference.customers["C-1"].status = schema::CustomerStatus::Inactive;
     },
     RejectionCode::InvalidTransition, "/header/customer_id"},
    {"NoAddress",
     [](OrderScenario& o, schema::PlaceOrderT&) {
       o.reference.customers["C-1"].profile->address.reset();
     },
     RejectionCode::InvalidArgument, "/header/ship_to"},
    {"NoCurrency",
     [](OrderScenario& o, schema::PlaceOrderT&) {
       o.reference.customers["C-1"].profile->currency = schema::Currency::None;
     },
     RejectionCode::InvalidArgument, "/header/currency"},
    {"PastDate",
     [](OrderScenario& o, schema::PlaceOrderT& c) {
       c.header->requested_date = utc_day(o.now()) - 1;
     },
     RejectionCode::InvalidArgument, "/header/requested_date"},
    {"SameLineTwice",
     [](OrderScenario&, schema::PlaceOrderT& c) {
       c.lines.push_back(OrderScenario::request(1, "P-2", 1));
     },
     RejectionCode::InvalidArgument, "/lines/1/line"},
    {"AtSignInProduct",
     [](OrderScenario&, schema::PlaceOrderT& c) { c.lines[0]->product_id = "P@1"; },
     RejectionCode::InvalidArgument, "/lines/0/product_id"},
    {"UnknownZone",
     [](OrderScenario&, schema::PlaceOrderT& c) { c.header->time_zone = "Mars/Base"; },
     RejectionCode::InvalidArgument, "/header/time_zone"},
    {"ForeignCurrencyWithoutRate",
     [](OrderScenario&, schema::PlaceOrderT& c) {
       c.header->currency = schema::Currency::EUR;
       c.lines[0]->unit_price = UnitPrice(1'000, schema::Currency::EUR, 2);
     },
     RejectionCode::CurrencyMismatch, "/header/exchange_rate"},
    {"DiscountAboveTheLines",
     [](OrderScenario&, schema::PlaceOrderT& c) { c.header->header_discount = Money(10'001, usd); },
     RejectionCode::InvalidArgument, "/header/header_discount"},
    {"FreightInAnotherCurrency",
     [](OrderScenario&, schema::PlaceOrderT& c) {
       c.header->freight = Money(1, schema::Currency::EUR);
     },
     RejectionCode::CurrencyMismatch, "/header/freight"},
    {"Overflow",
     [](OrderScenario&, schema::PlaceOrderT& c) {
       c.lines[0]->quantity = Quantity(1'000'000'000'000);
       c.lines[0]->unit_price = UnitPrice(1'000'000'000'000'000'000, usd, 0);
     },
     RejectionCode::Overflow, "/lines/0/quantity"},
};

INSTANTIATE_TEST_SUITE_P(Bad, OrderRefused, testing::ValuesIn(refused),
                         [](const auto& tested) { return tested.param.name; });

TEST(OrderEntry, AnOldExchangeRateHoldsTheOrderForItsPrice) {
  OrderScenario order;
  auto command = OrderScenario::place_command();
  command.header->currency = schema::Currency::EUR;
  command.lines[0]->unit_price = UnitPrice(1'000, schema::Currency::EUR, 2);
  command.header->exchange_rate = std::make_unique<schema::ExchangeRateT>();
  command.header->exchange_rate->mantissa = 11;
  command.header->exchange_rate->scale = 1;
  command.header->exchange_rate->at = order.now() - 25 * us_per_hour;
  order.when(std::move(command));
  EXPECT_EQ(order.then<schema::OrderSubmittedT>().totals->base_total.minor(), 11'000);
  EXPECT_EQ(order.then<schema::OrderHeldT>().reason, schema::HoldReason::Price);
  order.then_no_more();
}

TEST(OrderEntry, ADraftIsChangedPricedAnewAndSubmittedOnce) {
  OrderScenario order;
  schema::DraftOrderT draft;
  draft.order_id = "O-1";
  draft.header = OrderScenario::header();
  draft.lines.push_back(OrderScenario::request(1, "P-1", 10));
  order.when(std::move(draft));
  order.then<schema::OrderDraftedT>();
  order.then_no_more();

  schema::ChangeOrderLinesT change;
  change.order_id = "O-1";
  change.set.push_back(OrderScenario::request(1, "P-1", 2));
  change.set.push_back(OrderScenario::request(0, "P-2", 4));
  order.when(std::move(change));
  EXPECT_EQ(order.then<schema::OrderLineChangedT>().line->quantity.milli(), 2'000);
  const auto& added = order.then<schema::OrderLineAddedT>();
  EXPECT_EQ(added.line->line, 2u);
  EXPECT_EQ(added.totals->total.minor(), 3'000);
  order.then_no_more();

  schema::ChangeOrderLinesT remove;
  remove.order_id = "O-1";
  remove.remove.push_back(1);
  order.when(remove);
  EXPECT_EQ(order.then<schema::OrderLineRemovedT>().totals->total.minor(), 1'000);
  order.then_no_more();
  remove.remove[0] = 9;
  order.when(remove);
  order.then_rejected(RejectionCode::NotFound);

  schema::SubmitOrderT submit;
  submit.order_id = "O-1";
  order.when(submit);
  EXPECT_EQ(order.then<schema::OrderSubmittedT>().lines.size(), 1u);
  order.then_no_more();
  order.when(submit);
  order.then_rejected(RejectionCode::InvalidTransition);
  schema::ChangeOrderLinesT late;
  late.order_id = "O-1";
  late.set.push_back(OrderScenario::request(2, "P-2", 1));
  order.when(std::move(late));
  order.then_rejected(RejectionCode::InvalidTransition);
  EXPECT_EQ(order.state().lifecycle, OrderLifecycle::Submitted);
}

TEST(OrderEntry, AnOrderIsPlacedOnce) {
  OrderScenario order;
  order.submitted();
  order.person().when(OrderScenario::place_command());
  order.then_rejected(RejectionCode::AlreadyExists);
  order.engine_says().when(OrderScenario::place_command());
  order.then_nothing();
}

TEST(OrderEntry, ADiscountBeyondTheRoleNeedsAnApproval) {
  OrderScenario order;
  auto command = OrderScenario::place_command();
  command.lines[0]->discount_ppm = 60'000;
  order.when(std::move(command));
  EXPECT_FALSE(order.then<schema::OrderSubmittedT>().price_breach.empty());
  order.then_no_more();
  order.credit_granted();
  order.engine_says();
  schema::RecordAvailabilityT stock;
  stock.order_id = "O-1";
  stock.line = 1;
  stock.available = Quantity(10'000);
  order.when(stock);
  order.then<schema::OrderCheckPassedT>();
  const auto required = order.then<schema::OrderApprovalRequiredT>();
  EXPECT_EQ(required.approval_id, "order/O-1/" + std::to_string(required.version));
  order.then_no_more();

  schema::RecordOrderApprovalT other;
  other.order_id = "O-1";
  other.approval_id = "order/O-1/99";
  other.granted = true;
  order.when(other);
  order.then_nothing();
  other.approval_id = required.approval_id;
  order.when(other);
  order.then<schema::OrderApprovedT>();
  order.then<schema::OrderReleasedT>();
  order.then_no_more();
}

}  // namespace
}  // namespace orderlog::engine::test
