// One payment and two invoices under random commands, with answers between them that are late,
// repeated, and in flight while other things happen. At every step: no balance below zero,
// captured = unapplied + allocated + refunded, Σ postings of each event = 0. When all answers have
// arrived: the accounts say what the states say.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <variant>

#include "engine/invoice/balance.h"
#include "engine/invoice/postings.h"
#include "engine/payment/funds.h"
#include "engine/payment/postings.h"
#include "tests/engine/billing/billing_builders.h"

namespace orderlog::engine::test {
namespace {

using Answer =
    std::variant<schema::ApplyPaymentT, schema::UnapplyPaymentT, schema::ConfirmAllocationT,
                 schema::ConfirmDeallocationT, schema::RecordWriteOffApprovalT>;

class Books {
 public:
  static constexpr std::size_t invoice_count = 2;

  Books() : payment_("PAY-1") {
    for (std::size_t i = 0; i < invoice_count; ++i) {
      invoices_[i] = std::make_unique<Invoice>(invoice_id(i));
    }
  }
  static std::string invoice_id(std::size_t i) { return "INV-" + std::to_string(i + 1); }

  Invoice& invoice(std::size_t i) { return *invoices_[i]; }
  Payment& payment() { return payment_; }

  template <class CommandT>
  void tell_payment(CommandT command) {
    payment_.as("fin", Role::Finance);
    run_payment(std::move(command));
  }
  template <class CommandT>
  void tell_invoice(std::size_t i, CommandT command) {
    command.invoice_id = invoice_id(i);
    invoices_[i]->as("fin", Role::Finance);
    run_invoice(i, std::move(command));
  }
  void issue(std::size_t i, schema::DraftInvoiceT draft) {
    draft.invoice_id = invoice_id(i);
    invoices_[i]->as_system();
    run_invoice(i, std::move(draft));
    run_invoice(i, issue_command());
    run_invoice(i, complete(i + 1));
  }

  // Delivers the oldest answer under way, and leaves it there if it shall come twice.
  void deliver(bool again) {
    if (under_way_.empty()) return;
    const Answer answer = under_way_.front();
    if (!again) under_way_.pop_front();
    if (const auto* apply = std::get_if<schema::ApplyPaymentT>(&answer)) {
      engine_tells_invoice(*apply);
    } else if (const auto* unapply = std::get_if<schema::UnapplyPaymentT>(&answer)) {
      engine_tells_invoice(*unapply);
    } else if (const auto* approval = std::get_if<schema::RecordWriteOffApprovalT>(&answer)) {
      engine_tells_invoice(*approval);
    } else if (const auto* confirm = std::get_if<schema::ConfirmAllocationT>(&answer)) {
      payment_.as_system();
      run_payment(*confirm);
    } else if (const auto* released = std::get_if<schema::ConfirmDeallocationT>(&answer)) {
      payment_.as_system();
      run_payment(*released);
    }
  }
  void deliver_all() {
    for (int rounds = 0; !under_way_.empty() && rounds < 10'000; ++rounds) deliver(false);
    EXPECT_TRUE(under_way_.empty());
  }

  std::int64_t account(Account account) { return ledger_[account]; }

  void check_now() {
    const auto& state = payment_.state();
    const std::int64_t allocated = payment::allocated_minor(state);
    EXPECT_GE(state.refunded_minor, 0);
    EXPECT_LE(state.refunded_minor, state.captured_minor);
    EXPECT_GE(state.unapplied_minor, 0);
    EXPECT_EQ(state.unapplied_minor + allocated + state.refunded_minor, state.captured_minor);
    for (const auto& one : invoices_) {
      EXPECT_GE(open_minor(one->state()), 0);
      EXPECT_LE(open_minor(one->state()), std::max<std::int64_t>(0, total_minor(one->state())));
    }
  }
  void check_at_rest() {
    EXPECT_EQ(account(Account::AllocationClearing), 0);
    EXPECT_EQ(account(Account::UnappliedCash), -payment_.state().unapplied_minor);
    std::int64_t open = 0, returned = 0, paid = 0, pending = 0;
    for (const auto& one : invoices_) {
      open += one->state().stage == schema::InvoiceStage::Draft ? 0 : open_minor(one->state());
      returned += one->state().credit_returned_minor;
      paid += one->state().paid_minor;
      if (one->state().content) {
        EXPECT_EQ(one->state().base_settled_minor == one->state().content->base_total.minor() ||
                      open_minor(one->state()) > 0 ||
                      one->state().stage == schema::InvoiceStage::Voided,
                  true);
      }
    }
    for (const auto& refund : payment_.state().refunds) {
      const bool open_refund = refund->stage == schema::RefundStage::Requested ||
                               refund->stage == schema::RefundStage::Approved ||
                               refund->stage == schema::RefundStage::Sent;
      if (open_refund) pending += refund->minor;
    }
    EXPECT_EQ(account(Account::Receivable), open);
    EXPECT_EQ(account(Account::CustomerCredit), -returned);
    EXPECT_EQ(account(Account::RefundsPayable), -pending);
    EXPECT_EQ(paid, payment::allocated_minor(payment_.state()));
    EXPECT_EQ(account(Account::Cash),
              payment_.state().captured_minor - payment_.state().refunded_minor + pending);
  }

 private:
  template <class CommandT>
  void engine_tells_invoice(CommandT command) {
    for (std::size_t i = 0; i < invoice_count; ++i) {
      if (command.invoice_id != invoice_id(i)) continue;
      invoices_[i]->as_system();
      run_invoice(i, std::move(command));
      return;
    }
    FAIL() << "an answer for an invoice that nobody asked";
  }
  template <class CommandT>
  void run_payment(CommandT command) {
    payment_.when(std::move(command));
    if (seen(payment_)) return;
    for (const auto& event : payment_.decision().events()) {
      post_all<schema::PaymentEvents>(event);
      react(event);
    }
    check_now();
  }
  template <class CommandT>
  void run_invoice(std::size_t i, CommandT command) {
    invoices_[i]->when(std::move(command));
    if (seen(*invoices_[i])) return;
    for (const auto& event : invoices_[i]->decision().events()) {
      post_all<schema::InvoiceEvents>(event);
      react(event);
    }
    check_now();
  }
  // A refusal is as good an answer as any here; it must only change nothing.
  template <class ScenarioT>
  static bool seen(ScenarioT& scenario) {
    if (!scenario.decision().rejected()) {
      scenario.then_ignore();
      return false;
    }
    scenario.then_rejected(scenario.decision().rejection().code);
    return true;
  }
  template <class Events, class Union>
  void post_all(const Union& event) {
    typename Events::NativeTableType wrapper;
    wrapper.event = event;
    const auto buffer = packed<Events>(wrapper);
    std::int64_t sum = 0;
    for (const auto& posting : postings(*flatbuffers::GetRoot<Events>(buffer.data()))) {
      EXPECT_EQ(posting.amount.currency(), Currency::USD);
      sum += posting.amount.minor();
      ledger_[posting.account] += posting.amount.minor();
    }
    EXPECT_EQ(sum, 0) << event_name(event.type);
  }
  void react(const schema::PaymentEventUnion& event) {
    if (const auto* requested = event.AsPaymentAllocationRequested()) {
      auto command = apply(requested->allocation_id, requested->amount);
      command.invoice_id = requested->invoice_id;
      under_way_.push_back(std::move(command));
    } else if (const auto* release = event.AsPaymentDeallocationRequested()) {
      ask_back(release->invoice_id, release->allocation_id);
    } else if (const auto* charged_back = event.AsPaymentChargedBack()) {
      for (const auto& allocation : charged_back->allocations) {
        ask_back(allocation->invoice_id, allocation->allocation_id);
      }
    }
  }
  void ask_back(const std::string& invoice, const std::string& allocation_id) {
    auto command = unapply(allocation_id);
    command.invoice_id = invoice;
    under_way_.push_back(std::move(command));
  }
  void react(const schema::InvoiceEventUnion& event) {
    if (const auto* applied = event.AsInvoicePaymentApplied()) {
      under_way_.push_back(confirm(applied->allocation_id, applied->amount));
    } else if (const auto* refused = event.AsInvoicePaymentRefused()) {
      under_way_.push_back(refuse(refused->allocation_id));
    } else if (const auto* unapplied = event.AsInvoicePaymentUnapplied()) {
      under_way_.push_back(confirm_release(unapplied->allocation_id));
    } else if (const auto* requested = event.AsWriteOffRequested()) {
      schema::RecordWriteOffApprovalT approval;
      const std::string& id = requested->approval_id;  // write-off/INVOICE/VERSION
      approval.invoice_id = id.substr(id.find('/') + 1, id.rfind('/') - id.find('/') - 1);
      approval.approval_id = requested->approval_id;
      approval.granted = *rc::gen::inRange(0, 4) > 0;
      approval.reason = approval.granted ? "" : "no";
      under_way_.push_back(std::move(approval));
    }
  }

  Payment payment_;
  std::array<std::unique_ptr<Invoice>, invoice_count> invoices_;
  std::deque<Answer> under_way_;
  std::map<Account, std::int64_t> ledger_;
};

// rapidcheck starts with small sizes, which would try little more than one step: always the whole
// range.
template <class Int>
Int pick(Int from, Int to) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Int>(from, to));
}
bool once_in(int n) { return pick(0, n) == 0; }
std::string some_id(const char* prefix) { return prefix + std::to_string(pick(1, 6)); }

std::string some_allocation(Books& books) {
  const auto& allocations = books.payment().state().allocations;
  if (allocations.empty()) return "PAY-1/1";
  return allocations[pick<std::size_t>(0, allocations.size())]->allocation_id;
}

// Often close to what is open, where discounts and small differences are.
std::int64_t some_amount(Books& books, std::size_t invoice) {
  const std::int64_t open = open_minor(books.invoice(invoice).state());
  if (open > 100 && once_in(2)) return open - pick<std::int64_t>(0, open / 25);
  return pick<std::int64_t>(1, 15'000);
}

void random_payment_step(Books& books, int step) {
  const auto i = pick<std::size_t>(0, Books::invoice_count);
  const Money amount = usd(some_amount(books, i));
  switch (step) {
    case 0:
    case 1:
      books.tell_payment(
          capture(amount, some_id("cap-"), once_in(2) ? Books::invoice_id(i) : std::string()));
      break;
    case 2:
    case 3:
      books.tell_payment(allocate(Books::invoice_id(i), amount));
      break;
    case 4:
      books.tell_payment(deallocate(some_allocation(books)));
      break;
    case 5:
      books.tell_payment(request_refund(some_id("R-"), amount));
      break;
    case 6:
      books.tell_payment(refund_step<schema::ApproveRefundT>(some_id("R-")));
      books.tell_payment(refund_step<schema::SendRefundT>(some_id("R-")));
      break;
    case 7:
      books.tell_payment(refund_step<schema::SettleRefundT>(some_id("R-")));
      break;
    case 8:
      books.tell_payment(refund_step<schema::FailRefundT>(some_id("R-")));
      break;
    default:
      if (once_in(8)) books.tell_payment(payment_step<schema::ChargeBackT>());
  }
}

void random_invoice_step(Books& books, int step) {
  const auto i = pick<std::size_t>(0, Books::invoice_count);
  switch (step) {
    case 0:
    case 1:
      books.tell_invoice(i, credit(some_id("CN-"), usd(some_amount(books, i))));
      break;
    case 2:
      books.tell_invoice(i, write_off());
      break;
    case 3:
      books.tell_invoice(i, void_invoice());
      break;
    default:
      books.invoice(i).at(books.invoice(i).now() + us_per_day);
  }
}

schema::DraftInvoiceT random_draft() {
  auto draft = draft_of(usd(pick<std::int64_t>(1, 20'000)));
  auto terms = terms_of({{400'000, 10}, {600'000, 40}});
  terms.discount_ppm = 30'000;
  terms.discount_days = 10;
  draft.content->payment_terms = boxed(std::move(terms));
  return draft;
}

RC_GTEST_PROP(Billing, NoCentIsLostOrFoundTwice, ()) {
  Books books;
  books.issue(0, random_draft());
  books.issue(1, random_draft());
  books.tell_payment(initiate(usd(40'000)));
  books.tell_payment(authorize(usd(40'000)));
  const int steps = pick(1, 80);
  for (int n = 0; n < steps; ++n) {
    const int kind = pick(0, 10);
    if (kind < 5) {
      random_payment_step(books, pick(0, 10));
    } else if (kind < 6) {
      random_invoice_step(books, pick(0, 6));
    } else {
      books.deliver(once_in(4));
    }
  }
  books.deliver_all();
  books.check_at_rest();
}

// Deliveries in other currencies: base amounts of random settlements end at the base total.
RC_GTEST_PROP(Billing, BaseAmountsOfAnySettlementSumToTheBaseTotal, ()) {
  const auto total = pick<std::int64_t>(1, 1'000'000);
  const auto base_total = pick<std::int64_t>(0, 1'000'000'000);
  Invoice invoice("INV-1");
  auto draft = draft_of(eur(total));
  draft.content->base_total = usd(base_total);
  issue(invoice, std::move(draft));
  std::int64_t base = 0;
  int step = 0;
  RC_ASSERT(open_minor(invoice.state()) == total);
  while (open_minor(invoice.state()) > 0) {
    const std::string id = std::to_string(++step);
    const auto part = step > 20 ? total : pick<std::int64_t>(1, total + 1);
    const int kind = pick(0, 5);
    if (kind == 0 && part <= credit_rest_minor(invoice.state())) {
      invoice.when(credit(id, eur(part)));
    } else if (kind == 1 && step <= 20) {
      invoice.as_system().when(unapply(std::to_string(step - 1)));
    } else {
      invoice.as_system().when(apply(id, eur(part)));
    }
    for (const auto& event : invoice.decision().events()) {
      if (const auto* applied = event.AsInvoicePaymentApplied()) {
        base += applied->base_amount.minor();
      } else if (const auto* credited = event.AsCreditNoteIssued()) {
        base += credited->base_amount.minor();
      } else if (const auto* rest = event.AsInvoiceWrittenOff()) {
        base += rest->base_amount.minor();
      } else if (const auto* unapplied = event.AsInvoicePaymentUnapplied()) {
        base -= unapplied->base_amount.minor();
      }
    }
    invoice.then_ignore();
  }
  RC_ASSERT(base == base_total);
}

}  // namespace
}  // namespace orderlog::engine::test
