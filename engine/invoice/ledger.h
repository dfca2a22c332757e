// The accounts that events of invoices and payments post to, for proof and audit: whoever adds up
// the postings of a log must come to zero in every currency (proof.md 3e). Not a general ledger.
#pragma once

#include <cstdint>
#include <vector>

#include "events/base/money.h"

namespace orderlog::engine {

// Where the balance of an account is visible elsewhere, that is said; a proof can compare.
enum class Account : std::uint8_t {
  Receivable,          // Σ open balances of invoices
  Sales,               // what was invoiced, tax included
  CashDiscount,        // granted for payment in time
  WriteOff,            // given up, small differences included
  CustomerCredit,      // credit notes for goods already paid: owed to the customer
  Cash,                // Σ captured − refunds settled − charged back
  UnappliedCash,       // Σ unapplied of payments, owed to the customer
  AllocationClearing,  // asked of invoices and not yet answered; zero when nothing is under way
  RefundsPayable,      // refunds asked for and neither settled nor failed
  CashRevaluation,     // base currency: what payments were worth above the invoices they settled
  ExchangeGain,        // its other side: gains less losses (domain.md 4.4)
};

// Positive is a debit, negative a credit.
struct Posting {
  Account account;
  Money amount;

  friend bool operator==(const Posting&, const Posting&) = default;
};

// Both sides of moving `amount` between two accounts; nothing when it is zero.
inline void post(std::vector<Posting>& postings, Account debit, Account credit, Money amount) {
  if (amount.minor() == 0) return;
  postings.push_back({debit, amount});
  postings.push_back({credit, Money(-amount.minor(), amount.currency())});
}

}  // namespace orderlog::engine
