// What is given up on an invoice: asked for, approved by another, written off. Rules: domain.md
// 3.12.
#include "engine/invoice/balance.h"
#include "tests/engine/billing/billing_builders.h"

namespace orderlog::engine::test {
namespace {

schema::RecordWriteOffApprovalT approval_of(const schema::WriteOffRequestedT& requested,
                                            bool granted) {
  schema::RecordWriteOffApprovalT command;
  command.invoice_id = "INV-1";
  command.approval_id = requested.approval_id;
  command.granted = granted;
  command.reason = granted ? "" : "dun him first";
  return command;
}

TEST(InvoiceWriteOff, NeedsTheRoleAnApprovalAndAnOpenBalance) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  for (const Role role : {Role::None, Role::Sales, Role::SalesManager, Role::CreditOfficer}) {
    invoice.as("bob", role).when(write_off()).then_rejected(RejectionCode::Forbidden);
  }
  invoice.as_system().when(apply("A", usd(60))).then_ignore();
  invoice.as("fin", Role::Finance).when(write_off());
  const auto requested = invoice.then<schema::WriteOffRequestedT>();
  EXPECT_EQ(requested.amount, usd(40));
  EXPECT_EQ(requested.tiers, std::vector<Role>{Role::Manager});
  EXPECT_EQ(requested.requested_by, "fin");
  EXPECT_EQ(open_minor(invoice.state()), 40) << "nothing is given up before it is approved";
  invoice.when(write_off()).then_rejected(RejectionCode::InvalidTransition);
  invoice.when(approval_of(requested, true)).then_rejected(RejectionCode::EngineOnly);
  invoice.as_system().when(approval_of(requested, true));
  const auto& written_off = invoice.then<schema::InvoiceWrittenOffT>();
  EXPECT_EQ(written_off.amount, usd(40));
  EXPECT_FALSE(written_off.small_difference);
  EXPECT_EQ(invoice.state().stage, schema::InvoiceStage::WrittenOff);
  EXPECT_FALSE(invoice.deadline());
  invoice.when(approval_of(requested, true)).then_nothing();
  invoice.as("fin", Role::Finance);
  invoice.when(write_off()).then_rejected(RejectionCode::InvalidTransition);
  invoice.when(credit("CN-1", usd(1))).then_rejected(RejectionCode::InvalidTransition);

  for (const Role role : {Role::Director, Role::Admin}) {
    Invoice other("INV-1");
    issue(other, draft_of(usd(100)));
    other.as("eve", role).when(write_off()).then_ignore();
  }
}

TEST(InvoiceWriteOff, RefusedStaysOpenAndMayBeAskedForAgain) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.when(write_off());
  const auto first = invoice.then<schema::WriteOffRequestedT>();
  invoice.as_system().when(approval_of(first, false));
  EXPECT_EQ(invoice.then<schema::WriteOffRefusedT>().reason, "dun him first");
  EXPECT_EQ(open_minor(invoice.state()), 100);
  invoice.as("fin", Role::Finance).when(write_off());
  EXPECT_NE(invoice.then<schema::WriteOffRequestedT>().approval_id, first.approval_id);
}

TEST(InvoiceWriteOff, GivesUpWhatIsStillOpenAndNoMoreThanWasApproved) {
  Invoice paid("INV-1");
  issue(paid, draft_of(usd(100)));
  paid.when(write_off());
  const auto requested = paid.then<schema::WriteOffRequestedT>();
  paid.as_system().when(apply("A", usd(70))).then_ignore();
  paid.when(approval_of(requested, true));
  EXPECT_EQ(paid.then<schema::InvoiceWrittenOffT>().amount, usd(30));

  Invoice grown("INV-1");
  issue(grown, draft_of(usd(100)));
  grown.as_system().when(apply("A", usd(70))).then_ignore();
  grown.as("fin", Role::Finance).when(write_off());
  const auto less = grown.then<schema::WriteOffRequestedT>();
  grown.as_system().when(unapply("A")).then_ignore();
  grown.when(approval_of(less, true)).then<schema::WriteOffRefusedT>();

  Invoice settled("INV-1");
  issue(settled, draft_of(usd(100)));
  settled.when(write_off());
  const auto moot = settled.then<schema::WriteOffRequestedT>();
  settled.as_system().when(apply("A", usd(100))).then_ignore();
  settled.when(approval_of(moot, true)).then<schema::WriteOffRefusedT>();
}

TEST(InvoiceWriteOff, APaymentTakenOffReopensWhatItHadPaid) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.as_system().when(apply("A", usd(60))).then_ignore();
  invoice.when(write_off()).then_ignore();
  invoice.when(unapply("A"));
  EXPECT_EQ(invoice.then<schema::InvoicePaymentUnappliedT>().balance, usd(60));
  EXPECT_EQ(invoice.state().stage, schema::InvoiceStage::Issued);
}
}  // namespace
}  // namespace orderlog::engine::test
