#include "projections/models/receivables.h"

#include <algorithm>

#include "projections/models/fields.h"
#include "projections/models/receivables_ledger.h"

namespace orderlog::projections {
namespace {

using schema::DisputeChange;
using schema::InvoiceEvent;
using Due = schema::InvoiceDueRowT;
using Posting = schema::InvoicePostingT;
using Row = schema::ReceivablesAgeingRowT;

constexpr std::size_t cached_customers_max = 20'000;
constexpr std::size_t cached_invoices_max = 20'000;

enum Index : std::uint8_t { all_customers, owing_customers, one_customer, all_together };

Error does_not_fit() {
  return error(ErrorCode::Overflow, "the sums of the receivables do not fit");
}

void note_day(Row& row, Day day) {
  row.last_posted = row.last_posted ? std::max(*row.last_posted, day) : day;
}

// The items of the row with those of this invoice exchanged; in an order that does not depend on
// which invoice was heard of first.
using Items = std::vector<std::unique_ptr<schema::ReceivableItemT>>;

void exchange_items(Row& row, std::string_view invoice_id, Items items) {
  std::erase_if(row.items, [&](const auto& item) { return item->invoice_id == invoice_id; });
  for (auto& item : items) row.items.push_back(std::move(item));
  std::sort(row.items.begin(), row.items.end(), [](const auto& a, const auto& b) {
    return a->due_date != b->due_date ? a->due_date < b->due_date : a->invoice_id < b->invoice_id;
  });
}

// Moves all rows from what the invoice was to what it is with its last posting. Errors: Overflow;
// then nothing is changed.
Status move_invoice(const EventView& event, const Due& before, Due after, Tables& tables) {
  const Posting& posting = *after.postings.back();
  const auto currency = after.currency;
  Ledger old_ledger, new_ledger, difference;
  const bool fits = add_ledger(before, old_ledger) && add_ledger(after, new_ledger) &&
                    difference_of(old_ledger, new_ledger, difference);
  if (!fits) return does_not_fit();
  const Key together = ledger_scope_of_all(currency);
  const Key scope = ledger_scope_of(after.customer_id, currency);
  LedgerPatch of_all, of_customer;
  if (!of_all.prepare(together, difference, tables) ||
      !of_customer.prepare(scope, difference, tables)) {
    return does_not_fit();
  }
  auto& rows = tables.of<Row>();
  Slot& slot = rows.reach(scope);
  const Row* known = Table<Row>::row_at(slot);
  std::int64_t total = known ? known->total.minor() : 0;
  if (__builtin_add_overflow(total, posting.open, &total)) return does_not_fit();

  of_all.store(after.base_total.currency(), tables);
  of_customer.store(after.base_total.currency(), tables);
  Row& row = rows.put(slot);
  row.customer_id = after.customer_id;
  row.currency = currency;
  row.total = Money(total, currency);
  note_day(row, posting.day);
  exchange_items(row, event.aggregate_id, open_items(event.aggregate_id, after));
  Row& whole = rows.put(together);
  whole.currency = currency;
  note_day(whole, posting.day);
  tables.of<Due>().put(event.aggregate_id) = std::move(after);
  return {};
}

// An invoice as it is known, to be changed; the parts that the first posting brings are filled in.
Due invoice_before(const EventView& event, Tables& tables) {
  const Due* known = tables.of<Due>().find(event.aggregate_id);
  return known ? *known : Due();
}

Status post(const EventView& event, const Due& before, Due after, std::string_view customer,
            schema::Currency currency, Posting posting, Tables& tables) {
  if (after.customer_id.empty()) after.customer_id = std::string(customer);
  if (after.customer_id.empty()) {
    return error(ErrorCode::InvalidArgument, "the invoice names no customer");
  }
  if (after.currency == schema::Currency::None) after.currency = currency;
  posting.day = utc_day(event.occurred_at());
  if (after.postings.empty() && after.due.empty()) after.due_date = posting.day;
  after.postings.push_back(std::make_unique<Posting>(std::move(posting)));
  return move_invoice(event, before, std::move(after), tables);
}

Status issue(const EventView& event, const schema::InvoiceIssued& issued, Tables& tables) {
  const Due before = invoice_before(event, tables);
  Due after = before;
  after.due.clear();
  for (const auto* part : each(issued.due())) after.due.emplace_back(part->UnPack());
  if (after.due.empty()) {
    after.due.push_back(std::make_unique<schema::DueAmountT>());
    after.due.back()->due_date = issued.issued_on();
    after.due.back()->amount = money_of(issued.total());
  }
  std::stable_sort(after.due.begin(), after.due.end(),
                   [](const auto& a, const auto& b) { return a->due_date < b->due_date; });
  after.due_date = after.due.back()->due_date;
  after.total = money_of(issued.total());
  after.base_total = money_of(issued.base_total());
  Posting posting;
  posting.open = posting.sales = after.total.minor();
  const auto currency = after.total.currency();
  return post(event, before, std::move(after), text_of(issued.customer_id()), currency,
              std::move(posting), tables);
}

template <class Event>
Status settle(const EventView& event, const Event& posted, const Money& amount, Posting posting,
              Tables& tables) {
  const Due before = invoice_before(event, tables);
  Due after = before;
  return post(event, before, std::move(after), text_of(posted.customer_id()), amount.currency(),
              std::move(posting), tables);
}

Posting of_open(std::int64_t open, std::int64_t sales = 0) {
  Posting posting;
  posting.open = open;
  posting.sales = sales;
  return posting;
}

Posting of_dispute(DisputeChange change) {
  Posting posting;
  posting.dispute = change;
  return posting;
}

template <class Event>
std::int64_t settled_by(const Event& payment) {
  return minor_of(payment.amount()) + minor_of(payment.cash_discount());
}

Status fold_invoice(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_InvoiceEvents();
  switch (e.event_type()) {
    case InvoiceEvent::InvoiceIssued:
      return issue(event, *e.event_as_InvoiceIssued(), tables);
    case InvoiceEvent::InvoicePaymentApplied: {
      const auto& v = *e.event_as_InvoicePaymentApplied();
      return settle(event, v, money_of(v.amount()), of_open(-settled_by(v)), tables);
    }
    case InvoiceEvent::InvoicePaymentUnapplied: {
      const auto& v = *e.event_as_InvoicePaymentUnapplied();
      return settle(event, v, money_of(v.amount()), of_open(settled_by(v)), tables);
    }
    case InvoiceEvent::CreditNoteIssued: {
      // What the balance was too small for went back to the customer as unapplied credit.
      const auto& v = *e.event_as_CreditNoteIssued();
      const std::int64_t amount = minor_of(v.amount());
      return settle(event, v, money_of(v.amount()),
                    of_open(minor_of(v.unapplied()) - amount, -amount), tables);
    }
    case InvoiceEvent::InvoiceWrittenOff: {
      const auto& v = *e.event_as_InvoiceWrittenOff();
      return settle(event, v, money_of(v.amount()), of_open(-minor_of(v.amount())), tables);
    }
    case InvoiceEvent::InvoiceVoided: {
      const auto& v = *e.event_as_InvoiceVoided();
      if (!v.issued()) return {};
      const std::int64_t total = minor_of(v.total());
      return settle(event, v, money_of(v.total()), of_open(-total, -total), tables);
    }
    case InvoiceEvent::InvoiceDisputed: {
      const auto& v = *e.event_as_InvoiceDisputed();
      return settle(event, v, money_of(v.balance()), of_dispute(DisputeChange::raised), tables);
    }
    case InvoiceEvent::DisputeResolved: {
      const auto& v = *e.event_as_DisputeResolved();
      return settle(event, v, money_of(v.balance()), of_dispute(DisputeChange::resolved), tables);
    }
    case InvoiceEvent::InvoiceReminderSent: {
      const auto& v = *e.event_as_InvoiceReminderSent();
      Posting posting;
      posting.dunning_level = v.level();
      return settle(event, v, money_of(v.balance()), std::move(posting), tables);
    }
    case InvoiceEvent::InvoiceDrafted:
    case InvoiceEvent::InvoiceIssueRequested:
    case InvoiceEvent::InvoicePaymentRefused:
    case InvoiceEvent::InvoicePaid:
    case InvoiceEvent::InvoiceOverdue:
    case InvoiceEvent::ExchangeDifferenceRecorded:
    case InvoiceEvent::WriteOffRequested:
    case InvoiceEvent::WriteOffRefused:
      return {};
    case InvoiceEvent::NONE:
      break;
  }
  return unknown_event(event);
}

Status fold_credit(const EventView& event, const schema::CreditBalanceChanged& changed,
                   Tables& tables) {
  const Money balance = money_of(changed.balance());
  auto& rows = tables.of<Row>();
  const Key scope = ledger_scope_of(event.aggregate_id, balance.currency());
  const Row* known = rows.find(scope);
  Ledger difference;
  const Day day = utc_day(event.occurred_at());
  std::int64_t& unapplied = difference.days[day].unapplied;
  unapplied = balance.minor();
  if (known && __builtin_sub_overflow(unapplied, known->unapplied_credit.minor(), &unapplied)) {
    return does_not_fit();
  }
  const Key together = ledger_scope_of_all(balance.currency());
  if (unapplied == 0) difference.days.clear();
  LedgerPatch of_all, of_customer;
  if (!of_all.prepare(together, difference, tables) ||
      !of_customer.prepare(scope, difference, tables)) {
    return does_not_fit();
  }
  of_all.store(schema::Currency::None, tables);
  of_customer.store(schema::Currency::None, tables);
  Row& row = rows.put(scope);
  row.customer_id = std::string(event.aggregate_id);
  row.currency = balance.currency();
  row.unapplied_credit = balance;
  row.total = Money(row.total.minor(), row.currency);
  note_day(row, day);
  Row& whole = rows.put(together);
  whole.currency = balance.currency();
  note_day(whole, day);
  return {};
}

Status fold(const EventView& event, Tables& tables) {
  if (event.envelope.payload_type() == schema::AnyEvent::InvoiceEvents) {
    return fold_invoice(event, tables);
  }
  const auto* changed = event.envelope.payload_as_CreditEvents()->event_as_CreditBalanceChanged();
  return changed == nullptr ? Status() : fold_credit(event, *changed, tables);
}

void indexes_of(const Row& row, IndexWriter& out) {
  if (row.customer_id.empty()) {
    out.add(all_together, "all", static_cast<std::int64_t>(row.currency));
    return;
  }
  out.add(all_customers, "all", row.customer_id);
  if (row.total.minor() != 0) out.add(owing_customers, "open", row.customer_id);
  out.add(one_customer, row.customer_id, row.customer_id);
}

}  // namespace

ModelDefinition receivables_model() {
  ModelDefinition model;
  model.name = "receivables";
  model.version = 2;
  model.wants = events_of({schema::AnyEvent::InvoiceEvents, schema::AnyEvent::CreditEvents});
  model.tables = {
      define_table<Row>("ReceivablesAgeingRow", {{"all"}, {"open"}, {"customer"}, {"together"}},
                        indexes_of, cached_customers_max),
      define_table<Due>("InvoiceDueRow", {}, nullptr, cached_invoices_max), ageing_cell_table(),
      receivables_day_table()};
  model.fold = fold;
  model.reports = {receivables_report()};
  return model;
}

}  // namespace orderlog::projections
