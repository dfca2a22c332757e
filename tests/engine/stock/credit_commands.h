// Credit commands as the tests of this folder write them. Amounts in US dollars, minor units.
#pragma once

#include <string>
#include <utility>

#include "tests/engine/stock/commands.h"

namespace orderlog::engine::test {

inline schema::Money usd(std::int64_t minor) { return schema::Money(minor, schema::Currency::USD); }

template <class CommandT>
CommandT for_customer(CommandT command) {
  command.customer_id = "C-1";
  return command;
}

inline schema::ReserveCreditT ask_credit(std::string order, std::int64_t minor,
                                         std::uint64_t fingerprint = 0) {
  auto command = for_customer(schema::ReserveCreditT{});
  command.order_id = std::move(order);
  command.amount = usd(minor);
  command.line_fingerprint = fingerprint;
  return command;
}
inline schema::ShiftExposureT shift(std::string order, schema::ExposureBucket from,
                                    schema::ExposureBucket to, std::int64_t minor) {
  auto command = for_customer(schema::ShiftExposureT{});
  command.order_id = std::move(order);
  command.from = from;
  command.to = to;
  command.amount = usd(minor);
  return command;
}
inline schema::ReleaseCreditT give_back(std::string order, schema::Money amount = {}) {
  auto command = for_customer(schema::ReleaseCreditT{});
  command.order_id = std::move(order);
  command.amount = amount;
  return command;
}
inline schema::SetCreditLimitT limit(std::int64_t minor) {
  auto command = for_customer(schema::SetCreditLimitT{});
  command.limit = usd(minor);
  return command;
}
inline schema::GradeCustomerT grade(schema::Grade grade) {
  auto command = for_customer(schema::GradeCustomerT{});
  command.grade = grade;
  return command;
}

}  // namespace orderlog::engine::test
