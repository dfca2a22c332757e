// The ledger behind receivables_ageing: each invoice keeps its postings, and what they say of each
// day is added up in cells (day of the posting, due date), of each customer and of all. A change of
// an invoice patches the cells by the difference of before and after, so that a late posting moves
// the days it concerns and no others (P7). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/schema/read_models_desk_generated.h"
#include "projections/model.h"

namespace orderlog::projections {

struct AgeingSums {
  std::int64_t open = 0;
  std::int64_t disputed = 0;
  friend bool operator==(const AgeingSums&, const AgeingSums&) = default;
};

struct ReceivablesDay {
  std::int64_t sales = 0;  // invoiced less credited
  std::int64_t unapplied = 0;
  std::int64_t base_open = 0;
  std::map<std::uint32_t, std::int64_t> levels;  // open invoices by the level of their reminder
  friend bool operator==(const ReceivablesDay&, const ReceivablesDay&) = default;
};

// Changes, by day of business: the sum of all up to a day is that day's balance.
struct Ledger {
  std::map<std::pair<Day, Day>, AgeingSums> cells;  // by day and due date
  std::map<Day, ReceivablesDay> days;
};

// What one invoice contributes. What is settled is taken off the earliest due date first. False:
// the sums do not fit.
bool add_ledger(const schema::InvoiceDueRowT& invoice, Ledger& to);

// after − before; places that stay are left out. False: the differences do not fit.
bool difference_of(const Ledger& before, const Ledger& after, Ledger& difference);

// What is open of an invoice by due date, after all its postings; empty when nothing is.
std::vector<std::unique_ptr<schema::ReceivableItemT>> open_items(
    std::string_view invoice_id, const schema::InvoiceDueRowT& invoice);

// Keys of the ledger's and of the report's rows: all customers together, or one.
Key ledger_scope_of_all(schema::Currency currency);
Key ledger_scope_of(std::string_view customer_id, schema::Currency currency);

// The rows of one scope with a difference added, worked out and not yet stored: so that several can
// be tried before any is changed. Lives as long as the fold's call.
class LedgerPatch {
 public:
  // False: the sums do not fit; then it is not to be stored.
  bool prepare(const Key& scope, const Ledger& difference, Tables& tables);
  // None: the difference is of no invoice, the currency stays.
  void store(schema::Currency base_currency, Tables& tables) const;

 private:
  struct CellChange {
    Slot* slot;
    Day posted;
    Day due_date;
    AgeingSums sums;
  };
  struct DayChange {
    Slot* slot;
    Day day;
    ReceivablesDay sums;
  };
  std::vector<CellChange> cells_;
  std::vector<DayChange> days_;
};

TableDefinition ageing_cell_table();
TableDefinition receivables_day_table();

}  // namespace orderlog::projections
