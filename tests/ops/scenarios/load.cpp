#include "tests/ops/scenarios/load.h"

#include <boost/json.hpp>
#include <map>
#include <span>

#include "tests/ops/process/ready.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

constexpr int clients = 4;
constexpr int items = 3;
constexpr int customers = 20;
constexpr std::int64_t received_at_first_milli = 1'000'000'000'000;
// Shorter than many a pause of the server: then a client doesn't know what came of its command.
constexpr client::ClientOptions impatient{.connect_timeout_ms = 1'000, .request_timeout_ms = 400};
constexpr int gives_up_percent = 30;  // of the unknown outcomes; the other ones are sent again
constexpr int order_percent = 30;

std::string item(int number) { return "SKU" + std::to_string(number) + "@MAIN"; }

client::RequestText request_of(const Sent& sent, const std::string& target) {
  client::RequestText request;
  request.method = "POST";
  request.target = target;
  request.body = sent.body;
  request.headers = {{"Idempotency-Key", sent.key}};
  return request;
}

Result<client::Response> send(client::HttpClient& client, const Sent& sent) {
  const std::string target = "/v1/commands/" + sent.command;
  return client.request(request_of(sent, target));
}

// The type of a problem that says when to try again; anything else has no place here.
std::string refusal_of(const client::Response& response, const Sent& sent) {
  EXPECT_EQ(response.status, 503) << sent.key << ": " << response.body;
  EXPECT_EQ(response.header("content-type"), "application/problem+json") << response.body;
  EXPECT_TRUE(response.header("retry-after").has_value()) << response.body;
  boost::system::error_code malformed;
  const auto problem = json::parse(response.body, malformed);
  const auto* type =
      !malformed && problem.is_object() ? problem.get_object().if_contains("type") : nullptr;
  return type != nullptr && type->is_string() ? std::string(type->get_string()) : response.body;
}

// No two orders of a customer are alike, or the second would be held as a duplicate.
Sent order(int number, std::mt19937_64& random, std::size_t note_bytes) {
  Sent sent;
  const std::string id = "SO-" + std::to_string(number);
  const int sku = number % items;
  const int units = 1 + number / customers;
  std::string note;
  while (note.size() < note_bytes) note += static_cast<char>('#' + random() % 57);
  sent.command = "PlaceOrder";
  sent.subject = item(sku);
  sent.milli = units * 1'000;
  sent.body = R"({"order_id":")" + id + R"(","header":{"customer_id":"C-)" +
              std::to_string(number % customers) +
              R"(","currency":"USD","ship_to":{"street":"Main Street 1","city":"Town",)"
              R"("country":"DE"},"note":")" +
              note + R"("},"lines":[{"line":1,"product_id":"SKU)" + std::to_string(sku) +
              R"(","location":"MAIN","quantity":{"milli":)" + std::to_string(sent.milli) + "}}]}";
  return sent;
}

Sent receipt(int number) {
  Sent sent;
  sent.command = "ReceiveStock";
  sent.subject = item(number % items);
  sent.milli = 1'000;
  sent.body = receive_body(sent.subject);
  return sent;
}

void settle_some(const std::string& url, std::span<Sent> record) {
  auto client = client::HttpClient::open(url);
  ASSERT_TRUE(client.ok());
  for (auto& sent : record) {
    auto response = send(*client, sent);
    for (const auto until = std::chrono::steady_clock::now() + patience;
         response.ok() && response->status == 503 && std::chrono::steady_clock::now() < until;
         response = send(*client, sent)) {
      std::this_thread::sleep_for(look_again);
    }
    ASSERT_TRUE(response.ok()) << sent.key << ": " << response.error().message;
    ASSERT_EQ(response->status, 200) << sent.key << ": " << response->body;
    if (sent.answer) {
      EXPECT_EQ(response->header("Idempotent-Replayed").value_or(""), "true")
          << "lost: " << sent.key;
      EXPECT_EQ(response->body, *sent.answer) << sent.key;
    }
    sent.answer = response->body;
  }
}

}  // namespace

MakeCommand trade(std::uint64_t seed, std::size_t note_bytes) {
  return [seed, note_bytes](int client, int number) {
    const int unique = number * clients + client;
    std::mt19937_64 random(seed + static_cast<std::uint64_t>(unique));
    const bool places = note_bytes > 0 || static_cast<int>(random() % 100) < order_percent;
    Sent sent = places ? order(unique, random, note_bytes) : receipt(unique);
    sent.key = "trade-" + std::to_string(unique);
    sent.client = client;
    return sent;
  };
}

void prepare_trade(const std::string& url) {
  auto client = client::HttpClient::open(url);
  const auto accept = [&](const std::string& command, const std::string& body) {
    Sent sent;
    sent.command = command;
    sent.key = "prepare-" + body.substr(0, body.find(','));
    sent.body = body;
    ASSERT_TRUE(eventually([&] {
      const auto response = send(*client, sent);
      return response.ok() && response->status == 200;
    })) << command
        << " " << body;
  };
  for (int i = 0; i < items; ++i) {
    accept(
        "DefineProduct",
        R"({"product_id":"SKU)" + std::to_string(i) +
            R"(","profile":{"name":"Tea"},"base_price":{"mantissa":1,"currency":"USD","digits":2}})");
    accept("ReceiveStock", R"({"stock_item_id":")" + item(i) + R"(","quantity":{"milli":)" +
                               std::to_string(received_at_first_milli) + "}}");
  }
  for (int i = 0; i < customers; ++i) {
    const std::string id = R"({"customer_id":"C-)" + std::to_string(i);
    accept("RegisterCustomer",
           id + R"(","profile":{"name":"Cora","time_zone":"UTC","currency":"USD"}})");
    accept("GradeCustomer", id + R"(","grade":"A"})");
    accept("SetCreditLimit", id + R"(","limit":{"minor":1000000000000,"currency":"USD"}})");
  }
}

void expect_effects(const std::string& url, const std::vector<Sent>& record) {
  std::map<std::string, std::int64_t> on_hand;
  std::map<std::string, std::int64_t> reserved;
  std::size_t orders = 0;
  for (int i = 0; i < items; ++i) on_hand[item(i)] = received_at_first_milli;
  for (const auto& sent : record) {
    const bool places = sent.command == "PlaceOrder";
    (places ? reserved : on_hand)[sent.subject] += sent.milli;
    if (places) ++orders;
  }
  auto client = client::HttpClient::open(url);
  const auto get = [&](const std::string& path) {
    const auto response = client->get(path);
    EXPECT_TRUE(response.ok()) << path;
    if (!response) return json::value();
    EXPECT_EQ(response->status, 200) << response->body;
    return json::parse(response->body);
  };
  const auto ordered = [&] {
    return get("/v1/reports/order_status?limit=1").at("total").to_number<std::size_t>();
  };
  // The read models follow the log by themselves, and so do other partitions.
  EXPECT_TRUE(eventually([&] { return ordered() >= orders; }));
  EXPECT_EQ(ordered(), orders);
  for (const auto& [name, milli] : on_hand) {
    const std::pair expected(milli, reserved[name]);
    std::pair<std::int64_t, std::int64_t> found;
    (void)eventually([&, &name = name] {
      const auto row = get("/v1/reports/stock_position/" + client::percent_encoded(name));
      if (!row.is_object()) return true;
      const auto value = [&](const char* column) {
        return row.at(column).at("milli").to_number<std::int64_t>();
      };
      found = {value("on_hand"), value("reserved")};
      return found == expected;
    });
    EXPECT_EQ(found, expected) << name << ": on hand, and reserved";
  }
}

Load::Load(std::string url, MakeCommand make, std::uint64_t seed)
    : url_(std::move(url)), make_(std::move(make)), records_(clients) {
  for (int c = 0; c < clients; ++c) {
    threads_.emplace_back([this, c, seed] { run(c, seed + static_cast<std::uint64_t>(c)); });
  }
}

Load::~Load() { finish(); }

void Load::run(int client_number, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  auto client = client::HttpClient::open(url_, impatient);
  for (int number = 0; !ending_; ++number) {
    Sent sent = make_(client_number, number);
    while (!ending_) {
      auto response = send(*client, sent);
      if (response.ok() && response->status == 200) {
        sent.answer = response->body;
        break;
      }
      if (response.ok()) sent.refusals.push_back(refusal_of(*response, sent));
      const bool unknown = !response && response.error().code != ErrorCode::Unavailable;
      if (unknown && static_cast<int>(random() % 100) < gives_up_percent) break;
      std::this_thread::sleep_for(look_again);
    }
    const std::lock_guard lock(mutex_);
    if (sent.answer) ++acknowledged_;
    records_[static_cast<std::size_t>(client_number)].push_back(std::move(sent));
    counted_.notify_one();
  }
}

bool Load::acknowledged(std::uint64_t more) {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = acknowledged_ + more;
  return counted_.wait_for(lock, patience, [&] { return acknowledged_ >= target; });
}

std::vector<Sent> Load::so_far() {
  const std::lock_guard lock(mutex_);
  std::vector<Sent> all;
  for (const auto& record : records_) {
    std::copy_if(record.begin(), record.end(), std::back_inserter(all),
                 [](const Sent& sent) { return sent.answer.has_value(); });
  }
  return all;
}

std::vector<Sent> Load::finish() {
  ending_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  std::vector<Sent> all;
  for (auto& record : records_) {
    all.insert(all.end(), std::make_move_iterator(record.begin()),
               std::make_move_iterator(record.end()));
    record.clear();
  }
  return all;
}

void settle(const std::string& url, std::vector<Sent>& record) {
  std::vector<std::thread> threads;
  const std::size_t share = record.size() / clients + 1;
  for (std::size_t from = 0; from < record.size(); from += share) {
    const std::span<Sent> part(record.data() + from, std::min(share, record.size() - from));
    threads.emplace_back([&url, part] { settle_some(url, part); });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace orderlog::test
