// Bad input to the real binary, from the command line to the last byte of a body: each gets a clear
// error (problem+json with a type that never changes, or a message and an exit code) and changes
// nothing. What "nothing" is, the log says: it is compared event by event.
#include <boost/json.hpp>
#include <sstream>

#include "connectors/client/http_client.h"
#include "tests/ops/process/bad_requests.h"
#include "tests/ops/process/server_process.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

class BadInput : public ProcessTest {
 protected:
  // What bad_requests() speaks of.
  void prepare(const std::string& url) {
    auto client = client::HttpClient::open(url);
    const auto accept = [&](const std::string& name, const std::string& body,
                            const client::Headers& headers = {}) {
      auto response = client->post(command_path(name), body, headers);
      ASSERT_TRUE(response.ok()) << response.error().message;
      ASSERT_EQ(response->status, 200) << response->body;
    };
    accept("ReceiveStock", receive_tea(R"({"milli":1000})"), {{"Idempotency-Key", "first"}});
    accept("RegisterCustomer",
           R"({"customer_id":"C-1","profile":{"name":"Cora","time_zone":"UTC","currency":"USD"}})");
    accept(
        "DefineProduct",
        R"({"product_id":"TEA","profile":{"name":"Tea"},"base_price":{"mantissa":450,"currency":"USD","digits":2}})");
    accept(
        "OpenTicket",
        R"({"ticket_id":"T-1","customer_id":"C-1","kind":"Complaint","priority":"High","subject":"It squeaks"})");
    accept("AssignTicket", R"({"ticket_id":"T-1","owner":"ann"})");
    accept("Respond", R"({"ticket_id":"T-1","text":"We are on our way"})");
    accept("ResolveTicket", R"({"ticket_id":"T-1","resolution":"oiled"})");
  }
  // The whole log as text, beside the server that writes it.
  std::string log_text(const std::string& name = "data") const {
    const auto tailed = run({"tail", "--data", data(name), "--json"});
    EXPECT_EQ(tailed.code, 0) << tailed.out;
    EXPECT_FALSE(tailed.out.empty());
    return tailed.out;
  }
  void expect_whole(const std::string& name = "data") const {
    const auto verified = run({"verify", "--data", data(name)});
    EXPECT_EQ(verified.code, 0) << verified.out;
    EXPECT_NE(verified.out.find("replay equals live"), std::string::npos) << verified.out;
  }
};

void expect_problem(const BadRequest& bad, const Result<client::Response>& response) {
  SCOPED_TRACE(bad.what);
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, bad.refusal.status) << response->body;
  EXPECT_EQ(response->header("content-type"), "application/problem+json");
  boost::system::error_code malformed;
  const auto problem = json::parse(response->body, malformed);
  ASSERT_FALSE(malformed) << response->body;
  EXPECT_EQ(std::string(problem.at("type").as_string()), "urn:orderlog:problem:" + bad.refusal.type)
      << response->body;
  EXPECT_EQ(problem.at("status").to_number<int>(), bad.refusal.status);
  EXPECT_FALSE(problem.at("title").as_string().empty());
  EXPECT_EQ(response->header("Idempotent-Replayed"), std::nullopt);
  if (!bad.refusal.pointer) return;
  const auto* errors = problem.as_object().if_contains("errors");
  ASSERT_NE(errors, nullptr) << response->body;
  EXPECT_EQ(std::string(errors->at(0).at("pointer").as_string()), *bad.refusal.pointer)
      << response->body;
  EXPECT_FALSE(errors->at(0).at("detail").as_string().empty());
}

TEST_F(BadInput, EachIsRefusedByTypeAndChangesNothing) {
  ServerProcess server(data(), {});
  ASSERT_TRUE(server.start()) << server.output();
  prepare(server.url());
  const std::string before = log_text();
  for (const auto& bad : bad_requests()) {
    auto client = client::HttpClient::open(server.url());
    client::RequestText request;
    request.method = "POST";
    request.target = bad.target;
    request.body = bad.body;
    request.content_type = bad.content_type;
    request.headers = bad.headers;
    expect_problem(bad, client->request(request));
  }
  EXPECT_EQ(log_text(), before);
  // Its key is still free, and a repeat of what was good is still answered from the log.
  auto client = client::HttpClient::open(server.url());
  auto repeated = client->post(command_path("ReceiveStock"), receive_tea(R"({"milli":1000})"),
                               {{"Idempotency-Key", "first"}});
  ASSERT_TRUE(repeated.ok());
  EXPECT_EQ(repeated->status, 200) << repeated->body;
  EXPECT_EQ(repeated->header("Idempotent-Replayed"), "true");
  EXPECT_EQ(log_text(), before);
  auto stock = client->get("/v1/reports/stock_position/" + client::percent_encoded("TEA@MAIN"));
  ASSERT_TRUE(stock.ok());
  EXPECT_EQ(json::parse(stock->body).at("on_hand").at("milli").to_number<int>(), 1'000)
      << stock->body;
  client->disconnect();  // else the stop gives it two seconds to read
  ASSERT_EQ(server.stop(), 0);
  expect_whole();
}

// A bad row is refused by itself, a bad batch as a whole.
TEST_F(BadInput, BadRowsOfABatchStopNobody) {
  ServerProcess server(data(), {});
  ASSERT_TRUE(server.start()) << server.output();
  prepare(server.url());
  auto client = client::HttpClient::open(server.url());
  const auto batch = [&](const std::string& body) {
    client::RequestText request;
    request.method = "POST";
    request.target = "/v1/commands";
    request.body = body;
    request.content_type = "application/x-ndjson";
    return client->request(request);
  };
  const std::string before = log_text();
  const auto bad =
      batch(R"({"command":"ReceiveStock")"
            "\n"
            "nonsense\n"
            R"({"command":"GiveAwayStock"})"
            "\n"
            R"({"command":"ReceiveStock","stock_item_id":"TEA@MAIN","quantity":{"milli":-1}})"
            "\n");
  ASSERT_TRUE(bad.ok()) << bad.error().message;
  EXPECT_EQ(bad->status, 200) << bad->body;
  std::istringstream lines(bad->body);
  std::size_t refused = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_NE(line.find("urn:orderlog:problem:"), std::string::npos) << line;
    ++refused;
  }
  EXPECT_EQ(refused, 4u) << bad->body;
  const auto many = batch([] {
    std::string rows;
    for (int i = 0; i <= 10'000; ++i) rows += "{}\n";
    return rows;
  }());
  ASSERT_TRUE(many.ok());
  EXPECT_EQ(many->status, 413) << many->body;
  EXPECT_NE(many->body.find("urn:orderlog:problem:too-many-rows"), std::string::npos) << many->body;
  EXPECT_EQ(log_text(), before);
  client->disconnect();  // else the stop gives it two seconds to read
  ASSERT_EQ(server.stop(), 0);
  expect_whole();
}

TEST_F(BadInput, ASecondServerOnTheSameDirectoryIsRefusedAndTheFirstGoesOn) {
  ServerProcess server(data(), {});
  ASSERT_TRUE(server.start()) << server.output();
  prepare(server.url());
  const std::string before = log_text();
  const auto second = run({"serve", "--data", data(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.code, 1);
  EXPECT_NE(second.out.find("cannot serve"), std::string::npos) << second.out;
  EXPECT_NE(second.out.find("another process"), std::string::npos) << second.out;
  // Nor may a tool change what the server has open.
  EXPECT_EQ(run({"rebuild", "stock_position", "--data", data()}).code, 1);
  EXPECT_EQ(log_text(), before);
  auto client = client::HttpClient::open(server.url());
  const auto response = client->post(command_path("ReceiveStock"), receive_tea(R"({"milli":1000})"),
                                     {{"If-Match", "1"}});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 200) << response->body;
  client->disconnect();  // else the stop gives it two seconds to read
  ASSERT_EQ(server.stop(), 0);
  expect_whole();
}

TEST_F(BadInput, ADirectoryOfAnotherPartitionCountIsRefusedAndLeftAsItIs) {
  {
    ServerProcess server(data(), {"--partitions", "3"});
    ASSERT_TRUE(server.start()) << server.output();
    prepare(server.url());
    ASSERT_EQ(server.stop(), 0);
  }
  const std::string before = log_text();
  const auto other =
      run({"serve", "--data", data(), "--listen", "127.0.0.1:0", "--partitions", "2"});
  EXPECT_EQ(other.code, 1);
  EXPECT_NE(other.out.find("created with 3 partitions, not 2"), std::string::npos) << other.out;
  EXPECT_EQ(log_text(), before);
  expect_whole();
  ServerProcess server(data(), {"--partitions", "3"});
  EXPECT_TRUE(server.start()) << server.output();
}

TEST_F(BadInput, ADirectoryThatIsNoneIsRefused) {
  std::ofstream(data("file")) << "not a directory";
  const auto on_file = run({"serve", "--data", data("file"), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(on_file.code, 1);
  EXPECT_NE(on_file.out.find(data("file")), std::string::npos) << on_file.out;
  EXPECT_EQ(std::filesystem::file_size(data("file")), 15u);
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"verify", "--data", data("none")}, {"tail", "--data", data("none")}}) {
    const auto missing = run(arguments);
    EXPECT_EQ(missing.code, 1) << arguments[0];
    EXPECT_NE(missing.out.find("there is no log in"), std::string::npos) << missing.out;
  }
  EXPECT_FALSE(std::filesystem::exists(data("none")));
}

TEST_F(BadInput, AnAddressInUseIsNamed) {
  ServerProcess server(data(), {});
  ASSERT_TRUE(server.start()) << server.output();
  const std::string address = server.url().substr(std::string("http://").size());
  const auto second = run({"serve", "--data", data("other"), "--listen", address});
  EXPECT_EQ(second.code, 1);
  EXPECT_NE(second.out.find(address), std::string::npos) << second.out;
  EXPECT_EQ(run({"serve", "--data", data("other"), "--listen", "nowhere"}).code, 1);
}

TEST_F(BadInput, WrongUseSaysSo) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"serve"},
                                             {"serve", "--data"},
                                             {"dance"},
                                             {"serve", "--data", data(), "--clock", "sundial"},
                                             {"verify", "--data", data(), "--loudly"}}) {
    const auto wrong = run(arguments);
    EXPECT_GT(wrong.code, 1) << wrong.out;
    EXPECT_FALSE(wrong.out.empty());
  }
  EXPECT_FALSE(std::filesystem::exists(data()));
}

}  // namespace
}  // namespace orderlog::test
