// Random histories of one credit account (domain.md 3.16, P9): no amount is counted twice, no
// bucket falls below zero, and everything that came in goes out.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/engine/stock/credit_commands.h"

namespace orderlog::engine::test {
namespace {

using Account = Runner<CreditAggregate>;
using Bucket = schema::ExposureBucket;

std::string some_order() { return "O-" + std::to_string(*rc::gen::inRange(0, 6)); }

void some_command(Account& account) {
  account.now += *rc::gen::inRange<std::int64_t>(0, 5) * us_per_day;
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
    case 1: {
      auto request = ask_credit(some_order(), *rc::gen::inRange<std::int64_t>(0, 500),
                                *rc::gen::inRange<std::uint64_t>(0, 4));
      request.overridden = *rc::gen::arbitrary<bool>();
      if (*rc::gen::arbitrary<bool>()) {
        request.ship_date = static_cast<Day>(account.now / us_per_day) + *rc::gen::inRange(0, 120);
      }
      account.run(request);
      return;
    }
    case 2:
      account.run(give_back(some_order(), *rc::gen::element(schema::Money(), usd(50), usd(700))));
      return;
    case 3:
      account.run(limit(*rc::gen::inRange<std::int64_t>(0, 2'000)));
      return;
    default: {
      const auto bucket = rc::gen::element(Bucket::None, Bucket::OpenOrder, Bucket::OpenDelivery,
                                           Bucket::OpenInvoice);
      auto command = shift(some_order(), *bucket, *bucket, *rc::gen::inRange<std::int64_t>(0, 400));
      command.invoice_id = "I-" + std::to_string(*rc::gen::inRange(0, 3));
      if (*rc::gen::arbitrary<bool>()) command.due_date = start_day + *rc::gen::inRange(0, 100);
      account.run(command);
      return;
    }
  }
}

void run_in_any_order(Account& account, std::vector<schema::ShiftExposureT> steps) {
  while (!steps.empty()) {
    const auto at = *rc::gen::inRange<std::size_t>(0, steps.size());
    account.run(steps[at]);
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

RC_GTEST_PROP(CreditProperties, EveryAmountIsInOneBucketAndNoneIsLost, ()) {
  Account account("C-1");
  account.authority = schema::Authority::System;
  std::int64_t expected = 0;
  account.after_event = [&](const schema::CreditEventUnion& event) {
    if (const auto* e = event.AsCreditReserved()) expected += e->amount.minor();
    if (const auto* e = event.AsCreditReleased()) expected -= e->amount.minor();
    if (const auto* e = event.AsExposureMoved()) {
      if (e->from == Bucket::None) expected += e->amount.minor();
      if (e->to == Bucket::None) expected -= e->amount.minor();
    }
    const auto discrepancy = find_discrepancy(account.state);
    RC_ASSERT(discrepancy == std::nullopt);
    RC_ASSERT(account.state.exposures.sums().total() == expected);
  };
  const int steps = *rc::gen::inRange(1, 120);
  for (int i = 0; i < steps; ++i) some_command(account);
}

// The steps of one order in any order of arrival end with nothing left of it.
RC_GTEST_PROP(CreditProperties, StepsInAnyOrderEndInNothing, ()) {
  Account account("C-1");
  account.authority = schema::Authority::System;
  const auto first = *rc::gen::inRange<std::int64_t>(1, 500);
  const auto second = *rc::gen::inRange<std::int64_t>(1, 500);
  auto request = ask_credit("O-1", first + second);
  request.overridden = true;
  account.run(request);
  std::vector<schema::ShiftExposureT> steps;
  for (const std::int64_t part : {first, second}) {
    steps.push_back(shift("O-1", Bucket::OpenOrder, Bucket::OpenDelivery, part));
    steps.push_back(shift("O-1", Bucket::OpenDelivery, Bucket::OpenInvoice, part));
    steps.push_back(shift("O-1", Bucket::OpenInvoice, Bucket::None, part));
  }
  run_in_any_order(account, std::move(steps));
  RC_ASSERT(account.state.exposures.sums().total() == 0);
  RC_ASSERT(account.state.orders_paid == 1u);
}

// What has not been shipped stays where it is, whatever overtook what on the way of the rest.
RC_GTEST_PROP(CreditProperties, StepsInAnyOrderLeaveTheRestAlone, ()) {
  Account account("C-1");
  account.authority = schema::Authority::System;
  const auto shipped = *rc::gen::inRange<std::int64_t>(1, 500);
  const auto waiting = *rc::gen::inRange<std::int64_t>(1, 500);
  auto request = ask_credit("O-1", shipped + waiting);
  request.overridden = true;
  account.run(request);
  const bool paid = *rc::gen::arbitrary<bool>();
  std::vector<schema::ShiftExposureT> steps = {
      shift("O-1", Bucket::OpenOrder, Bucket::OpenDelivery, shipped),
      shift("O-1", Bucket::OpenDelivery, Bucket::OpenInvoice, shipped)};
  if (paid) steps.push_back(shift("O-1", Bucket::OpenInvoice, Bucket::None, shipped));
  run_in_any_order(account, std::move(steps));
  const auto* entry = account.state.exposures.find("O-1");
  RC_ASSERT(entry != nullptr);
  RC_ASSERT(entry->open_order == waiting);
  RC_ASSERT(entry->open_delivery == 0);
  RC_ASSERT(entry->open_invoice == (paid ? 0 : shipped));
}

RC_GTEST_PROP(CreditProperties, TheLimitHoldsWithoutAnOverride, ()) {
  Account account("C-1");
  account.authority = schema::Authority::System;
  account.run(for_customer(schema::OpenCreditAccountT{}));
  const auto ceiling = *rc::gen::inRange<std::int64_t>(0, 2'000);
  account.run(limit(ceiling));
  for (int i = 0; i < 40; ++i) {
    account.run(ask_credit("O-" + std::to_string(i), *rc::gen::inRange<std::int64_t>(0, 300)));
    RC_ASSERT(account.state.exposures.sums().total() <= ceiling);
  }
}

RC_GTEST_PROP(CreditProperties, StateSurvivesBeingStored, ()) {
  Account account("C-1");
  account.authority = schema::Authority::System;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) some_command(account);
  flatbuffers::FlatBufferBuilder first;
  first.Finish(pack_state(first, account.state));
  const auto& stored = *flatbuffers::GetRoot<schema::CreditState>(first.GetBufferPointer());
  RC_ASSERT(recount(stored) == account.state.exposures.sums());
  CreditAccount read;
  unpack_state(read, stored);
  RC_ASSERT(read.exposures.sums() == account.state.exposures.sums());
  RC_ASSERT(read.exposures.oldest_due() == account.state.exposures.oldest_due());
  RC_ASSERT(read.exposures.open_orders_after(start_day + 60) ==
            account.state.exposures.open_orders_after(start_day + 60));
  flatbuffers::FlatBufferBuilder second;
  second.Finish(pack_state(second, read));
  RC_ASSERT(
      std::string_view(reinterpret_cast<const char*>(first.GetBufferPointer()), first.GetSize()) ==
      std::string_view(reinterpret_cast<const char*>(second.GetBufferPointer()), second.GetSize()));
}

}  // namespace
}  // namespace orderlog::engine::test
