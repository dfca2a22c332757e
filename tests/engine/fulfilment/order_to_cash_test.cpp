// Whole stories from an order to its money, and what goes wrong on the way (domain.md 3.6 - 3.17).
#include "engine/order/status.h"
#include "tests/engine/fulfilment/story.h"

namespace orderlog::engine::test {
namespace {

using schema::HoldReason;
using schema::OrderLifecycle;

TEST(OrderToCash, AnOrderInStockIsApprovedShippedInvoicedPaidAndCompleted) {
  Story story;
  story.receive("P-1", 100);
  story.receive("P-2", 100);
  story.place({.lines = {{"P-1", 10}, {"P-2", 4}}, .freight_minor = 500});
  story.expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  EXPECT_EQ(story.order("O-1").totals->total.minor(), 10 * 1'000 + 4 * 250 + 500);
  ASSERT_EQ(story.count<schema::ShipmentPlannedT>("O-1-S1"), 1);

  story.dispatch("O-1-S1");
  EXPECT_EQ(story.count<schema::StockIssuedT>(), 2);
  const auto issued = story.last<schema::InvoiceIssuedT>("O-1-I1");
  EXPECT_EQ(issued.total.minor(), 11'500);
  EXPECT_EQ(issued.number, 1u);
  story.deliver("O-1-S1");
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Completed);

  story.pay("PAY-1", "O-1-I1", 11'500);
  story.expect_accepted();
  EXPECT_EQ(order::payment_of(story.order("O-1")), order::PaymentStatus::Paid);
  EXPECT_EQ(story.count<schema::InvoicePaidT>("O-1-I1"), 1);
  const auto& account = story.state<CreditAggregate>("C-1");
  EXPECT_EQ(account.exposures.sums().total(), 0);
  EXPECT_EQ(account.unapplied_minor, 0);
  story.expect_sound();
}

// How much is written for an order of one line; more of it costs speed.
TEST(OrderToCash, AnOrderOfOneLineTakesFewEvents) {
  Story story;
  story.receive("P-1", 100);
  const auto before = story.log().size();
  story.place({});
  // Submitted, credit reserved, two checks, approved, released, reserved twice, shipment requested
  // and planned.
  EXPECT_EQ(story.log().size() - before, 10u);
}

TEST(OrderToCash, ATransferServesTheOrderThatWaits) {
  Story story;
  story.receive("P-1", 10, "NORTH");
  story.place({});
  EXPECT_EQ(story.line("O-1", 1).backordered, 10'000);
  schema::TransferStockT transfer;
  transfer.stock_item_id = "P-1@NORTH";
  transfer.to_location = "MAIN";
  transfer.quantity = Quantity(10'000);
  story.give(transfer);
  story.expect_accepted();
  EXPECT_EQ(story.count<schema::StockTransferredInT>("P-1@MAIN"), 1);
  EXPECT_EQ(story.state<StockAggregate>("P-1@NORTH").totals.on_hand, 0);
  EXPECT_EQ(story.line("O-1", 1).reserved, 10'000);
  story.expect_sound();
}

TEST(OrderToCash, AShortageIsBackorderedAndFilledWhenStockComes) {
  Story story;
  story.receive("P-1", 4);
  story.place({});
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  EXPECT_EQ(story.line("O-1", 1).reserved, 4'000);
  EXPECT_EQ(story.line("O-1", 1).backordered, 6'000);
  // Nothing was expected: the promise allows for ordering more.
  EXPECT_GT(story.line("O-1", 1).terms->promised_date.value(), story.today() + 14);
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>(), 1) << "what is there goes at once";

  story.receive("P-1", 20);
  EXPECT_EQ(story.line("O-1", 1).backordered, 0);
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>("O-1-S2"), 1);
  story.dispatch("O-1-S1");
  story.dispatch("O-1-S2");
  EXPECT_EQ(story.state<StockAggregate>("P-1@MAIN").totals.on_hand, 14'000);
  const auto first = story.last<schema::InvoiceIssuedT>("O-1-I1");
  const auto second = story.last<schema::InvoiceIssuedT>("O-1-I2");
  EXPECT_EQ(first.total.minor() + second.total.minor(), 10'000);
  story.expect_sound();
}

TEST(OrderToCash, AllAtOnceWaitsForEverything) {
  Story story;
  story.receive("P-1", 10);
  story.place({.lines = {{"P-1", 5}, {"P-2", 5}}, .partial = schema::PartialDelivery::AllAtOnce});
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>(), 0);
  const auto& order = story.order("O-1");
  EXPECT_EQ(order.lines[0]->terms->promised_date, order.lines[1]->terms->promised_date)
      << "one delivery is as late as its latest line";
  story.receive("P-2", 5);
  ASSERT_EQ(story.count<schema::ShipmentPlannedT>(), 1);
  EXPECT_EQ(story.last<schema::ShipmentPlannedT>().lines.size(), 2u);
  story.expect_sound();
}

TEST(OrderToCash, TheLastParcelWaitsForTheRest) {
  Story story;
  story.policy.order.parcels_max = 2;
  story.receive("P-1", 2);
  story.place({});
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>(), 1);
  story.receive("P-1", 3);
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>(), 1) << "the second parcel is the last";
  story.receive("P-1", 5);
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>(), 2);
  story.dispatch("O-1-S1");
  story.deliver("O-1-S1");
  story.dispatch("O-1-S2");
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  story.deliver("O-1-S2");
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Completed);
  story.expect_sound();
}

TEST(OrderToCash, CreditRefusedHoldsTheOrderUntilSomeoneWithTheRightOverrides) {
  Story story;
  story.add_customer("C-2", 5'000);
  story.receive("P-1", 100);
  story.place({.customer_id = "C-2"});
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Submitted);
  EXPECT_TRUE(story.held("O-1", HoldReason::Credit));
  schema::ReleaseHoldT release;
  release.order_id = "O-1";
  release.reason = HoldReason::Credit;
  story.as("sam", schema::Role::Sales).give(release).expect_rejected(RejectionCode::Forbidden);
  story.as("cleo", schema::Role::CreditOfficer).give(release).expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  EXPECT_TRUE(story.last<schema::CreditReservedT>("C-2").overridden);
  EXPECT_EQ(story.count<schema::CreditReservedT>("C-2"), 1);
  story.expect_sound();
}

TEST(OrderToCash, TheSameOrderTwiceIsSuspectedAndMayBeReleased) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.place({.order_id = "O-2"});
  EXPECT_TRUE(story.held("O-2", HoldReason::DuplicateSuspected));
  EXPECT_EQ(story.lifecycle("O-2"), OrderLifecycle::Submitted);
  schema::ReleaseHoldT release;
  release.order_id = "O-2";
  release.reason = HoldReason::DuplicateSuspected;
  story.as("sam", schema::Role::Sales).give(release).expect_accepted();
  EXPECT_EQ(story.lifecycle("O-2"), OrderLifecycle::InFulfilment);
  story.advance_to(story.now() + 11 * 60 * us_per_second);
  story.place({.order_id = "O-3"});
  EXPECT_FALSE(story.held("O-3", HoldReason::DuplicateSuspected)) << "the window has passed";
  story.expect_sound();
}

TEST(OrderToCash, AnExternalReferenceIsTakenOnceAndFreeAgainAfterCancelling) {
  Story story;
  story.receive("P-1", 100);
  story.place({.external_reference = "PO-7"});
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  story.place({.order_id = "O-2", .lines = {{"P-1", 3}}, .external_reference = "PO-7"});
  EXPECT_EQ(story.lifecycle("O-2"), OrderLifecycle::Rejected);
  EXPECT_EQ(story.state<ReferenceAggregate>("C-1/PO-7").order_id, "O-1");
  story.cancel("O-1");
  story.expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Cancelled);
  story.place({.order_id = "O-3", .lines = {{"P-1", 3}}, .external_reference = "PO-7"});
  EXPECT_EQ(story.lifecycle("O-3"), OrderLifecycle::InFulfilment);
  story.expect_sound();
}

TEST(OrderToCash, ALargeOrderIsApprovedTierByTier) {
  Story story;
  story.receive("P-1", 10'000);
  story.add_customer("C-9", 1'000'000'000);
  story.place({.customer_id = "C-9", .lines = {{"P-1", 2'000}}});  // 20,000.00
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Submitted);
  const auto asked = story.last<schema::ApprovalRequestedT>();
  EXPECT_EQ(asked.requested_by, "sam");
  ASSERT_FALSE(asked.tiers.empty());
  const std::string approval = story.order("O-1").approval_id;
  EXPECT_EQ(approval.rfind("order/O-1/", 0), 0u);
  for (std::size_t tier = 0; tier < asked.tiers.size(); ++tier) {
    schema::ApproveTierT approve;
    approve.approval_id = approval;
    approve.tier = static_cast<std::uint8_t>(tier + 1);
    story.as("boss" + std::to_string(tier), asked.tiers[tier]).give(approve).expect_accepted();
  }
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  EXPECT_EQ(story.last<schema::OrderApprovedT>("O-1").approval_id, approval);
  story.expect_sound();
}

TEST(OrderToCash, ARefusedApprovalRejectsAndGivesCreditBack) {
  Story story;
  story.receive("P-1", 10'000);
  story.place({.discount_ppm = 200'000});  // above a salesperson's 5 %
  const std::string approval = story.order("O-1").approval_id;
  ASSERT_FALSE(approval.empty());
  EXPECT_NE(story.last<schema::ApprovalRequestedT>().reason.find("line 1"), std::string::npos);
  schema::RefuseTierT refuse;
  refuse.approval_id = approval;
  refuse.tier = 1;
  refuse.reason = "too cheap";
  story.as("max", schema::Role::Manager).give(refuse).expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Rejected);
  EXPECT_EQ(story.state<CreditAggregate>("C-1").exposures.sums().total(), 0);
  story.expect_sound();
}

TEST(OrderToCash, APrepaymentReleasesTheOrderAndPaysItsInvoice) {
  Story story;
  story.receive("P-1", 100);
  story.place({.prepayment_ppm = 500'000});
  EXPECT_TRUE(story.held("O-1", HoldReason::Payment));
  story.pay_in_advance("PAY-1", "O-1", 3'000);
  EXPECT_TRUE(story.held("O-1", HoldReason::Payment)) << "not enough yet";
  story.pay_in_advance("PAY-2", "O-1", 2'000);
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  story.dispatch("O-1-S1");
  EXPECT_EQ(story.count<schema::InvoicePaymentAppliedT>("O-1-I1"), 2);
  EXPECT_EQ(story.order("O-1").paid_total, 5'000);
  EXPECT_EQ(order::received_minor(story.order("O-1")), 5'000) << "counted once";
  EXPECT_EQ(story.state<CreditAggregate>("C-1").unapplied_minor, 0);
  story.expect_sound();
}

TEST(OrderToCash, CashInAdvanceForANewCustomerWithoutALimit) {
  Story story;
  story.add_customer("C-3", 0);
  story.receive("P-1", 100);
  story.place({.customer_id = "C-3"});
  EXPECT_TRUE(story.held("O-1", HoldReason::Payment));
  story.pay_in_advance("PAY-1", "O-1", 10'000);
  EXPECT_NE(story.lifecycle("O-1"), OrderLifecycle::Cancelled);
  EXPECT_EQ(story.count<schema::CreditReservedT>("C-3"), 1);
  story.advance_days(3);
  EXPECT_NE(story.lifecycle("O-1"), OrderLifecycle::Cancelled) << "it is paid";
  story.expect_sound();
}

TEST(OrderToCash, AnUnpaidOrderExpires) {
  Story story;
  story.receive("P-1", 100);
  story.place({.prepayment_ppm = 500'000});
  story.advance_days(1);
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Cancelled);
  EXPECT_EQ(story.state<CreditAggregate>("C-1").exposures.sums().total(), 0);
  story.expect_sound();
}

TEST(OrderToCash, AnAcceptedQuoteBecomesAnOrderAtItsPrices) {
  Story story;
  story.receive("P-1", 100);
  schema::DraftQuoteT draft;
  draft.quote_id = "Q-1";
  draft.customer_id = "C-1";
  draft.currency = schema::Currency::USD;
  draft.salesperson = "sam";
  auto line = std::make_unique<schema::QuoteLineRequestT>();
  line->line = 1;
  line->product_id = "P-1";
  line->quantity = Quantity(10'000);
  line->discount_ppm = 40'000;
  draft.lines.push_back(std::move(line));
  story.as("sam", schema::Role::Sales).give(std::move(draft)).expect_accepted();
  schema::SubmitQuoteT submit;
  submit.quote_id = "Q-1";
  story.give(submit).expect_accepted();
  schema::IssueQuoteT issue;
  issue.quote_id = "Q-1";
  story.give(issue).expect_accepted();
  schema::AcceptQuoteT accept;
  accept.quote_id = "Q-1";
  story.give(accept).expect_accepted();
  schema::PlaceOrderFromQuoteT place;
  place.quote_id = "Q-1";
  place.order_id = "O-1";
  story.give(std::move(place)).expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  EXPECT_EQ(story.order("O-1").totals->net.minor(), 9'600);
  EXPECT_EQ(story.order("O-1").header->quote_id, "Q-1");
  story.expect_sound();
}

TEST(OrderToCash, AnImportedOrderIsRecordedAndShippedByItsOwnShipment) {
  Story story;
  auto command = story.order_command({});
  command.header->promised_date = story.today() + 5;
  command.header->backorder = schema::BackorderWish::Never;
  story.as_import().give(std::move(command));
  story.expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  EXPECT_EQ(story.line("O-1", 1).terms->promised_date.value(), story.today() + 5);
  EXPECT_FALSE(story.line("O-1", 1).terms->ship_by.has_value());
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>(), 0) << "the import brings its own";

  schema::PlanShipmentT plan;
  plan.shipment_id = "DELIVERY-9";
  plan.order_id = "O-1";
  plan.customer_id = "C-1";
  auto line = std::make_unique<schema::ShipmentLineT>();
  line->line = 1;
  line->product_id = "P-1";
  line->stock_item_id = "P-1@MAIN";
  line->reservation_id = "O-1/1";
  line->quantity = Quantity(10'000);
  plan.lines.push_back(std::move(line));
  story.give(std::move(plan)).expect_accepted();
  schema::DispatchShipmentT dispatch;
  dispatch.shipment_id = "DELIVERY-9";
  story.give(std::move(dispatch)).expect_accepted();
  schema::ConfirmDeliveryT confirm;
  confirm.shipment_id = "DELIVERY-9";
  story.give(std::move(confirm)).expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Completed);
  EXPECT_EQ(story.last<schema::OrderLinesDeliveredT>("O-1").lines[0]->late_days, 0);
  story.expect_sound();
}

TEST(OrderToCash, AParcelThatIsWorthTooLittleWaitsForMore) {
  Story story;
  story.policy.order.parcel_value_min_minor = 5'000;
  story.receive("P-1", 4);  // of ten at 10.00
  story.place({});
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>(), 0);
  story.receive("P-1", 2);
  EXPECT_EQ(story.last<schema::ShipmentPlannedT>("O-1-S1").lines.at(0)->quantity.milli(), 6'000);
  story.receive("P-1", 3);
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>(), 1);
  story.receive("P-1", 1);
  EXPECT_EQ(story.last<schema::ShipmentPlannedT>("O-1-S2").lines.at(0)->quantity.milli(), 4'000)
      << "the last takes what is left, whatever it is worth";
  story.expect_sound();
}

TEST(OrderToCash, AWriteOffNeedsTheConsentOfAnother) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.dispatch("O-1-S1");
  story.deliver("O-1-S1");
  schema::WriteOffBalanceT write_off;
  write_off.invoice_id = "O-1-I1";
  write_off.reason = "insolvent";
  story.as("maria", schema::Role::Admin).give(std::move(write_off)).expect_accepted();
  const auto requested = story.last<schema::WriteOffRequestedT>();
  schema::ApproveTierT approve;
  approve.approval_id = requested.approval_id;
  story.give(approve).expect_rejected(RejectionCode::Forbidden);
  EXPECT_EQ(story.count<schema::InvoiceWrittenOffT>(), 0);
  story.as("max", schema::Role::Manager).give(approve).expect_accepted();
  EXPECT_EQ(story.last<schema::InvoiceWrittenOffT>().approval_id, requested.approval_id);
  EXPECT_EQ(story.state<CreditAggregate>("C-1").exposures.sums().total(), 0);
  story.expect_sound();
}

}  // namespace
}  // namespace orderlog::engine::test
