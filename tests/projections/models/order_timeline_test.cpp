// order_timeline: everything about an order, from every partition, with the flow of documents.
#include "projections/models/order_timeline.h"

#include "tests/projections/order_story.h"

namespace orderlog::projections::test {
namespace {

using Row = schema::OrderTimelineRowT;
using Ids = std::vector<std::string>;

struct Timeline : ::testing::Test {
  World world{{order_timeline_model()}, 4};
  WrittenLog& log = world.written;
  OrderStory order{log, "O-1", "ACME", {{.promised = day("2024-01-20")}}};

  template <class EventT>
  void tell(const std::string& id, EventT event) {
    log.now += us_per_second;
    log.add(id, std::move(event));
  }
  std::vector<Row> rows(std::uint32_t limit = 0) {
    world.catch_up();
    return world.rows<Row>("order_timeline", {{"order_id", "O-1"}}, limit);
  }
  void tell_it_all() {
    order.submit();
    log.now += us_per_second;
    order.approve();
    schema::ShipmentPlannedT planned;
    planned.order_id = "O-1";
    tell("S-1", std::move(planned));
    schema::InvoiceDraftedT drafted;
    drafted.order_id = "O-1";
    drafted.shipment_id = "S-1";
    tell("I-1", std::move(drafted));
    schema::InvoiceDisputedT disputed;  // doesn't name the order
    disputed.reason = "wrong price";
    tell("I-1", std::move(disputed));
    schema::InvoicePaymentAppliedT applied;
    applied.order_id = "O-1";
    applied.payment_id = "PAY-1";
    tell("I-1", std::move(applied));
  }
};

TEST_F(Timeline, TellsEverythingInOrderOfTime) {
  tell_it_all();
  const auto got = rows();
  Ids events;
  for (const Row& row : got) events.push_back(row.event);
  EXPECT_EQ(events, (Ids{"OrderSubmitted", "OrderApproved", "ShipmentPlanned", "InvoiceDrafted",
                         "InvoiceDisputed", "InvoicePaymentApplied"}));
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i].number, i + 1);
  EXPECT_EQ(got[4].detail, "wrong price");
  EXPECT_EQ(got[0].actor, "ann");
}

TEST_F(Timeline, DocumentsKnowTheirNeighbours) {
  tell_it_all();
  const auto got = rows();
  ASSERT_EQ(got.size(), 6U);
  EXPECT_EQ(got[0].following_ids, Ids{"S-1"});
  EXPECT_EQ(got[2].document_kind, "Shipment");
  EXPECT_EQ(got[2].preceding_ids, Ids{"O-1"});
  EXPECT_EQ(got[2].following_ids, Ids{"I-1"});
  EXPECT_EQ(got[3].preceding_ids, Ids{"S-1"});
  EXPECT_EQ(got[3].following_ids, Ids{"PAY-1"});
  EXPECT_EQ(got[5].document_id, "PAY-1");
  EXPECT_EQ(got[5].document_kind, "Payment");
  EXPECT_EQ(got[5].preceding_ids, Ids{"I-1"});
}

TEST_F(Timeline, PagesAndBatchesDontShow) {
  tell_it_all();
  for (int i = 0; i < 5; ++i) {
    tell("O-1", schema::OrderReleasedT());
    world.catch_up();
  }
  const auto whole = rows();
  const auto paged = rows(2);
  ASSERT_EQ(whole.size(), 11U);
  ASSERT_EQ(paged.size(), 11U);
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(whole[i].seq, paged[i].seq);
}

TEST_F(Timeline, OthersAreNotTold) {
  tell_it_all();
  schema::ShipmentPlannedT planned;
  planned.order_id = "O-10";
  tell("S-10", std::move(planned));
  schema::InvoiceReminderSentT reminder;  // of an invoice that no order is known of
  tell("I-99", std::move(reminder));
  EXPECT_EQ(rows().size(), 6U);
  EXPECT_EQ(world.ask("order_timeline").error().code, ErrorCode::InvalidArgument);
}

TEST_F(Timeline, TheStateHashDoesNotDependOnTheBatches) {
  tell_it_all();
  for (int i = 0; i < 5; ++i) {
    tell("O-1", schema::OrderReleasedT());
    world.catch_up();
  }
  const auto live = world.runner->state_hash("order_timeline").value();
  world.runner->rebuild("order_timeline").value();
  world.catch_up();
  EXPECT_EQ(world.runner->stats().models[0].generation, 2U);
  EXPECT_EQ(world.runner->state_hash("order_timeline").value(), live);
}

}  // namespace
}  // namespace orderlog::projections::test
