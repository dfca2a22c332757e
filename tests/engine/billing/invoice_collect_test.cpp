// Overdue by date and by step, reminders, disputes.
#include "engine/invoice/balance.h"
#include "tests/engine/billing/billing_builders.h"

namespace orderlog::engine::test {
namespace {

schema::RaiseDisputeT dispute() {
  schema::RaiseDisputeT command;
  command.invoice_id = "INV-1";
  command.reason = "one was broken";
  return command;
}
schema::ResolveDisputeT resolve() {
  schema::ResolveDisputeT command;
  command.invoice_id = "INV-1";
  command.note = "replaced";
  return command;
}
schema::SendReminderT remind(std::uint32_t level = 0) {
  schema::SendReminderT command;
  command.invoice_id = "INV-1";
  command.level = level;
  return command;
}

TEST(InvoiceOverdue, OnceWhenTheDueDateIsOver) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  // Due on 2024-02-14; on that day it is not overdue yet.
  EXPECT_EQ(invoice.deadline(), day("2024-02-15") * us_per_day);
  invoice.as_system().at(day("2024-02-15") * us_per_day - 1).when(check_due()).then_nothing();
  invoice.when_due(check_due());
  const auto& overdue = invoice.then<schema::InvoiceOverdueT>();
  EXPECT_EQ(overdue.balance, usd(100));
  EXPECT_EQ(overdue.due_date, day("2024-02-14"));
  EXPECT_FALSE(invoice.deadline());
  invoice.at(noon("2024-06-01")).when(check_due()).then_nothing();
}

TEST(InvoiceOverdue, IsAMatterOfDatesInTheCompanysZone) {
  Invoice invoice("INV-1");
  invoice.policy.time_zone = "America/New_York";
  issue(invoice, draft_of(usd(100)));
  EXPECT_EQ(invoice.deadline(), day("2024-02-15") * us_per_day + 5 * us_per_hour);
  invoice.when_due(check_due());
  invoice.then<schema::InvoiceOverdueT>();
}

TEST(InvoiceOverdue, ForEachInstalmentThatIsNotCovered) {
  Invoice invoice("INV-1");
  auto draft = draft_of(usd(300));
  draft.content->payment_terms = boxed(terms_of({{333'333, 10}, {333'333, 20}, {333'334, 30}}));
  issue(invoice, std::move(draft));
  invoice.as_system().when(apply("A", usd(100))).then_ignore();
  // The first step is covered: the second is the next that can be overdue.
  EXPECT_EQ(invoice.deadline(), day("2024-02-05") * us_per_day);
  invoice.when_due(check_due());
  EXPECT_EQ(invoice.then<schema::InvoiceOverdueT>().due_date, day("2024-02-04"));
  invoice.when(apply("B", usd(50))).then_ignore();
  invoice.when_due(check_due());
  const auto& last = invoice.then<schema::InvoiceOverdueT>();
  EXPECT_EQ(last.due_date, day("2024-02-14"));
  EXPECT_EQ(last.balance, usd(150));
  EXPECT_FALSE(invoice.deadline());
}

TEST(InvoiceOverdue, LateTimersSayEachStep) {
  Invoice invoice("INV-1");
  auto draft = draft_of(usd(300));
  draft.content->payment_terms = boxed(terms_of({{500'000, 10}, {500'000, 20}}));
  issue(invoice, std::move(draft));
  invoice.as_system().at(noon("2024-03-01")).when(check_due());
  EXPECT_EQ(invoice.then<schema::InvoiceOverdueT>().due_date, day("2024-01-25"));
  EXPECT_EQ(invoice.then<schema::InvoiceOverdueT>().due_date, day("2024-02-04"));
}

TEST(InvoiceOverdue, PaidLateIsNotOnTime) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.when_due(check_due());
  invoice.then<schema::InvoiceOverdueT>();
  invoice.as_system().when(apply("A", usd(100)));
  invoice.then<schema::InvoicePaymentAppliedT>();
  EXPECT_FALSE(invoice.then<schema::InvoicePaidT>().on_time);
  // Owed again months later: overdue again.
  invoice.at(noon("2024-06-01")).when(unapply("A")).then_ignore();
  invoice.when_due(check_due());
  invoice.then<schema::InvoiceOverdueT>();

  // Also when the timer has not had its turn.
  Invoice other("INV-1");
  issue(other, draft_of(usd(100)));
  other.as_system().at(noon("2024-02-15")).when(apply("A", usd(100)));
  other.then<schema::InvoicePaymentAppliedT>();
  EXPECT_FALSE(other.then<schema::InvoicePaidT>().on_time);
}

TEST(InvoiceReminder, OneLevelAfterTheOtherOnceOverdue) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.at(noon("2024-02-14")).when(remind()).then_rejected(RejectionCode::InvalidTransition);
  invoice.at(noon("2024-02-24")).when(remind());
  EXPECT_EQ(invoice.then<schema::InvoiceReminderSentT>().level, 1U);
  invoice.when(remind(1)).then_rejected(RejectionCode::InvalidArgument, "/level");
  invoice.when(remind(3)).then_rejected(RejectionCode::InvalidArgument, "/level");
  invoice.when(remind(2));
  EXPECT_EQ(invoice.then<schema::InvoiceReminderSentT>().balance, usd(100));
  invoice.as_system().when(apply("A", usd(100))).then_ignore();
  invoice.as("fin", Role::Finance).when(remind());
  invoice.then_rejected(RejectionCode::InvalidTransition);
}

TEST(InvoiceReminder, NotWhileDisputed) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.at(noon("2024-03-01")).when(dispute());
  EXPECT_EQ(invoice.then<schema::InvoiceDisputedT>().balance, usd(100));
  invoice.when(remind()).then_rejected(RejectionCode::InvalidTransition);
  invoice.when(dispute()).then_rejected(RejectionCode::InvalidTransition);
  invoice.when(resolve());
  EXPECT_EQ(invoice.then<schema::DisputeResolvedT>().note, "replaced");
  invoice.when(resolve()).then_rejected(RejectionCode::InvalidTransition);
  invoice.when(remind()).then_ignore();
}

TEST(InvoiceDispute, OfAnIssuedInvoiceOnly) {
  Invoice invoice("INV-1");
  invoice.when(dispute()).then_rejected(RejectionCode::NotFound);
  invoice.when(draft_of(usd(100))).then_ignore();
  invoice.when(dispute()).then_rejected(RejectionCode::InvalidTransition);
}

TEST(InvoiceTimer, OfAnInvoiceThatNeverCameAboutIsNothing) {
  Invoice invoice("INV-1");
  invoice.as_system().when(check_due()).then_nothing();
  invoice.when(unapply("A")).then_nothing();
}

}  // namespace
}  // namespace orderlog::engine::test
