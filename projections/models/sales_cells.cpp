#include "projections/models/sales_cells.h"

#include "projections/models/fields.h"
#include "projections/models/periods.h"

namespace orderlog::projections {
namespace {

using schema::SalesAxis;
using schema::SalesPeriod;
using Booked = schema::BookedOrderRowT;
using Row = schema::SalesCubeRowT;

SalesSums sums_of(const schema::BookedLineT& line) {
  return {0, 1, line.milli, line.gross, line.discount, line.net, line.tax, line.cost};
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
  std::vector<SalesPart> parts = sales_parts(after);
  for (const SalesPart& old : sales_parts(before)) {
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
  return {row->orders,           row->lines,       row->quantity.milli(), row->gross.minor(),
          row->discount.minor(), row->net.minor(), row->tax.minor(),      row->cost.minor()};
}

void store(Row& row, const SalesSums& sums) {
  row.orders = sums.orders;
  row.lines = sums.lines;
  row.quantity = Quantity(sums.milli);
  row.gross = Money(sums.gross, row.currency);
  row.discount = Money(sums.discount, row.currency);
  row.net = Money(sums.net, row.currency);
  row.tax = Money(sums.tax, row.currency);
  row.cost = Money(sums.cost, row.currency);
  row.margin = Money(sums.net - sums.cost, row.currency);
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
         !__builtin_sub_overflow(to.net, to.cost, &margin);
}

std::vector<SalesPart> sales_parts(const Booked& order) {
  std::vector<SalesPart> parts;
  if (order.lines.empty()) return parts;
  SalesSums whole;
  for (const auto& line : order.lines) (void)add_sums(whole, sums_of(*line), +1);
  whole.orders = 1;
  parts.push_back({SalesAxis::none, {}, whole});
  parts.push_back({SalesAxis::region, order.region, whole});
  parts.push_back({SalesAxis::salesperson, order.salesperson, whole});
  parts.push_back({SalesAxis::channel, order.channel, whole});
  parts.push_back({SalesAxis::customer, order.customer_id, whole});
  parts.push_back({SalesAxis::grade, schema::EnumNameGrade(order.grade), whole});
  const std::size_t by_line = parts.size();
  for (const auto& line : order.lines) {
    add_line(parts, by_line, SalesAxis::product, line->product_id, sums_of(*line));
    add_line(parts, by_line, SalesAxis::product_class, line->product_class, sums_of(*line));
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
    for (std::size_t i = 0; i < starts.size(); ++i) {
      Slot& slot =
          table.reach(cube_key(part.axis, all_periods[i], starts[i], part.value, after.currency));
      SalesSums sums = kept_in(Table<Row>::row_at(slot));
      fits = add_sums(sums, part.sums, +1) && fits;
      touched.push_back({&slot, &part, all_periods[i], starts[i], sums});
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
    store(row, cell.sums);
  }
  return {};
}

}  // namespace orderlog::projections
