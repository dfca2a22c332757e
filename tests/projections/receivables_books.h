// Invoices and balances told as the engine tells them, by a clock that the test sets.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/projections/fixture.h"

namespace orderlog::projections::test {

// Tells an invoice's events as the engine does.
class Books {
 public:
  explicit Books(WrittenLog& log) : log_(log) {}

  void on(const char* date) { on(day(date)); }
  void on(Day date) { log_.now = date * us_per_day + 12 * us_per_hour; }
  Day today() const { return utc_day(log_.now); }

  using Dues = std::vector<std::pair<Day, std::int64_t>>;
  void issue(const std::string& id, const std::string& customer, const Dues& dues,
             std::int64_t base_minor = -1) {
    Invoice& invoice = invoices_[id];
    invoice.customer = customer;
    schema::InvoiceIssuedT event;
    for (const auto& [date, minor] : dues) {
      schema::DueAmountT due;
      due.due_date = date;
      due.amount = usd(minor);
      event.due.push_back(own(std::move(due)));
      invoice.open += minor;
    }
    event.customer_id = customer;
    event.total = usd(invoice.open);
    event.base_total = Money(base_minor < 0 ? invoice.open : base_minor,
                             base_minor < 0 ? schema::Currency::USD : schema::Currency::EUR);
    event.issued_on = today();
    log_.add(id, std::move(event));
  }
  void pay(const std::string& id, std::int64_t minor, std::int64_t discount = 0) {
    Invoice& invoice = invoices_[id];
    invoice.open -= minor + discount;
    schema::InvoicePaymentAppliedT event;
    event.amount = usd(minor);
    event.cash_discount = usd(discount);
    event.balance = usd(invoice.open);
    event.customer_id = invoice.customer;
    log_.add(id, std::move(event));
  }
  void take_back(const std::string& id, std::int64_t minor) {
    Invoice& invoice = invoices_[id];
    invoice.open += minor;
    schema::InvoicePaymentUnappliedT event;
    event.amount = usd(minor);
    event.balance = usd(invoice.open);
    event.customer_id = invoice.customer;
    log_.add(id, std::move(event));
  }
  void credit(const std::string& id, std::int64_t minor, std::int64_t unapplied = 0) {
    Invoice& invoice = invoices_[id];
    invoice.open -= minor - unapplied;
    schema::CreditNoteIssuedT event;
    event.amount = usd(minor);
    event.unapplied = usd(unapplied);
    event.balance = usd(invoice.open);
    event.customer_id = invoice.customer;
    log_.add(id, std::move(event));
  }
  void write_off(const std::string& id) {
    Invoice& invoice = invoices_[id];
    schema::InvoiceWrittenOffT event;
    event.amount = usd(invoice.open);
    event.customer_id = invoice.customer;
    invoice.open = 0;
    log_.add(id, std::move(event));
  }
  void dispute(const std::string& id) {
    schema::InvoiceDisputedT event;
    event.customer_id = invoices_[id].customer;
    event.balance = usd(invoices_[id].open);
    log_.add(id, std::move(event));
  }
  void resolve(const std::string& id) {
    schema::DisputeResolvedT event;
    event.customer_id = invoices_[id].customer;
    event.balance = usd(invoices_[id].open);
    log_.add(id, std::move(event));
  }
  void remind(const std::string& id, std::uint32_t level) {
    schema::InvoiceReminderSentT event;
    event.level = level;
    event.customer_id = invoices_[id].customer;
    event.balance = usd(invoices_[id].open);
    log_.add(id, std::move(event));
  }
  void unapplied(const std::string& customer, std::int64_t delta) {
    schema::CreditBalanceChangedT event;
    event.delta = usd(delta);
    event.balance = usd(unapplied_[customer] += delta);
    log_.add(customer, std::move(event));
  }
  bool issued(const std::string& id) const { return invoices_.contains(id); }
  std::int64_t open(const std::string& id) { return invoices_[id].open; }
  std::int64_t credit_of(const std::string& customer) { return unapplied_[customer]; }

 private:
  struct Invoice {
    std::string customer;
    std::int64_t open = 0;
  };
  WrittenLog& log_;
  std::map<std::string, Invoice> invoices_;
  std::map<std::string, std::int64_t> unapplied_;
};

}  // namespace orderlog::projections::test
