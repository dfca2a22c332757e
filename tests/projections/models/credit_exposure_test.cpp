// credit_exposure: an order's amount is in one part at a time, and the parts sum to the exposure.
#include "projections/models/credit_exposure.h"

#include "events/schema/read_models_desk_generated.h"
#include "tests/projections/fixture.h"

namespace orderlog::projections::test {
namespace {

using schema::ExposureBucket;
using Row = schema::CreditExposureRowT;

struct CreditExposure : ::testing::Test {
  World world{{credit_exposure_model()}};
  WrittenLog& log = world.written;

  void SetUp() override {
    schema::CreditAccountOpenedT opened;
    opened.currency = schema::Currency::USD;
    log.add("ACME", std::move(opened));
  }
  void limit(std::int64_t minor) {
    schema::CreditLimitSetT event;
    event.limit = usd(minor);
    event.valid_until = day("2024-01-31");
    log.add("ACME", std::move(event));
  }
  void reserve(const std::string& order, std::int64_t minor) {
    schema::CreditReservedT event;
    event.order_id = order;
    event.amount = usd(minor);
    log.add("ACME", std::move(event));
  }
  void move(const std::string& order, ExposureBucket from, ExposureBucket to, std::int64_t minor,
            const std::string& invoice = {}, const char* due = nullptr) {
    schema::ExposureMovedT event;
    event.order_id = order;
    event.from = from;
    event.to = to;
    event.amount = usd(minor);
    event.invoice_id = invoice;
    if (due) event.due_date = day(due);
    log.add("ACME", std::move(event));
  }
  Row row() {
    world.catch_up();
    return world.row<Row>("credit_exposure", "ACME");
  }
  std::size_t count(Parameters parameters) {
    world.catch_up();
    return world.rows<Row>("credit_exposure", std::move(parameters)).size();
  }
};

TEST_F(CreditExposure, MovesFromOrderToDeliveryToInvoiceToPaid) {
  limit(1'000);
  reserve("O-1", 600);
  EXPECT_EQ(row().open_orders, usd(600));
  EXPECT_EQ(row().free, usd(400));
  move("O-1", ExposureBucket::OpenOrder, ExposureBucket::OpenDelivery, 500);
  move("O-1", ExposureBucket::OpenDelivery, ExposureBucket::OpenInvoice, 500, "I-1", "2024-01-10");
  Row now = row();
  EXPECT_EQ(now.open_orders, usd(100));
  EXPECT_EQ(now.open_deliveries, usd(0));
  EXPECT_EQ(now.open_invoices, usd(500));
  EXPECT_EQ(now.exposure, usd(600));
  EXPECT_EQ(now.overdue, usd(500));
  EXPECT_EQ(*now.oldest_open_item, day("2024-01-10"));
  move("O-1", ExposureBucket::OpenInvoice, ExposureBucket::None, 500, "I-1");
  now = row();
  EXPECT_EQ(now.exposure, usd(100));
  EXPECT_EQ(now.overdue, usd(0));
  EXPECT_FALSE(now.oldest_open_item);
  EXPECT_TRUE(now.items.empty());
}

TEST_F(CreditExposure, TakesNoMoreThanThePartHolds) {
  reserve("O-1", 100);
  schema::CreditReleasedT released;
  released.order_id = "O-1";
  released.amount = usd(250);
  log.add("ACME", std::move(released));
  EXPECT_EQ(row().exposure, usd(0));
  move("O-2", ExposureBucket::OpenDelivery, ExposureBucket::OpenInvoice, 70, "I-2", "2024-01-10");
  EXPECT_EQ(row().exposure, usd(0));
  EXPECT_TRUE(row().items.empty());
}

TEST_F(CreditExposure, SaysWhyTheNextOrderWouldBeStopped) {
  schema::CreditGradedT graded;
  graded.to = schema::Grade::E;
  log.add("ACME", std::move(graded));
  EXPECT_EQ(row().blocks, std::vector<std::string>{"NoLimit"});
  EXPECT_EQ(row().status, schema::CreditStatus::Watch);
  EXPECT_EQ(row().free, Money());
  limit(100);
  reserve("O-1", 150);
  EXPECT_EQ(row().blocks, std::vector<std::string>{"LimitExceeded"});
  EXPECT_EQ(row().free, usd(-50));
  EXPECT_EQ(count({{"state", "exceeded"}}), 1U);
  log.now += 20 * us_per_day;
  schema::CustomerBlockedT blocked;
  blocked.reason = "unpaid";
  log.add("ACME", std::move(blocked));
  EXPECT_EQ(row().blocks, (std::vector<std::string>{"Blocked", "LimitExpired", "LimitExceeded"}));
  EXPECT_EQ(row().block_reason, "unpaid");
  EXPECT_EQ(count({{"status", "Blocked"}}), 1U);
  EXPECT_EQ(count({{"status", "Active"}}), 0U);
}

}  // namespace
}  // namespace orderlog::projections::test
