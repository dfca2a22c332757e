// Cells of the sales cube: an axis and its value, a period, a currency, and the sums there. What
// one order contributes is worked out from what of it is booked, so every change is the difference
// of before and after, patched into the periods of its booking day (P7); so are its returns. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "projections/model.h"

namespace orderlog::projections {

struct SalesSums {
  std::int64_t orders = 0;
  std::int64_t lines = 0;
  std::int64_t milli = 0;
  std::int64_t gross = 0;
  std::int64_t discount = 0;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t cost = 0;
  std::int64_t returned_milli = 0;
  std::int64_t returns = 0;
  std::int64_t base_net = 0;
  std::int64_t base_margin = 0;

  friend bool operator==(const SalesSums&, const SalesSums&) = default;
};

// Adds or takes away (sign −1). False on overflow; then `to` is not to be used.
bool add_sums(SalesSums& to, const SalesSums& sums, int sign);

// What an order contributes to one value of one axis, in whatever period.
struct SalesPart {
  schema::SalesAxis axis;
  std::string_view value;  // into the order
  SalesSums sums;
};

// The order counts once in each value that it has lines of. fits: false when its amounts in base
// currency don't.
std::vector<SalesPart> sales_parts(const schema::BookedOrderRowT& order, bool& fits);

// Keys of SalesCubeRow: axis, period, first day, value, currency.
Key cube_group(schema::SalesAxis axis, schema::SalesPeriod period);
Key cube_key(schema::SalesAxis axis, schema::SalesPeriod period, Day start, std::string_view value,
             schema::Currency currency);

// Moves the cube from what the order contributed to what it contributes now. Errors: Overflow; then
// nothing is changed.
Status patch_cube(const schema::BookedOrderRowT& before, const schema::BookedOrderRowT& after,
                  Tables& tables);

}  // namespace orderlog::projections
