#include "projections/models/sales_cells.h"

#include <algorithm>

#include "projections/models/fields.h"
#include "projections/models/periods.h"

namespace orderlog::projections {
namespace {

using schema::SalesAxis;
using schema::SalesPeriod;
using Booked = schema::BookedOrderRowT;
using Row = schema::SalesCubeRowT;

// By the rate that is fixed on the order, as its two totals have it; towards zero.
std::int64_t in_base(const Booked& order, std::int64_t minor, bool& fits) {
  if (order.total.minor() == 0) return 0;
  const auto wide = static_cast<__int128>(order.base_total.minor()) * minor / order.total.minor();
  const auto base = static_cast<std::int64_t>(wide);
  fits = fits && base == wide;
  return base;
}

SalesSums sums_of(const Booked& order, const schema::BookedLineT& line, bool& fits) {
  SalesSums sums{0, 1, line.milli, line.gross, line.discount, line.net, line.tax, line.cost};
  sums.base_net = in_base(order, line.net, fits);
  fits =
      !__builtin_sub_overflow(sums.base_net, in_base(order, line.cost, fits), &sums.base_margin) &&
      fits;
  return sums;
}

// What of each line a credit note takes back: the goods it names, and of its net amount the share
// that they have in it. The shares sum to the whole.
void take_returns(const Booked& order, const schema::BookedReturnT& credit,
                  std::vector<SalesSums>& of_lines, bool& fits) {
  if (credit.net.currency() != order.currency) return;
  std::vector<std::int64_t> weights(order.lines.size(), 0);
  __int128 whole = 0;
  for (const auto& part : credit.lines) {
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
      const auto& line = *order.lines[i];
      if (line.line != part->line) continue;
      weights[i] = part_of(std::max<std::int64_t>(0, line.net),
                           std::min(part->quantity.milli(), line.milli), line.milli);
      whole += weights[i];
      fits = !__builtin_add_overflow(of_lines[i].returned_milli, part->quantity.milli(),
                                     &of_lines[i].returned_milli) &&
             fits;
    }
  }
  for (std::size_t i = 0; whole == 0 && i < order.lines.size(); ++i) {
    weights[i] = std::max<std::int64_t>(0, order.lines[i]->net);
  }
  whole = 0;
  for (const std::int64_t weight : weights) whole += weight;
  __int128 upto = 0;
  std::int64_t given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    upto += weights[i];
    const bool last = i + 1 == weights.size();
    const auto sum = last || whole == 0
                         ? credit.net.minor()
                         : static_cast<std::int64_t>(credit.net.minor() * upto / whole);
    fits = !__builtin_add_overflow(of_lines[i].returns, sum - given, &of_lines[i].returns) && fits;
    given = sum;
  }
}

std::vector<SalesSums> sums_of_lines(const Booked& order, bool& fits) {
  std::vector<SalesSums> sums;
  sums.reserve(order.lines.size());
  for (const auto& line : order.lines) sums.push_back(sums_of(order, *line, fits));
  for (const auto& credit : order.returns) take_returns(order, *credit, sums, fits);
  return sums;
}

void add_line(std::vector<SalesPart>& parts, std::size_t from, SalesAxis axis,
              std::string_view value, const SalesSums& sums) {
  for (std::size_t i = from; i < parts.size(); ++i) {
    if (parts[i].axis == axis && parts[i].value == value) {
      (void)add_sums(parts[i].sums, sums, +1);  // an order's own sums fit: the engine adds them too
      return;
    }
  }
  parts.push_back({axis, value, sums});
  parts.back().sums.orders = 1;
}

bool same_place(const SalesPart& a, const SalesPart& b) {
  return a.axis == b.axis && a.value == b.value;
}

// Parts of `after` less those of `before`, both of one booking day and currency.
std::vector<SalesPart> difference_of(const Booked& before, const Booked& after, bool& fits) {
  std::vector<SalesPart> parts = sales_parts(after, fits);
  for (const SalesPart& old : sales_parts(before, fits)) {
    auto same = std::find_if(parts.begin(), parts.end(),
                             [&](const SalesPart& part) { return same_place(part, old); });
    if (same == parts.end()) same = parts.insert(parts.end(), {old.axis, old.value, {}});
    fits = add_sums(same->sums, old.sums, -1) && fits;
  }
  std::erase_if(parts, [](const SalesPart& part) { return part.sums == SalesSums{}; });
  return parts;
}

SalesSums kept_in(const Row* row) {
  if (!row) return {};
  return {
      row->orders,           row->lines,           row->quantity.milli(), row->gross.minor(),
      row->discount.minor(), row->net.minor(),     row->tax.minor(),      row->cost.minor(),
      row->returned.milli(), row->returns.minor(), row->base_net.minor(), row->base_margin.minor()};
}

void store(Row& row, const SalesSums& sums, schema::Currency base_currency) {
  row.orders = sums.orders;
  row.lines = sums.lines;
  row.quantity = Quantity(sums.milli);
  row.gross = Money(sums.gross, row.currency);
  row.discount = Money(sums.discount, row.currency);
  row.net = Money(sums.net, row.currency);
  row.tax = Money(sums.tax, row.currency);
  row.cost = Money(sums.cost, row.currency);
  row.margin = Money(sums.net - sums.cost, row.currency);
  row.returned = Quantity(sums.returned_milli);
  row.returns = Money(sums.returns, row.currency);
  row.base_net = Money(sums.base_net, base_currency);
  row.base_margin = Money(sums.base_margin, base_currency);
}

struct Touched {
  Slot* slot;
  const SalesPart* part;
  SalesPeriod period;
  Day start;
  SalesSums sums;
};

}  // namespace

bool add_sums(SalesSums& to, const SalesSums& sums, int sign) {
  const auto add = [sign](std::int64_t& sum, std::int64_t value) {
    return sign > 0 ? !__builtin_add_overflow(sum, value, &sum)
                    : !__builtin_sub_overflow(sum, value, &sum);
  };
  std::int64_t margin = 0;  // derived from the others: must fit as well
  return add(to.orders, sums.orders) && add(to.lines, sums.lines) && add(to.milli, sums.milli) &&
         add(to.gross, sums.gross) && add(to.discount, sums.discount) && add(to.net, sums.net) &&
         add(to.tax, sums.tax) && add(to.cost, sums.cost) &&
         add(to.returned_milli, sums.returned_milli) && add(to.returns, sums.returns) &&
         add(to.base_net, sums.base_net) && add(to.base_margin, sums.base_margin) &&
         !__builtin_sub_overflow(to.net, to.cost, &margin);
}

std::vector<SalesPart> sales_parts(const Booked& order, bool& fits) {
  std::vector<SalesPart> parts;
  if (order.lines.empty()) return parts;
  SalesSums whole;
  const std::vector<SalesSums> of_lines = sums_of_lines(order, fits);
  for (const SalesSums& sums : of_lines) fits = add_sums(whole, sums, +1) && fits;
  whole.orders = 1;
  parts.push_back({SalesAxis::none, {}, whole});
  parts.push_back({SalesAxis::region, order.region, whole});
  parts.push_back({SalesAxis::salesperson, order.salesperson, whole});
  parts.push_back({SalesAxis::channel, order.channel, whole});
  parts.push_back({SalesAxis::customer, order.customer_id, whole});
  parts.push_back({SalesAxis::grade, schema::EnumNameGrade(order.grade), whole});
  const std::size_t by_line = parts.size();
  for (std::size_t i = 0; i < order.lines.size(); ++i) {
    const auto& line = *order.lines[i];
    add_line(parts, by_line, SalesAxis::product, line.product_id, of_lines[i]);
    add_line(parts, by_line, SalesAxis::product_class, line.product_class, of_lines[i]);
  }
  return parts;
}

Key cube_group(SalesAxis axis, SalesPeriod period) {
  return Key().u8(static_cast<std::uint8_t>(axis)).u8(static_cast<std::uint8_t>(period));
}

Key cube_key(SalesAxis axis, SalesPeriod period, Day start, std::string_view value,
             schema::Currency currency) {
  return cube_group(axis, period).i32(start).text(value).u32(static_cast<std::uint32_t>(currency));
}

Status patch_cube(const Booked& before, const Booked& after, Tables& tables) {
  bool fits = true;
  const auto parts = difference_of(before, after, fits);
  const auto starts = period_starts(after.booked_on);
  auto& table = tables.of<Row>();
  std::vector<Touched> touched;
  touched.reserve(parts.size() * starts.size());
  for (const SalesPart& part : parts) {
    const auto key_in = [&](std::size_t i) {
      return cube_key(part.axis, all_periods[i], starts[i], part.value, after.currency);
    };
    // The day decides on all periods.
    const auto& slots = table.reach_all(key_in(day_place), [&] {
      std::array<Key, all_periods.size()> keys;
      for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = key_in(i);
      return keys;
    });
    for (std::size_t i = 0; i < starts.size(); ++i) {
      SalesSums sums = kept_in(Table<Row>::row_at(*slots[i]));
      fits = add_sums(sums, part.sums, +1) && fits;
      touched.push_back({slots[i], &part, all_periods[i], starts[i], sums});
    }
  }
  if (!fits) return error(ErrorCode::Overflow, "the sums of the sales do not fit");
  for (const Touched& cell : touched) {
    if (cell.sums == SalesSums{}) {
      table.erase(*cell.slot);
      continue;
    }
    const bool is_new = Table<Row>::row_at(*cell.slot) == nullptr;
    Row& row = table.put(*cell.slot);
    if (is_new) {
      row.dimension = cell.part->axis;
      row.value = cell.part->value;
      row.period = cell.period;
      if (cell.period != SalesPeriod::all) row.period_start = cell.start;
      row.currency = after.currency;
    }
    store(row, cell.sums, after.base_total.currency());
  }
  return {};
}

}  // namespace orderlog::projections
