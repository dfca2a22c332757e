#include "events/base/quantity.h"

#include "events/base/decimal.h"

namespace orderlog {

namespace {

constexpr int quantity_digits = 3;

Error overflow() { return error(ErrorCode::Overflow, "quantity leaves the range of int64"); }

}  // namespace

Result<Quantity> add(const Quantity& a, const Quantity& b) {
  std::int64_t milli = 0;
  if (__builtin_add_overflow(a.milli(), b.milli(), &milli)) return overflow();
  return Quantity(milli);
}

Result<Quantity> subtract(const Quantity& a, const Quantity& b) {
  std::int64_t milli = 0;
  if (__builtin_sub_overflow(a.milli(), b.milli(), &milli)) return overflow();
  return Quantity(milli);
}

Result<Quantity> negate(const Quantity& quantity) { return subtract(Quantity(0), quantity); }

Result<Quantity> quantity_of_units(std::int64_t units) {
  std::int64_t milli = 0;
  if (__builtin_mul_overflow(units, milli_per_unit, &milli)) return overflow();
  return Quantity(milli);
}

Result<Quantity> quantity_from_text(std::string_view text) {
  auto milli = fixed_from_text(text, quantity_digits);
  if (!milli) return milli.error();
  return Quantity(*milli);
}

std::string quantity_to_text(const Quantity& quantity) {
  std::string text = fixed_to_text(quantity.milli(), quantity_digits);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace orderlog
