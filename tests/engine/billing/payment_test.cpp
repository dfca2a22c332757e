// How money comes in, once, and the ends a payment can come to.
#include "engine/payment/funds.h"
#include "tests/engine/billing/billing_builders.h"

namespace orderlog::engine::test {
namespace {

using schema::PaymentStage;

TEST(Payment, InitiatedAuthorizedCapturedInPartsSettled) {
  Payment payment("PAY-1");
  payment.when(initiate(usd(1'000)));
  EXPECT_EQ(payment.then<schema::PaymentInitiatedT>().method, "card");
  payment.when(authorize(usd(900), "auth-1"));
  EXPECT_EQ(payment.then<schema::PaymentAuthorizedT>().amount, usd(900));
  payment.when(capture(usd(400), "cap-1"));
  const auto& first = payment.then<schema::PaymentCapturedT>();
  EXPECT_EQ(first.amount, usd(400));
  EXPECT_EQ(first.captured, usd(400));
  EXPECT_EQ(first.unapplied, usd(400));
  EXPECT_EQ(first.customer_id, "C-1");
  payment.when(capture(usd(500), "cap-2"));
  EXPECT_EQ(payment.then<schema::PaymentCapturedT>().captured, usd(900));
  payment.when(payment_step<schema::SettlePaymentT>());
  EXPECT_EQ(payment.then<schema::PaymentSettledT>().amount, usd(900));
  EXPECT_EQ(payment.state().stage, PaymentStage::Settled);
  payment.when(payment_step<schema::SettlePaymentT>()).then_nothing();
}

TEST(Payment, ACaptureOnANewIdOpensIt) {
  Payment payment("PAY-1");
  auto transfer = capture(usd(500), "bank-7");
  transfer.order_id = "O-1";
  payment.when(std::move(transfer));
  EXPECT_EQ(payment.then<schema::PaymentCapturedT>().order_id, "O-1");
  EXPECT_EQ(payment.state().stage, PaymentStage::Captured);
  EXPECT_EQ(payment.state().customer_id, "C-1");
  EXPECT_EQ(payment.state().unapplied_minor, 500);

  Payment nobodys("PAY-1");
  auto command = capture(usd(500));
  command.customer_id.clear();
  nobodys.when(std::move(command)).then_rejected(RejectionCode::InvalidArgument, "/customer_id");
  nobodys.when(capture(usd(0))).then_rejected(RejectionCode::InvalidArgument, "/amount");
  nobodys.when(capture(Money(5, Currency::None)))
      .then_rejected(RejectionCode::InvalidArgument, "/amount");
}

TEST(Payment, CapturesNoMoreThanAuthorized) {
  Payment payment("PAY-1");
  payment.when(initiate(usd(1'000))).then_ignore();
  payment.when(authorize(usd(1'001))).then_rejected(RejectionCode::LimitExceeded, "/amount");
  payment.when(authorize(usd(1'000))).then_ignore();
  payment.when(capture(usd(600), "cap-1")).then_ignore();
  payment.when(capture(usd(401), "cap-2")).then_rejected(RejectionCode::LimitExceeded, "/amount");
  payment.when(capture(usd(400), "cap-2")).then_ignore();
  payment.when(capture(usd(1), "cap-3")).then_rejected(RejectionCode::LimitExceeded, "/amount");

  // A transfer has arrived as a whole.
  Payment transfer("PAY-1");
  transfer.when(capture(usd(500))).then_ignore();
  transfer.when(capture(usd(500))).then_rejected(RejectionCode::LimitExceeded, "/amount");
}

TEST(Payment, AProvidersMessageCountsOnce) {
  Payment payment("PAY-1");
  payment.when(initiate(usd(1'000))).then_ignore();
  payment.when(authorize(usd(1'000), "tx-1")).then_ignore();
  payment.when(authorize(usd(1'000), "tx-1")).then_nothing();
  // The provider's one transaction: its capture is not a repeat of the authorization.
  payment.when(capture(usd(300), "tx-1"));
  payment.then<schema::PaymentCapturedT>();
  payment.when(capture(usd(300), "tx-1")).then_nothing();
  payment.when(payment_step<schema::SettlePaymentT>()).then_ignore();
  payment.when(capture(usd(300), "tx-1")).then_nothing();
  EXPECT_EQ(payment.state().captured_minor, 300);
}

TEST(Payment, AnotherCurrencyOrCustomerIsRefused) {
  Payment payment("PAY-1");
  payment.when(initiate(usd(1'000))).then_ignore();
  payment.when(authorize(eur(1'000))).then_rejected(RejectionCode::CurrencyMismatch, "/amount");
  payment.when(authorize(usd(1'000))).then_ignore();
  payment.when(capture(eur(1))).then_rejected(RejectionCode::CurrencyMismatch, "/amount");
  auto other = capture(usd(1));
  other.customer_id = "C-2";
  payment.when(std::move(other)).then_rejected(RejectionCode::InvalidArgument, "/customer_id");
  payment.when(capture(usd(10))).then_ignore();
  payment.when(allocate("INV-1", eur(1))).then_rejected(RejectionCode::CurrencyMismatch);
  payment.when(request_refund("R", eur(1))).then_rejected(RejectionCode::CurrencyMismatch);
}

TEST(Payment, StepsOutOfOrder) {
  Payment unknown("PAY-1");
  unknown.when(authorize(usd(1))).then_rejected(RejectionCode::NotFound);
  unknown.when(payment_step<schema::SettlePaymentT>()).then_rejected(RejectionCode::NotFound);

  Payment payment("PAY-1");
  payment.when(initiate(usd(1'000))).then_ignore();
  payment.when(initiate(usd(1'000))).then_rejected(RejectionCode::AlreadyExists);
  payment.when(capture(usd(1))).then_rejected(RejectionCode::InvalidTransition);
  payment.when(payment_step<schema::SettlePaymentT>())
      .then_rejected(RejectionCode::InvalidTransition);
  payment.when(allocate("INV-1", usd(1))).then_rejected(RejectionCode::InvalidTransition);
  payment.when(payment_step<schema::ChargeBackT>()).then_rejected(RejectionCode::InvalidTransition);
  payment.when(request_refund("R", usd(1))).then_rejected(RejectionCode::LimitExceeded);
  payment.when(authorize(usd(1'000))).then_ignore();
  payment.when(authorize(usd(1'000))).then_rejected(RejectionCode::InvalidTransition);
}

template <class CommandT, class EventT>
void expect_end(PaymentStage stage) {
  Payment payment("PAY-1");
  payment.when(initiate(usd(1'000))).then_ignore();
  auto command = payment_step<CommandT>();
  command.reason = "because";
  payment.when(command);
  EXPECT_EQ(payment.then<EventT>().reason, "because");
  EXPECT_EQ(payment.state().stage, stage);
  payment.when(command).then_nothing();
  payment.when(authorize(usd(1))).then_rejected(RejectionCode::InvalidTransition);

  Payment authorized("PAY-1");
  authorized.when(initiate(usd(1'000))).then_ignore();
  authorized.when(authorize(usd(1'000))).then_ignore();
  authorized.when(command).then_ignore();
  authorized.when(capture(usd(1))).then_rejected(RejectionCode::InvalidTransition);

  Payment captured("PAY-1");
  captured.when(capture(usd(1'000))).then_ignore();
  captured.when(command).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Payment, DeclinedFailedVoidedOnlyBeforeACapture) {
  expect_end<schema::DeclinePaymentT, schema::PaymentDeclinedT>(PaymentStage::Declined);
  expect_end<schema::FailPaymentT, schema::PaymentFailedT>(PaymentStage::Failed);
  expect_end<schema::VoidPaymentT, schema::PaymentVoidedT>(PaymentStage::Voided);
}

TEST(Payment, ChargedBackComesOffEverything) {
  Payment payment("PAY-1");
  payment.when(capture(usd(1'000))).then_ignore();
  payment.when(allocate("INV-1", usd(300))).then_ignore();
  payment.when(request_refund("R-1", usd(200))).then_ignore();
  payment.when(payment_step<schema::ChargeBackT>());
  const auto& charged_back = payment.then<schema::PaymentChargedBackT>();
  EXPECT_EQ(charged_back.amount, usd(800));
  EXPECT_EQ(charged_back.unapplied, usd(0));
  ASSERT_EQ(charged_back.allocations.size(), 1U);
  EXPECT_EQ(charged_back.allocations[0]->allocation_id, "PAY-1/1");
  EXPECT_EQ(charged_back.allocations[0]->minor, 300);
  payment.when(payment_step<schema::ChargeBackT>()).then_nothing();
  // The invoices' answers come too late, the refund that was on its way may still fail.
  payment.as_system().when(confirm("PAY-1/1", usd(300))).then_nothing();
  payment.when(confirm_release("PAY-1/1")).then_nothing();
  payment.as("fin", Role::Finance).when(allocate("INV-1", usd(1)));
  payment.then_rejected(RejectionCode::InvalidTransition);
  payment.when(refund_step<schema::FailRefundT>("R-1"));
  EXPECT_EQ(payment.then<schema::RefundFailedT>().unapplied, usd(200));

  Payment refunded("PAY-1");
  refunded.when(capture(usd(10))).then_ignore();
  refunded.when(request_refund("R-1", usd(10))).then_ignore();
  refunded.when(payment_step<schema::ChargeBackT>())
      .then_rejected(RejectionCode::InvalidTransition);
}

TEST(Payment, HistoryIsRecordedAsItWas) {
  Payment payment("PAY-1");
  payment.as_import();
  payment.when(initiate(usd(100))).then_ignore();
  payment.when(capture(usd(150), "a")).then_ignore();
  payment.when(capture(usd(50), "b")).then_ignore();
  EXPECT_EQ(payment.state().captured_minor, 200);
  payment.when(payment_step<schema::VoidPaymentT>())
      .then_rejected(RejectionCode::InvalidTransition);
  payment.when(capture(usd(INT64_MAX), "c")).then_rejected(RejectionCode::Overflow, "/amount");
}

TEST(Allocation, AskedConfirmedTakenOff) {
  Payment payment("PAY-1");
  payment.when(capture(usd(1'000))).then_ignore();
  payment.when(allocate("INV-1", usd(600)));
  const auto& requested = payment.then<schema::PaymentAllocationRequestedT>();
  EXPECT_EQ(requested.allocation_id, "PAY-1/1");
  EXPECT_EQ(requested.invoice_id, "INV-1");
  EXPECT_EQ(requested.unapplied, usd(400));
  EXPECT_EQ(requested.customer_id, "C-1");
  // Not given twice while the invoice thinks.
  payment.when(allocate("INV-2", usd(401))).then_rejected(RejectionCode::LimitExceeded, "/amount");
  payment.when(deallocate("PAY-1/1")).then_rejected(RejectionCode::InvalidTransition);

  payment.as_system().when(confirm("PAY-1/1", usd(450)));
  const auto& allocated = payment.then<schema::PaymentAllocatedT>();
  EXPECT_EQ(allocated.amount, usd(450));
  EXPECT_EQ(allocated.returned, usd(150));
  EXPECT_EQ(allocated.unapplied, usd(550));
  payment.when(confirm("PAY-1/1", usd(450))).then_nothing();
  payment.when(refuse("PAY-1/1")).then_nothing();
  payment.when(confirm_release("PAY-1/1")).then_nothing();  // nobody asked

  payment.as("fin", Role::Finance).when(deallocate("PAY-1/1"));
  EXPECT_EQ(payment.then<schema::PaymentDeallocationRequestedT>().invoice_id, "INV-1");
  payment.when(deallocate("PAY-1/1")).then_nothing();
  EXPECT_EQ(payment.state().unapplied_minor, 550);
  payment.as_system().when(confirm_release("PAY-1/1"));
  EXPECT_EQ(payment.then<schema::PaymentDeallocatedT>().unapplied, usd(1'000));
  payment.when(confirm_release("PAY-1/1")).then_nothing();
  payment.as("fin", Role::Finance).when(deallocate("PAY-1/1"));
  payment.then_rejected(RejectionCode::NotFound, "/allocation_id");
  // Ids are never used again.
  payment.when(allocate("INV-1", usd(1)));
  EXPECT_EQ(payment.then<schema::PaymentAllocationRequestedT>().allocation_id, "PAY-1/2");
}

TEST(Allocation, RefusedComesBackWhole) {
  Payment payment("PAY-1");
  payment.when(capture(usd(1'000))).then_ignore();
  payment.when(allocate("INV-1", usd(600))).then_ignore();
  payment.as_system().when(refuse("PAY-1/1"));
  const auto& refused = payment.then<schema::PaymentAllocationRefusedT>();
  EXPECT_EQ(refused.amount, usd(600));
  EXPECT_EQ(refused.unapplied, usd(1'000));
  EXPECT_EQ(refused.reason, "the invoice is paid");
  payment.when(refuse("PAY-1/1")).then_nothing();
}

TEST(Allocation, WithTheCapture) {
  Payment payment("PAY-1");
  payment.when(capture(usd(1'000), "tx", "INV-1"));
  EXPECT_EQ(payment.then<schema::PaymentCapturedT>().unapplied, usd(1'000));
  const auto& requested = payment.then<schema::PaymentAllocationRequestedT>();
  EXPECT_EQ(requested.amount, usd(1'000));
  EXPECT_EQ(requested.unapplied, usd(0));
  EXPECT_EQ(requested.customer_id, "C-1");
  payment.when(capture(usd(1'000), "tx", "INV-1")).then_nothing();
}

TEST(Allocation, CarriesTheRateOfItsCapture) {
  Payment payment("PAY-1");
  auto money = capture(eur(1'000), "T-1");
  schema::ExchangeRateT rate;
  rate.mantissa = 0;
  rate.scale = 2;
  money.exchange_rate = boxed(std::move(rate));
  payment.when(money).then_rejected(RejectionCode::InvalidArgument, "/exchange_rate");
  money.exchange_rate->mantissa = 112;
  payment.when(money);
  EXPECT_EQ(payment.then<schema::PaymentCapturedT>().exchange_rate->mantissa, 112);
  payment.when(allocate("INV-1", eur(400)));
  EXPECT_EQ(payment.then<schema::PaymentAllocationRequestedT>().exchange_rate->mantissa, 112);
}

TEST(Allocation, OfAPrepaymentTakesWhatIsLeftOfIt) {
  Payment payment("PAY-1");
  payment.when(capture(usd(1'000))).then_ignore();
  payment.when(request_refund("R-1", usd(700))).then_ignore();
  payment.as_system().when(allocate("INV-1", usd(1'000)));
  EXPECT_EQ(payment.then<schema::PaymentAllocationRequestedT>().amount, usd(300));
  payment.when(allocate("INV-1", usd(1'000))).then_nothing();
}

TEST(Allocation, WhatGoesToAnInvoiceAtOnceIsNoPrepayment) {
  Payment payment("PAY-1");
  auto of_order = initiate(usd(1'000));
  of_order.order_id = "O-1";
  payment.when(std::move(of_order)).then_ignore();
  payment.when(authorize(usd(1'000))).then_ignore();
  payment.when(capture(usd(400), "a", "INV-1"));
  EXPECT_EQ(payment.then<schema::PaymentCapturedT>().order_id, "");
  payment.then<schema::PaymentAllocationRequestedT>();
  payment.when(capture(usd(600), "b"));
  EXPECT_EQ(payment.then<schema::PaymentCapturedT>().order_id, "O-1");
}

TEST(Allocation, OnlyTheInvoiceAnswers) {
  Payment payment("PAY-1");
  payment.when(capture(usd(1'000), "", "INV-1")).then_ignore();
  payment.when(confirm("PAY-1/1", usd(1'000))).then_rejected(RejectionCode::EngineOnly);
  payment.when(confirm_release("PAY-1/1")).then_rejected(RejectionCode::EngineOnly);
  payment.as_system().when(confirm("PAY-1/1", usd(1'001)));
  payment.then_rejected(RejectionCode::InvalidArgument, "/applied");
  payment.when(confirm("PAY-1/9", usd(1))).then_nothing();

  Payment unknown("PAY-1");
  unknown.as_system().when(confirm("PAY-1/1", usd(1))).then_nothing();
}

TEST(Refund, RequestedApprovedSentSettled) {
  Payment payment("PAY-1");
  payment.when(capture(usd(1'000))).then_ignore();
  payment.when(request_refund("R-1", usd(400)));
  const auto& requested = payment.then<schema::RefundRequestedT>();
  EXPECT_EQ(requested.unapplied, usd(600));
  EXPECT_EQ(requested.reason, "returned");
  payment.when(request_refund("R-1", usd(400))).then_nothing();
  payment.when(request_refund("R-1", usd(401))).then_rejected(RejectionCode::Duplicate);
  payment.when(refund_step<schema::SendRefundT>("R-1"))
      .then_rejected(RejectionCode::InvalidTransition);
  payment.when(refund_step<schema::ApproveRefundT>("R-1"));
  EXPECT_EQ(payment.then<schema::RefundApprovedT>().refund_id, "R-1");
  payment.when(refund_step<schema::ApproveRefundT>("R-1")).then_nothing();
  payment.when(refund_step<schema::SettleRefundT>("R-1"))
      .then_rejected(RejectionCode::InvalidTransition);
  auto send = refund_step<schema::SendRefundT>("R-1");
  send.provider_reference = "back-1";
  payment.when(send);
  EXPECT_EQ(payment.then<schema::RefundSentT>().provider_reference, "back-1");
  payment.when(send).then_nothing();
  payment.when(refund_step<schema::SettleRefundT>("R-1"));
  EXPECT_EQ(payment.then<schema::RefundSettledT>().amount, usd(400));
  payment.when(refund_step<schema::SettleRefundT>("R-1")).then_nothing();
  payment.when(refund_step<schema::FailRefundT>("R-1"))
      .then_rejected(RejectionCode::InvalidTransition);
  payment.when(refund_step<schema::ApproveRefundT>("R-1"))
      .then_rejected(RejectionCode::InvalidTransition);
  EXPECT_EQ(payment.state().refunded_minor, 400);

  payment.when(request_refund("R-2", usd(10))).then_ignore();
  payment.when(refund_step<schema::ApproveRefundT>("R-2")).then_ignore();
  send.refund_id = "R-2";
  payment.when(send).then_rejected(RejectionCode::Duplicate, "/provider_reference");
}

TEST(Refund, LargeOnesNeedTheRole) {
  Payment payment("PAY-1");
  payment.when(capture(usd(1'000'000))).then_ignore();
  payment.when(request_refund("small", usd(100'000))).then_ignore();
  payment.when(request_refund("large", usd(100'001))).then_ignore();
  payment.as("sue", Role::Service).when(refund_step<schema::ApproveRefundT>("small")).then_ignore();
  payment.when(refund_step<schema::ApproveRefundT>("large"))
      .then_rejected(RejectionCode::Forbidden);
  for (const Role role : {Role::Finance, Role::Director, Role::Admin}) {
    Payment other("PAY-1");
    other.when(capture(usd(1'000'000))).then_ignore();
    other.when(request_refund("large", usd(100'001))).then_ignore();
    other.as("eve", role).when(refund_step<schema::ApproveRefundT>("large")).then_ignore();
  }
}

TEST(Refund, OfUnknownIdOrNothing) {
  Payment payment("PAY-1");
  payment.when(capture(usd(100))).then_ignore();
  payment.when(request_refund("", usd(1))).then_rejected(RejectionCode::InvalidArgument);
  payment.when(request_refund("R", usd(0))).then_rejected(RejectionCode::InvalidArgument);
  payment.when(refund_step<schema::ApproveRefundT>("R")).then_rejected(RejectionCode::NotFound);
  payment.when(refund_step<schema::SendRefundT>("R")).then_rejected(RejectionCode::NotFound);
  payment.when(refund_step<schema::SettleRefundT>("R")).then_rejected(RejectionCode::NotFound);
  payment.when(refund_step<schema::FailRefundT>("R")).then_rejected(RejectionCode::NotFound);
}

}  // namespace
}  // namespace orderlog::engine::test
