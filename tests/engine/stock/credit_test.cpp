// The credit account: checks, buckets, blocks, duplicates (domain.md 3.16, 4.7, 4.17, P9).
// Longer than 400 lines because every rule of the account has its test in one place.
#include "tests/engine/stock/credit_commands.h"

namespace orderlog::engine::test {
namespace {

using schema::CreditReason;
using schema::CreditStatus;
using Bucket = schema::ExposureBucket;

class Credit : public Scenario<CreditAggregate>, public ::testing::Test {
 protected:
  Credit() : Scenario("C-1") {
    as_system().when(for_customer(schema::OpenCreditAccountT{})).then_ignore();
  }
  Credit& with_limit(std::int64_t minor) {
    officer().when(limit(minor)).then_ignore();
    as_system();
    return *this;
  }
  Credit& officer() {
    as("olga", schema::Role::CreditOfficer);
    return *this;
  }
  void expect_refused(const schema::ReserveCreditT& command, CreditReason reason) {
    when(command);
    EXPECT_EQ(then<schema::CreditRefusedT>().reason, reason);
    then_no_more();
  }
  void expect_granted(const schema::ReserveCreditT& command) {
    when(command).then<schema::CreditReservedT>();
    then_no_more();
  }
  void expect_buckets(std::int64_t order, std::int64_t delivery, std::int64_t invoice) const {
    EXPECT_EQ(state().exposures.sums(), (ExposureSums{order, delivery, invoice}));
    EXPECT_EQ(find_discrepancy(state()), std::nullopt);
  }
  std::int64_t exposure() const {
    return state().exposures.sums().total() -
           state().exposures.open_orders_after(static_cast<Day>(now() / us_per_day) +
                                               policy.credit.horizon_days);
  }
  // An invoice of the order over `minor`, due on that day.
  void invoice(const std::string& order, std::int64_t minor, Day due) {
    auto command = shift(order, Bucket::OpenOrder, Bucket::OpenInvoice, minor);
    command.invoice_id = "I-" + order;
    command.due_date = due;
    when(command).then_ignore();
  }
};

TEST_F(Credit, OpensOnceInTheBaseCurrency) {
  EXPECT_EQ(state().status, CreditStatus::Active);
  EXPECT_EQ(state().currency, schema::Currency::USD);
  when(for_customer(schema::OpenCreditAccountT{})).then_nothing();
}

TEST(CreditAccount, OpensByItselfForTheFirstOrder) {
  Scenario<CreditAggregate> account("C-1");
  auto paid = ask_credit("O-1", 100);
  paid.prepaid = true;
  account.as_system().when(paid).then<schema::CreditAccountOpenedT>();
  account.then<schema::CreditReservedT>();
  EXPECT_EQ(account.state().currency, schema::Currency::USD);
}

TEST(CreditAccount, MustBeThereForAPersonsCommands) {
  Scenario<CreditAggregate> account("C-1");
  account.when(limit(1)).then_rejected(RejectionCode::NotFound);
  account.when(grade(schema::Grade::A)).then_rejected(RejectionCode::NotFound);
  auto block = for_customer(schema::BlockCustomerT{});
  block.reason = "fraud";
  account.when(block).then_rejected(RejectionCode::NotFound);
}

TEST_F(Credit, TheStepsOfOrdersAreTheEnginesOwn) {
  officer();
  when(for_customer(schema::OpenCreditAccountT{})).then_rejected(RejectionCode::EngineOnly);
  when(ask_credit("O-1", 1)).then_rejected(RejectionCode::EngineOnly);
  when(shift("O-1", Bucket::OpenOrder, Bucket::None, 1)).then_rejected(RejectionCode::EngineOnly);
  when(give_back("O-1")).then_rejected(RejectionCode::EngineOnly);
  auto balance = for_customer(schema::ChangeCreditBalanceT{});
  balance.delta = usd(1);
  when(balance).then_rejected(RejectionCode::EngineOnly);
}

TEST_F(Credit, GrantsWithinTheLimitAndRefusesBeyondIt) {
  with_limit(1'000).when(ask_credit("O-1", 600));
  const auto& granted = then<schema::CreditReservedT>();
  EXPECT_EQ(granted.exposure.minor(), 600);
  EXPECT_EQ(granted.limit.minor(), 1'000);
  EXPECT_FALSE(granted.new_customer);
  when(ask_credit("O-2", 401));
  const auto& refused = then<schema::CreditRefusedT>();
  EXPECT_EQ(refused.reason, CreditReason::LimitExceeded);
  EXPECT_EQ(refused.exposure.minor(), 600);
  EXPECT_EQ(refused.amount.minor(), 401);
  expect_granted(ask_credit("O-3", 400));
  expect_buckets(1'000, 0, 0);
}

TEST_F(Credit, TheSameRequestAgainIsARepeat) {
  with_limit(1'000);
  expect_granted(ask_credit("O-1", 600, 7));
  when(ask_credit("O-1", 600, 7)).then_nothing();
  expect_buckets(600, 0, 0);
}

TEST_F(Credit, AnAmendedOrderAsksForMore) {
  with_limit(1'000);
  expect_granted(ask_credit("O-1", 600, 7));
  expect_granted(ask_credit("O-1", 300, 8));
  expect_buckets(900, 0, 0);
  expect_refused(ask_credit("O-1", 200, 9), CreditReason::LimitExceeded);
  expect_buckets(900, 0, 0);
}

TEST_F(Credit, WhatWasGivenBackCanBeAskedForAgain) {
  with_limit(1'000);
  expect_granted(ask_credit("O-1", 600, 7));
  invoice("O-1", 100, start_day + 30);
  when(give_back("O-1")).then<schema::CreditReleasedT>();
  expect_granted(ask_credit("O-1", 500, 7));
  when(give_back("O-1")).then<schema::CreditReleasedT>();
  expect_granted(ask_credit("O-1", 500, 7));
  expect_buckets(500, 0, 100);
}

TEST_F(Credit, RefusesABlockedCustomer) {
  with_limit(1'000);
  auto block = for_customer(schema::BlockCustomerT{});
  officer().when(block).then_rejected(RejectionCode::InvalidArgument, "/reason");
  block.reason = "fraud";
  when(block).then<schema::CustomerBlockedT>();
  EXPECT_EQ(state().status, CreditStatus::Blocked);
  EXPECT_EQ(state().block_reason, "fraud");
  when(block).then_rejected(RejectionCode::InvalidTransition);
  as_system().when(block).then_nothing();
  auto paid = ask_credit("O-1", 1);
  paid.prepaid = true;
  expect_refused(paid, CreditReason::Blocked);
  auto unblock = for_customer(schema::UnblockCustomerT{});
  unblock.reason = "cleared up";
  officer().when(unblock).then<schema::CustomerUnblockedT>();
  when(unblock).then_rejected(RejectionCode::InvalidTransition);
  as_system();
  expect_granted(paid);
}

TEST_F(Credit, OrdersBeyondTheHorizonDoNotCount) {
  with_limit(1'000);
  auto far = ask_credit("O-1", 5'000);
  far.ship_date = start_day + 61;
  expect_granted(far);
  EXPECT_EQ(exposure(), 0);
  auto near = ask_credit("O-2", 1'000);
  near.ship_date = start_day + 60;
  expect_granted(near);
  expect_refused(ask_credit("O-3", 1), CreditReason::LimitExceeded);
  // A day later the far order has come near.
  at(scenario_start + us_per_day);
  EXPECT_EQ(exposure(), 6'000);
}

TEST_F(Credit, RefusesADocumentThatIsTooLarge) {
  auto command = limit(1'000);
  command.max_document = usd(300);
  officer().when(command).then_ignore();
  as_system();
  expect_granted(ask_credit("O-1", 300));
  expect_refused(ask_credit("O-2", 301), CreditReason::DocumentTooLarge);
}

TEST_F(Credit, RefusesAnExpiredLimit) {
  auto command = limit(1'000);
  command.valid_until = start_day;
  officer().when(command).then_ignore();
  as_system();
  expect_granted(ask_credit("O-1", 1));
  at(scenario_start + us_per_day);
  expect_refused(ask_credit("O-2", 1), CreditReason::LimitExpired);
}

TEST_F(Credit, RefusesWhenAnItemIsTooLongOverdue) {
  policy.credit.overdue_share_max_ppm = 1'000'000;
  with_limit(10'000);
  expect_granted(ask_credit("O-1", 100));
  invoice("O-1", 100, start_day - 30);
  expect_granted(ask_credit("O-2", 1));
  at(scenario_start + us_per_day);
  expect_refused(ask_credit("O-3", 1), CreditReason::OldestItemOverdue);
}

TEST_F(Credit, RefusesWhenTooMuchIsOverdue) {
  with_limit(10'000);
  expect_granted(ask_credit("O-1", 50));
  expect_granted(ask_credit("O-2", 51));
  invoice("O-1", 50, start_day);
  invoice("O-2", 51, start_day + 1);
  expect_granted(ask_credit("O-3", 1));
  at(scenario_start + us_per_day);
  expect_granted(ask_credit("O-4", 1));  // 50 of 101
  at(scenario_start + 2 * us_per_day);
  expect_refused(ask_credit("O-5", 1), CreditReason::OverdueShare);
  auto paid = shift("O-2", Bucket::OpenInvoice, Bucket::None, 51);
  paid.invoice_id = "I-O-2";
  when(paid).then_ignore();
  expect_refused(ask_credit("O-5", 1), CreditReason::OverdueShare);  // 50 of 50
  paid = shift("O-1", Bucket::OpenInvoice, Bucket::None, 50);
  when(paid).then_ignore();
  expect_granted(ask_credit("O-5", 1));
}

TEST_F(Credit, RefusesWhoWasDunnedTooFarUntilHePays) {
  with_limit(10'000);
  expect_granted(ask_credit("O-1", 50));
  invoice("O-1", 50, start_day + 5);
  auto dunned = for_customer(schema::RecordDunningT{});
  dunned.order_id = "O-1";
  dunned.invoice_id = "I-O-1";
  dunned.level = 2;
  when(dunned);
  EXPECT_EQ(then<schema::DunningRecordedT>().level, 2U);
  expect_granted(ask_credit("O-2", 1));
  dunned.level = 3;
  when(dunned).then<schema::DunningRecordedT>();
  when(dunned).then_nothing();
  expect_refused(ask_credit("O-3", 1), CreditReason::DunningLevel);
  auto paid = shift("O-1", Bucket::OpenInvoice, Bucket::None, 50);
  paid.invoice_id = "I-O-1";
  when(paid).then_ignore();
  expect_granted(ask_credit("O-3", 1));
  when(dunned).then_nothing();
  as("sam", schema::Role::Sales).when(dunned).then_rejected(RejectionCode::EngineOnly);
}

TEST_F(Credit, RefusesAnotherCurrency) {
  auto command = ask_credit("O-1", 1);
  command.amount = schema::Money(1, schema::Currency::EUR);
  command.overridden = true;
  expect_refused(command, CreditReason::CurrencyMismatch);
}

TEST_F(Credit, ANewCustomerPaysInAdvance) {
  expect_refused(ask_credit("O-1", 1), CreditReason::NoLimit);
  auto paid = ask_credit("O-1", 100);
  paid.prepaid = true;
  when(paid);
  EXPECT_TRUE(then<schema::CreditReservedT>().new_customer);
  expect_refused(ask_credit("O-2", 1), CreditReason::NoLimit);
  when(shift("O-1", Bucket::OpenInvoice, Bucket::None, 100)).then_ignore();
  EXPECT_EQ(state().orders_paid, 1u);
  when(ask_credit("O-2", 1));
  EXPECT_FALSE(then<schema::CreditReservedT>().new_customer);
}

TEST_F(Credit, WithoutALimitOthersPassUpToTheUnratedLimit) {
  policy.credit.unrated_limit_minor = 500;
  auto paid = ask_credit("O-1", 100);
  paid.prepaid = true;
  when(paid).then_ignore();
  when(shift("O-1", Bucket::OpenInvoice, Bucket::None, 100)).then_ignore();
  expect_granted(ask_credit("O-2", 500));
  expect_refused(ask_credit("O-3", 1), CreditReason::LimitExceeded);
}

TEST_F(Credit, GradesDAndEPayInAdvanceUnlessTheyHaveALimit) {
  auto paid = ask_credit("O-1", 100);
  paid.prepaid = true;
  when(paid).then_ignore();
  when(shift("O-1", Bucket::OpenInvoice, Bucket::None, 100)).then_ignore();
  for (const auto bad : {schema::Grade::D, schema::Grade::E}) {
    officer().when(grade(bad)).then<schema::CreditGradedT>();
    EXPECT_EQ(state().status, CreditStatus::Watch);
    as_system();
    expect_refused(ask_credit("O-2", 1), CreditReason::NoLimit);
  }
  with_limit(100);
  expect_granted(ask_credit("O-2", 100));
}

TEST_F(Credit, AnOverrideIsGrantedInAnyCase) {
  auto command = ask_credit("O-1", 700);
  command.overridden = true;
  when(command);
  EXPECT_TRUE(then<schema::CreditReservedT>().overridden);
  as_import();
  expect_granted(ask_credit("O-2", 700));
  expect_buckets(1'400, 0, 0);
}

TEST_F(Credit, RefusesWhatIsIncomplete) {
  when(ask_credit("", 1)).then_rejected(RejectionCode::InvalidArgument, "/order_id");
  when(ask_credit("O-1", -1)).then_rejected(RejectionCode::InvalidArgument, "/amount");
}

TEST_F(Credit, SuspectsTheSameLinesWithinTheWindow) {
  with_limit(10'000);
  when(ask_credit("O-1", 100, 7));
  EXPECT_EQ(then<schema::CreditReservedT>().duplicate_of, "");
  at(scenario_start + 600 * us_per_second);
  when(ask_credit("O-2", 100, 7));
  EXPECT_EQ(then<schema::CreditReservedT>().duplicate_of, "O-1");
  when(ask_credit("O-3", 100, 8));
  EXPECT_EQ(then<schema::CreditReservedT>().duplicate_of, "");
  when(ask_credit("O-4", 20'000, 8));
  EXPECT_EQ(then<schema::CreditRefusedT>().duplicate_of, "O-3");
  at(scenario_start + 1'201 * us_per_second);
  when(ask_credit("O-5", 100, 7));
  EXPECT_EQ(then<schema::CreditReservedT>().duplicate_of, "");
}

TEST_F(Credit, AnOrderIsNoDuplicateOfItselfNorWhenOverridden) {
  with_limit(100);
  when(ask_credit("O-1", 200, 7)).then<schema::CreditRefusedT>();
  when(ask_credit("O-1", 200, 7));
  EXPECT_EQ(then<schema::CreditRefusedT>().duplicate_of, "");
  auto again = ask_credit("O-2", 200, 7);
  again.overridden = true;
  when(again);
  EXPECT_EQ(then<schema::CreditReservedT>().duplicate_of, "");
}

TEST_F(Credit, RemembersOnlySoManyOrdersForSoLong) {
  Runner<CreditAggregate> account("C-1");
  account.authority = schema::Authority::System;
  for (std::size_t i = 0; i < recent_orders_max + 10; ++i) {
    account.now += 1;
    account.run(ask_credit("O-" + std::to_string(i), 1, i + 1));
  }
  EXPECT_EQ(account.state.recent_orders.size(), recent_orders_max);
  const auto remembered = [&](const char* order_id) {
    int times = 0;
    account.state.recent_orders.for_each_of(order_id, [&](auto, auto) { ++times; });
    return times;
  };
  EXPECT_EQ(remembered("O-9"), 0);
  EXPECT_EQ(remembered("O-10"), 1);
  account.now += (recent_order_seconds_max + 1) * us_per_second;
  account.run(ask_credit("O-last", 1, 1));
  EXPECT_EQ(account.state.recent_orders.size(), 1u);
}

TEST_F(Credit, AnAmountMovesThroughTheBuckets) {
  with_limit(1'000);
  expect_granted(ask_credit("O-1", 100));
  when(shift("O-1", Bucket::OpenOrder, Bucket::OpenDelivery, 60)).then<schema::ExposureMovedT>();
  expect_buckets(40, 60, 0);
  when(shift("O-1", Bucket::OpenDelivery, Bucket::OpenInvoice, 60)).then_ignore();
  expect_buckets(40, 0, 60);
  when(shift("O-1", Bucket::OpenInvoice, Bucket::None, 60)).then_ignore();
  expect_buckets(40, 0, 0);
  EXPECT_EQ(state().orders_paid, 0u);
  when(give_back("O-1")).then<schema::CreditReleasedT>();
  expect_buckets(0, 0, 0);
  EXPECT_EQ(state().orders_paid, 1u);
  EXPECT_EQ(state().exposures.find("O-1"), nullptr);
}

TEST_F(Credit, StepsMayOvertakeEachOther) {
  with_limit(1'000);
  expect_granted(ask_credit("O-1", 100));
  when(shift("O-1", Bucket::OpenDelivery, Bucket::OpenInvoice, 60));
  EXPECT_EQ(then<schema::ExposureMovedT>().from, Bucket::OpenOrder);
  // The step that comes late finds its amount moved; what was not shipped stays an open order.
  when(shift("O-1", Bucket::OpenOrder, Bucket::OpenDelivery, 60));
  EXPECT_EQ(then<schema::ExposureMovedT>().overtaken, 60);
  expect_buckets(40, 0, 60);
  when(shift("O-1", Bucket::OpenInvoice, Bucket::None, 100));
  EXPECT_EQ(then<schema::ExposureMovedT>().amount.minor(), 60);
  EXPECT_EQ(then<schema::ExposureMovedT>().from, Bucket::OpenOrder);
  when(shift("O-1", Bucket::OpenDelivery, Bucket::OpenInvoice, 40)).then_nothing();
  expect_buckets(0, 0, 0);
}

TEST_F(Credit, AStepBackTakesFromItsOwnBucketOnly) {
  with_limit(1'000);
  expect_granted(ask_credit("O-1", 100));
  when(shift("O-1", Bucket::OpenInvoice, Bucket::OpenOrder, 10)).then_nothing();
  when(shift("O-1", Bucket::OpenOrder, Bucket::OpenInvoice, 30)).then_ignore();
  when(shift("O-1", Bucket::OpenInvoice, Bucket::OpenDelivery, 50));
  EXPECT_EQ(then<schema::ExposureMovedT>().amount.minor(), 30);
  expect_buckets(70, 30, 0);
}

TEST_F(Credit, APaymentTakenBackIsOwedAgain) {
  with_limit(1'000);
  expect_granted(ask_credit("O-1", 100));
  when(shift("O-1", Bucket::OpenInvoice, Bucket::None, 100)).then_ignore();
  EXPECT_EQ(state().orders_paid, 1u);
  when(shift("O-1", Bucket::None, Bucket::OpenInvoice, 100)).then<schema::ExposureMovedT>();
  EXPECT_EQ(state().orders_paid, 0u);
  expect_buckets(0, 0, 100);
}

TEST_F(Credit, RefusesShiftsThatMakeNoSense) {
  when(shift("O-1", Bucket::OpenOrder, Bucket::OpenOrder, 1))
      .then_rejected(RejectionCode::InvalidArgument, "/to");
  when(shift("", Bucket::OpenOrder, Bucket::None, 1))
      .then_rejected(RejectionCode::InvalidArgument, "/order_id");
  when(shift("O-1", Bucket::OpenOrder, Bucket::None, -1))
      .then_rejected(RejectionCode::InvalidArgument, "/amount");
  when(shift("O-1", Bucket::OpenOrder, Bucket::None, 1)).then_nothing();
  auto euros = shift("O-1", Bucket::OpenOrder, Bucket::None, 1);
  euros.amount = schema::Money(1, schema::Currency::EUR);
  when(euros).then_rejected(RejectionCode::CurrencyMismatch, "/amount");
}

TEST_F(Credit, GivesBackNoMoreThanIsThereAndNothingTwice) {
  with_limit(1'000);
  expect_granted(ask_credit("O-1", 100));
  when(give_back("O-1", usd(0))).then_nothing();
  when(give_back("O-1", usd(30)));
  EXPECT_EQ(then<schema::CreditReleasedT>().amount.minor(), 30);
  when(give_back("O-1", usd(100)));
  EXPECT_EQ(then<schema::CreditReleasedT>().amount.minor(), 70);
  when(give_back("O-1")).then_nothing();
  when(give_back("O-1", usd(-1))).then_rejected(RejectionCode::InvalidArgument, "/amount");
  when(give_back("none")).then_nothing();
}

TEST_F(Credit, ALimitIsInTheAccountsCurrencyAndNotNegative) {
  officer();
  when(limit(-1)).then_rejected(RejectionCode::InvalidArgument, "/limit");
  auto euros = limit(1);
  euros.limit = schema::Money(1, schema::Currency::EUR);
  when(euros).then_rejected(RejectionCode::CurrencyMismatch, "/limit");
  auto odd = limit(1);
  odd.max_document = schema::Money(1, schema::Currency::EUR);
  when(odd).then_rejected(RejectionCode::CurrencyMismatch, "/max_document");
  odd.max_document = usd(-1);
  when(odd).then_rejected(RejectionCode::InvalidArgument, "/max_document");
  when(limit(100)).then<schema::CreditLimitSetT>();
  when(limit(100)).then_nothing();
  when(limit(0)).then<schema::CreditLimitSetT>();
  as_system();
  expect_refused(ask_credit("O-1", 1), CreditReason::LimitExceeded);
}

TEST_F(Credit, GradingIsToldWithBothGrades) {
  officer().when(grade(schema::Grade::B));
  const auto& graded = then<schema::CreditGradedT>();
  EXPECT_EQ(graded.from, schema::Grade::Unrated);
  EXPECT_EQ(graded.to, schema::Grade::B);
  when(grade(schema::Grade::B)).then_nothing();
  when(grade(static_cast<schema::Grade>(99)))
      .then_rejected(RejectionCode::InvalidArgument, "/grade");
}

TEST_F(Credit, UnappliedCreditIsNeverBelowZero) {
  auto change = for_customer(schema::ChangeCreditBalanceT{});
  change.payment_id = "P-1";
  change.delta = usd(50);
  when(change);
  EXPECT_EQ(then<schema::CreditBalanceChangedT>().balance.minor(), 50);
  change.delta = usd(-80);
  when(change);
  const auto& fallen = then<schema::CreditBalanceChangedT>();
  EXPECT_EQ(fallen.delta.minor(), -50);
  EXPECT_EQ(fallen.balance.minor(), 0);
  when(change).then_nothing();
  change.delta = schema::Money(5, schema::Currency::EUR);
  when(change).then_rejected(RejectionCode::CurrencyMismatch, "/delta");
  change.delta = usd(std::numeric_limits<std::int64_t>::max());
  when(change).then_rejected(RejectionCode::Overflow, "/delta");
}

}  // namespace
}  // namespace orderlog::engine::test
