// receivables_ageing: buckets, instalments, days sales outstanding, and the books as of any day.
#include "projections/models/receivables.h"

#include "events/schema/read_models_desk_generated.h"
#include "tests/projections/receivables_books.h"

namespace orderlog::projections::test {
namespace {

using Row = schema::ReceivablesAgeingRowT;

struct Receivables : ::testing::Test {
  World world{{receivables_model()}};
  Books books{world.written};

  std::vector<Row> rows(Parameters parameters = {}) {
    world.catch_up();
    return world.rows<Row>("receivables_ageing", std::move(parameters), 2);
  }
  Row only(Parameters parameters = {}) {
    const auto found = rows(std::move(parameters));
    EXPECT_EQ(found.size(), 1U);
    return found.empty() ? Row() : found.front();
  }
};

TEST_F(Receivables, BucketsByDaysPastTheDueDate) {
  books.on("2024-01-01");
  books.issue("I-1", "ACME", {{day("2024-02-01"), 1}});
  books.issue("I-2", "ACME", {{day("2024-01-31"), 10}});
  books.issue("I-3", "ACME", {{day("2024-01-02"), 100}});
  books.issue("I-4", "ACME", {{day("2024-01-01"), 1'000}});
  const Row row = only({{"as_of", "2024-02-01"}});
  EXPECT_EQ(row.as_of, day("2024-02-01"));
  EXPECT_EQ(row.total, usd(1'111));
  EXPECT_EQ(row.not_due, usd(1));
  EXPECT_EQ(row.days_1_30, usd(110));                                    // 1 and 30 days
  EXPECT_EQ(row.days_31_60, usd(1'000));                                 // 31 days
  EXPECT_EQ(only({{"as_of", "2024-03-31"}}).days_61_90, usd(1'100));     // 89 and 90
  EXPECT_EQ(only({{"as_of", "2024-04-30"}}).days_91_120, usd(1'100));    // 119 and 120
  EXPECT_EQ(only({{"as_of", "2024-05-01"}}).days_over_120, usd(1'000));  // 121
}

TEST_F(Receivables, APaymentCountsFromItsDayOn) {
  books.on("2024-01-01");
  books.issue("I-1", "ACME", {{day("2024-01-31"), 500}});
  books.on("2024-02-10");
  books.pay("I-1", 200);
  books.on("2024-03-01");
  books.pay("I-1", 300);
  EXPECT_EQ(only({{"as_of", "2023-12-31"}}).total, usd(0));
  EXPECT_EQ(only({{"as_of", "2024-01-01"}}).not_due, usd(500));
  EXPECT_EQ(only({{"as_of", "2024-02-09"}}).days_1_30, usd(500));
  EXPECT_EQ(only({{"as_of", "2024-02-10"}}).days_1_30, usd(300));
  EXPECT_EQ(only().total, usd(0));
  EXPECT_TRUE(rows({{"state", "open"}}).empty());
  EXPECT_EQ(only({{"state", "open"}, {"as_of", "2024-02-10"}}).total, usd(300));
  EXPECT_TRUE(rows({{"state", "open"}, {"as_of", "2023-12-31"}}).empty());
}

TEST_F(Receivables, SettlesTheEarliestInstalmentFirst) {
  books.on("2024-01-01");
  books.issue("I-1", "ACME", {{day("2024-02-01"), 300}, {day("2024-05-01"), 700}});
  books.pay("I-1", 400);
  const Row row = only({{"as_of", "2024-03-01"}});
  EXPECT_EQ(row.not_due, usd(600));
  EXPECT_EQ(row.days_1_30, usd(0));
  books.take_back("I-1", 400);
  EXPECT_EQ(only({{"as_of", "2024-03-01"}}).days_1_30, usd(300));
  EXPECT_EQ(only({{"as_of", "2024-03-01"}}).not_due, usd(700));
}

TEST_F(Receivables, CreditNotesDiscountsAndWriteOffsReduceWhatIsOpen) {
  books.on("2024-01-01");
  books.issue("I-1", "ACME", {{day("2024-01-31"), 1'000}});
  books.pay("I-1", 500, 10);
  EXPECT_EQ(only().total, usd(490));
  books.credit("I-1", 600, 110);  // 110 more than was open: goes back to the customer
  EXPECT_EQ(only().total, usd(0));
  books.issue("I-2", "ACME", {{day("2024-01-31"), 70}});
  books.on("2024-01-05");
  books.write_off("I-2");
  EXPECT_EQ(only().total, usd(0));
  EXPECT_EQ(only({{"as_of", "2024-01-04"}}).total, usd(70));
}

TEST_F(Receivables, ALatePostingCountsOnItsDayOfBusiness) {
  books.on("2024-01-01");
  books.issue("I-1", "ACME", {{day("2024-01-31"), 100}, {day("2024-02-29"), 100}});
  books.on("2024-02-20");
  books.pay("I-1", 100);
  EXPECT_EQ(only({{"as_of", "2024-02-10"}}).total, usd(200));
  books.on("2024-02-05");  // recorded after the other, of the time before it
  books.pay("I-1", 50);
  books.on("2024-03-01");
  EXPECT_EQ(only({{"as_of", "2024-02-10"}}).days_1_30, usd(50));
  EXPECT_EQ(only({{"as_of", "2024-02-10"}}).not_due, usd(100));
  EXPECT_EQ(only().days_1_30, usd(50));
}

TEST_F(Receivables, DisputesRemindersAndUnappliedCreditOfTheirDay) {
  books.on("2024-01-01");
  books.issue("I-1", "ACME", {{day("2024-01-05"), 100}});
  books.issue("I-2", "ACME", {{day("2024-01-05"), 40}});
  books.on("2024-01-10");
  books.dispute("I-1");
  books.remind("I-2", 1);
  books.unapplied("ACME", 30);
  books.on("2024-01-20");
  books.resolve("I-1");
  books.remind("I-2", 2);
  books.on("2024-01-30");
  books.pay("I-2", 40);
  books.unapplied("ACME", -30);
  const Row before = only({{"as_of", "2024-01-09"}});
  EXPECT_EQ(before.disputed, usd(0));
  EXPECT_EQ(before.dunning_level, 0U);
  EXPECT_EQ(before.unapplied_credit, usd(0));
  const Row during = only({{"as_of", "2024-01-19"}});
  EXPECT_EQ(during.disputed, usd(100));
  EXPECT_EQ(during.dunning_level, 1U);
  EXPECT_EQ(during.unapplied_credit, usd(30));
  EXPECT_EQ(only({{"as_of", "2024-01-29"}}).dunning_level, 2U);
  const Row after = only();
  EXPECT_EQ(after.disputed, usd(0));
  EXPECT_EQ(after.dunning_level, 0U);  // of what is still open
  EXPECT_EQ(after.unapplied_credit, usd(0));
}

TEST_F(Receivables, DaysSalesOutstanding) {
  books.on("2024-01-01");
  books.issue("I-1", "ACME", {{day("2024-01-31"), 900}});
  books.on("2024-02-01");
  books.pay("I-1", 300);
  EXPECT_EQ(*only().dso_days, 60);  // 600 × 90 / 900
  books.credit("I-1", 200);
  EXPECT_EQ(*only().dso_days, 51);  // 400 × 90 / 700 = 51.43
  // Sales of the last 90 days: the one of 1 January has left, its credit note has not.
  EXPECT_EQ(*only({{"as_of", "2024-03-30"}}).dso_days, 51);
  EXPECT_FALSE(only({{"as_of", "2024-03-31"}}).dso_days);
}

TEST_F(Receivables, NoSalesNoDaysSalesOutstanding) {
  books.on("2024-01-01");
  books.issue("I-1", "ACME", {{day("2024-01-31"), 900}});
  EXPECT_EQ(*only({{"as_of", "2024-03-30"}}).dso_days, 90);
  EXPECT_FALSE(only({{"as_of", "2024-03-31"}}).dso_days);
  EXPECT_FALSE(only({{"as_of", "2023-12-31"}}).dso_days);
}

TEST_F(Receivables, TheTotalIsThatOfAllCustomers) {
  books.on("2024-01-01");
  books.issue("I-1", "ACME", {{day("2024-01-31"), 900}}, 450);
  books.issue("I-2", "BETA", {{day("2024-02-20"), 100}}, 51);
  books.unapplied("BETA", 7);
  EXPECT_EQ(rows().size(), 2U);
  const Row total = only({{"by", "total"}, {"as_of", "2024-02-10"}});
  EXPECT_EQ(total.customer_id, "");
  EXPECT_EQ(total.days_1_30, usd(900));
  EXPECT_EQ(total.not_due, usd(100));
  EXPECT_EQ(total.base_total, Money(501, schema::Currency::EUR));
  EXPECT_EQ(total.unapplied_credit, usd(7));
  books.pay("I-2", 50);
  EXPECT_EQ(only({{"customer_id", "BETA"}}).base_total, Money(25, schema::Currency::EUR));
  EXPECT_EQ(only({{"by", "total"}}).base_total, Money(475, schema::Currency::EUR));
}

TEST_F(Receivables, RefusesWhatItCannotAnswer) {
  world.catch_up();
  EXPECT_FALSE(world.ask("receivables_ageing", {{"as_of", "2024-02-30"}}).ok());
  EXPECT_FALSE(world.ask("receivables_ageing", {{"by", "region"}}).ok());
  EXPECT_FALSE(world.ask("receivables_ageing", {{"by", "total"}, {"customer_id", "ACME"}}).ok());
}

}  // namespace
}  // namespace orderlog::projections::test
