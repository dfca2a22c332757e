// Reads against real read models: rows, pages by cursor, positions to wait for.
#include <set>

#include "tests/connectors/http/test_node.h"

namespace orderlog::http {
namespace {

std::string position_of(const Result<client::Response>& response) {
  return text_at(json_of(response), "position");
}

void open_tickets(client::HttpClient& client, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string id = "T-" + std::to_string(i);
    ASSERT_EQ(client.post("/v1/commands/OpenTicket", open_ticket(id))->status, 200);
  }
}

TEST(QueryApi, AReadSeesItsOwnWrites) {
  TestNode node;
  auto client = node.client();
  for (int i = 0; i < 20; ++i) {
    const std::string id = "T-" + std::to_string(i);
    const auto position = position_of(client.post("/v1/commands/OpenTicket", open_ticket(id)));
    auto page = client.get("/v1/reports/ticket_sla?limit=1&min_position=" + position);
    ASSERT_EQ(page->status, 200) << page->body;
    const auto by_field =
        client.get("/v1/reports/ticket_sla?limit=500", {{"Min-Position", position}});
    EXPECT_EQ(json_of(by_field).at("data").as_array().size(), static_cast<std::size_t>(i + 1));
  }
}

TEST(QueryApi, AReadThatIsTooEarlyIsToldSo) {
  NodeOptions options;
  options.limits.min_position_wait_ms_max = 50;
  TestNode node(options);
  auto client = node.client();
  for (const char* position : {"0:999999", "0:1,1:999999", "0:999999,1:999999"}) {
    auto early = client.get("/v1/reports/ticket_sla?min_position=" + std::string(position));
    if (std::string_view(position).find("1:9") != std::string_view::npos) {
      EXPECT_EQ(early->status, 400) << "there is one partition";
      continue;
    }
    EXPECT_EQ(early->status, 503) << early->body;
    EXPECT_EQ(problem_code(early), "position-timeout");
    EXPECT_EQ(early->header("retry-after"), "1");
  }
}

TEST(QueryApi, SeveralPositionsAreWaitedForAndAnsweredOnce) {
  NodeOptions options;
  options.partitions = 3;
  options.limits.min_position_wait_ms_max = 50;
  TestNode node(options);
  auto client = node.client();
  EXPECT_EQ(client.get("/v1/alerts?min_position=0:1,1:1,2:1")->status, 200);
  EXPECT_EQ(client.get("/v1/alerts?min_position=0:1,1:999,2:999")->status, 503);
  EXPECT_EQ(client.get("/v1/alerts?min_position=0:1,2:1")->status, 200);
}

TEST(QueryApi, CursorsWalkThroughAllRowsOnce) {
  TestNode node;
  auto client = node.client();
  open_tickets(client, 25);
  const auto last = position_of(client.post("/v1/commands/OpenTicket", open_ticket("T-last")));
  std::set<std::string> ids;
  std::string target = "/v1/reports/ticket_sla?limit=7&min_position=" + last;
  int pages = 0;
  while (!target.empty()) {
    auto response = client.get(target);
    ASSERT_EQ(response->status, 200) << response->body;
    const auto page = json_of(response);
    for (const auto& row : page.at("data").as_array()) {
      EXPECT_TRUE(ids.insert(text_at(row.as_object(), "ticket_id")).second);
    }
    EXPECT_EQ(page.at("total").as_int64(), 26);
    const std::string cursor = text_at(page, "next_cursor");
    EXPECT_EQ(page.at("has_more").as_bool(), !cursor.empty());
    const auto link = response->header("link");
    EXPECT_EQ(link.has_value(), !cursor.empty());
    target.clear();
    if (link) {
      EXPECT_TRUE(link->ends_with(">; rel=\"next\""));
      target = link->substr(1, link->find('>') - 1);
      EXPECT_EQ(target.find("min_position"), std::string::npos);
    }
    ++pages;
  }
  EXPECT_EQ(pages, 4);
  EXPECT_EQ(ids.size(), 26U);
}

TEST(QueryApi, ACursorBelongsToItsQuestion) {
  TestNode node;
  auto client = node.client();
  open_tickets(client, 5);
  const auto last = position_of(client.post("/v1/commands/OpenTicket", open_ticket("T-last")));
  const auto page = json_of(client.get("/v1/reports/ticket_sla?limit=2&min_position=" + last));
  const std::string cursor = text_at(page, "next_cursor");
  auto other = client.get("/v1/reports/ticket_sla?limit=2&order=asc&cursor=" + cursor);
  EXPECT_EQ(other->status, 400);
  EXPECT_EQ(problem_code(other), "invalid-cursor");
  EXPECT_EQ(problem_code(client.get("/v1/reports/ticket_sla?cursor=" + cursor.substr(1))),
            "invalid-cursor");
}

TEST(QueryApi, BadQuestionsAreRefused) {
  TestNode node;
  auto client = node.client();
  for (const char* query : {"limit=0", "limit=501", "limit=x", "limit=", "order=up", "colour=red",
                            "limit=1&limit=2", "min_position=5", "min_position=0:x",
                            "min_position=9:1", "min_position=0:1,0:2", "a=%zz"}) {
    auto response = client.get("/v1/reports/ticket_sla?" + std::string(query));
    EXPECT_EQ(response->status, 400) << query << ": " << response->body;
    EXPECT_EQ(problem_code(response), "invalid-parameter");
  }
  EXPECT_EQ(problem_code(client.get("/v1/reports/nothing")), "not-found");
  EXPECT_EQ(problem_code(client.get("/v1/reports/nothing/key")), "not-found");
  EXPECT_EQ(problem_code(client.get("/v1/orders/none")), "not-found");
  EXPECT_EQ(client.get("/v1/orders/none/timeline")->status, 200);
  EXPECT_EQ(problem_code(client.get("/v1/orders/none?colour=red")), "invalid-parameter");
  EXPECT_EQ(problem_code(client.get("/v1/orders/none/timeline?order_id=other")),
            "invalid-parameter");
  EXPECT_EQ(client.get("/v1/alerts")->status, 200);
}

TEST(QueryApi, TheListOfReportsDescribesThem) {
  TestNode node;
  auto client = node.client();
  const auto reports = json_of(client.get("/v1/reports"));
  EXPECT_GE(reports.at("data").as_array().size(), 8U);
  for (const auto& entry : reports.at("data").as_array()) {
    const auto& report = entry.as_object();
    const std::string name = text_at(report, "name");
    EXPECT_FALSE(report.at("columns").as_array().empty())
        << name << " has no row table in the schema";
    bool needs_parameters = false;
    for (const auto& filter : report.at("filters").as_array()) {
      needs_parameters |= filter.as_object().at("required").as_bool();
    }
    EXPECT_EQ(client.get("/v1/reports/" + name)->status, needs_parameters ? 400 : 200) << name;
  }
}

TEST(QueryApi, OneRowByItsKey) {
  TestNode node;
  auto client = node.client();
  const auto position = position_of(client.post("/v1/commands/OpenTicket", open_ticket("T/1 a")));
  auto row = client.get("/v1/reports/ticket_sla/T%2F1%20a?min_position=" + position);
  ASSERT_EQ(row->status, 200) << row->body;
  EXPECT_EQ(text_at(json_of(row), "ticket_id"), "T/1 a");
  EXPECT_EQ(client.get("/v1/tickets/T%2F1%20a")->body, row->body);
}

TEST(QueryApi, AModelCanBeRebuilt) {
  TestNode node;
  auto client = node.client();
  EXPECT_EQ(client.post("/v1/projections/tickets/rebuild", "{}")->status, 200);
  EXPECT_EQ(client.post("/v1/projections/nothing/rebuild", "{}")->status, 404);
}

}  // namespace
}  // namespace orderlog::http
