#include "projections/models/receivables_ledger.h"

#include <algorithm>

#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::DisputeChange;
using Cell = schema::AgeingCellRowT;
using DayRow = schema::ReceivablesDayRowT;
using Invoice = schema::InvoiceDueRowT;

constexpr std::size_t cached_cells_max = 32'768;
constexpr std::size_t cached_days_max = 16'384;

bool add_checked(std::int64_t& to, std::int64_t value) {
  return !__builtin_add_overflow(to, value, &to);
}

bool take_checked(std::int64_t& from, std::int64_t value) {
  return !__builtin_sub_overflow(from, value, &from);
}

// An invoice at the end of a day of business.
struct Balance {
  std::int64_t open = 0;
  bool disputed = false;
  std::uint32_t level = 0;
};

struct DueOpen {
  Day due_date;
  std::int64_t open;
};

// What is settled goes off the earliest date first, so what is open fills the latest first; what no
// date has room for (a payment taken from before the invoice was) stands on the earliest.
std::vector<DueOpen> spread(const Invoice& invoice, std::int64_t open) {
  std::vector<DueOpen> parts;
  if (open == 0) return parts;
  std::int64_t rest = open;
  for (auto at = invoice.due.rbegin(); at != invoice.due.rend() && rest > 0; ++at) {
    const std::int64_t part = std::clamp<std::int64_t>((*at)->amount.minor(), 0, rest);
    if (part > 0) parts.push_back({(*at)->due_date, part});
    rest -= part;
  }
  if (rest == 0) return parts;
  const Day earliest = invoice.due.empty() ? invoice.due_date : invoice.due.front()->due_date;
  if (!parts.empty() && parts.back().due_date == earliest) {
    parts.back().open += rest;
  } else {
    parts.push_back({earliest, rest});
  }
  return parts;
}

// Towards zero; 0 without a total. False: does not fit.
bool in_base(const Invoice& invoice, std::int64_t open, std::int64_t& base) {
  base = 0;
  if (invoice.total.minor() == 0) return true;
  const auto wide =
      static_cast<__int128>(invoice.base_total.minor()) * open / invoice.total.minor();
  base = static_cast<std::int64_t>(wide);
  return base == wide;
}

bool apply(const schema::InvoicePostingT& posting, Balance& balance) {
  if (posting.dispute != DisputeChange::none) {
    balance.disputed = posting.dispute == DisputeChange::raised;
  }
  balance.level = std::max(balance.level, posting.dunning_level);
  return add_checked(balance.open, posting.open);
}

// Adds (sign 1) or takes away (-1) what the balance says from that day on.
bool add_balance(const Invoice& invoice, const Balance& balance, Day day, int sign, Ledger& to) {
  bool fits = true;
  const auto add = [&](std::int64_t& sum, std::int64_t value) {
    fits = (sign > 0 ? add_checked(sum, value) : take_checked(sum, value)) && fits;
  };
  for (const DueOpen& part : spread(invoice, balance.open)) {
    AgeingSums& sums = to.cells[{day, part.due_date}];
    add(sums.open, part.open);
    if (balance.disputed) add(sums.disputed, part.open);
  }
  ReceivablesDay& sums = to.days[day];
  std::int64_t base = 0;
  fits = in_base(invoice, balance.open, base) && fits;
  add(sums.base_open, base);
  if (balance.level > 0 && balance.open > 0) add(sums.levels[balance.level], 1);
  return fits;
}

std::vector<const schema::InvoicePostingT*> by_day(const Invoice& invoice) {
  std::vector<const schema::InvoicePostingT*> postings;
  postings.reserve(invoice.postings.size());
  for (const auto& posting : invoice.postings) postings.push_back(posting.get());
  std::stable_sort(postings.begin(), postings.end(),
                   [](const auto* a, const auto* b) { return a->day < b->day; });
  return postings;
}

bool is_zero(const ReceivablesDay& day) {
  return day.sales == 0 && day.unapplied == 0 && day.base_open == 0 &&
         std::all_of(day.levels.begin(), day.levels.end(),
                     [](const auto& level) { return level.second == 0; });
}

bool add_day(ReceivablesDay& to, const ReceivablesDay& day, int sign) {
  bool fits = true;
  const auto add = [&](std::int64_t& sum, std::int64_t value) {
    fits = (sign > 0 ? add_checked(sum, value) : take_checked(sum, value)) && fits;
  };
  add(to.sales, day.sales);
  add(to.unapplied, day.unapplied);
  add(to.base_open, day.base_open);
  for (const auto& [level, invoices] : day.levels) add(to.levels[level], invoices);
  return fits;
}

ReceivablesDay kept_in(const DayRow* row) {
  ReceivablesDay day;
  if (row == nullptr) return day;
  day.sales = row->sales;
  day.unapplied = row->unapplied;
  day.base_open = row->base_open.minor();
  for (const auto& level : row->levels) day.levels[level->level] = level->invoices;
  return day;
}

void set_day(DayRow& row, Day day, const ReceivablesDay& sums, schema::Currency base_currency) {
  row.day = day;
  row.sales = sums.sales;
  row.unapplied = sums.unapplied;
  const auto base =
      base_currency == schema::Currency::None ? row.base_open.currency() : base_currency;
  row.base_open = Money(sums.base_open, base);
  row.levels.clear();
  for (const auto& [level, invoices] : sums.levels) {
    if (invoices == 0) continue;
    auto kept = std::make_unique<schema::DunnedInvoicesT>();
    kept->level = level;
    kept->invoices = invoices;
    row.levels.push_back(std::move(kept));
  }
}

}  // namespace

bool add_ledger(const Invoice& invoice, Ledger& to) {
  const auto postings = by_day(invoice);
  Balance balance;
  bool fits = true;
  for (std::size_t i = 0; i < postings.size();) {
    const Day day = postings[i]->day;
    fits = add_balance(invoice, balance, day, -1, to) && fits;
    for (; i < postings.size() && postings[i]->day == day; ++i) {
      fits = apply(*postings[i], balance) && add_checked(to.days[day].sales, postings[i]->sales) &&
             fits;
    }
    fits = add_balance(invoice, balance, day, +1, to) && fits;
  }
  return fits;
}

bool difference_of(const Ledger& before, const Ledger& after, Ledger& difference) {
  difference = after;
  bool fits = true;
  for (const auto& [place, sums] : before.cells) {
    AgeingSums& left = difference.cells[place];
    fits = take_checked(left.open, sums.open) && take_checked(left.disputed, sums.disputed) && fits;
  }
  for (const auto& [day, sums] : before.days) {
    fits = add_day(difference.days[day], sums, -1) && fits;
  }
  std::erase_if(difference.cells, [](const auto& cell) { return cell.second == AgeingSums{}; });
  std::erase_if(difference.days, [](const auto& day) { return is_zero(day.second); });
  return fits;
}

std::vector<std::unique_ptr<schema::ReceivableItemT>> open_items(std::string_view invoice_id,
                                                                 const Invoice& invoice) {
  Balance balance;
  bool fits = true;
  for (const auto* posting : by_day(invoice)) fits = apply(*posting, balance) && fits;
  std::vector<std::unique_ptr<schema::ReceivableItemT>> items;
  if (!fits) return items;
  std::int64_t base_left = 0;
  (void)in_base(invoice, balance.open, base_left);  // add_ledger has seen that it fits
  std::int64_t open_left = balance.open;
  for (const DueOpen& part : spread(invoice, balance.open)) {
    auto item = std::make_unique<schema::ReceivableItemT>();
    item->invoice_id = std::string(invoice_id);
    item->due_date = part.due_date;
    item->open = Money(part.open, invoice.currency);
    item->disputed = balance.disputed;
    item->dunning_level = balance.open > 0 ? balance.level : 0;
    // The shares sum to the whole.
    std::int64_t base = base_left;
    if (part.open != open_left) (void)in_base(invoice, part.open, base);
    item->base_open = Money(base, invoice.base_total.currency());
    base_left -= base;
    open_left -= part.open;
    items.push_back(std::move(item));
  }
  return items;
}

Key ledger_scope_of_all(schema::Currency currency) {
  return Key().u8(0).u32(static_cast<std::uint32_t>(currency));
}

Key ledger_scope_of(std::string_view customer_id, schema::Currency currency) {
  return Key().u8(1).text(customer_id).u32(static_cast<std::uint32_t>(currency));
}

bool LedgerPatch::prepare(const Key& scope, const Ledger& difference, Tables& tables) {
  auto& cells = tables.of<Cell>();
  auto& days = tables.of<DayRow>();
  bool fits = true;
  for (const auto& [place, sums] : difference.cells) {
    Slot& slot = cells.reach(Key(scope).i32(place.first).i32(place.second));
    const Cell* row = Table<Cell>::row_at(slot);
    AgeingSums sum = row ? AgeingSums{row->open, row->disputed} : AgeingSums{};
    fits = add_checked(sum.open, sums.open) && add_checked(sum.disputed, sums.disputed) && fits;
    cells_.push_back({&slot, place.first, place.second, sum});
  }
  for (const auto& [day, sums] : difference.days) {
    Slot& slot = days.reach(Key(scope).i32(day));
    ReceivablesDay sum = kept_in(Table<DayRow>::row_at(slot));
    fits = add_day(sum, sums, +1) && fits;
    days_.push_back({&slot, day, std::move(sum)});
  }
  return fits;
}

void LedgerPatch::store(schema::Currency base_currency, Tables& tables) const {
  auto& cells = tables.of<Cell>();
  auto& days = tables.of<DayRow>();
  for (const CellChange& change : cells_) {
    if (change.sums == AgeingSums{}) {
      cells.erase(*change.slot);
      continue;
    }
    Cell& row = cells.put(*change.slot);
    row.posted = change.posted;
    row.due_date = change.due_date;
    row.open = change.sums.open;
    row.disputed = change.sums.disputed;
  }
  for (const DayChange& change : days_) {
    if (is_zero(change.sums)) {
      days.erase(*change.slot);
    } else {
      set_day(days.put(*change.slot), change.day, change.sums, base_currency);
    }
  }
}

TableDefinition ageing_cell_table() {
  return define_table<Cell>("AgeingCellRow", {}, nullptr, cached_cells_max);
}

TableDefinition receivables_day_table() {
  return define_table<DayRow>("ReceivablesDayRow", {{"days", IndexKind::Clustered}}, nullptr,
                              cached_days_max);
}

}  // namespace orderlog::projections
