#include "tests/ops/cluster/cluster.h"

#include <boost/json.hpp>

#include "tests/ops/process/ready.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

const std::string brokers_directory = ORDERLOG_BINARY_DIR "/kafka-test3";

// Output of a program that must succeed.
std::string output_of(const std::string& command) {
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string text;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), got);
  }
  if (pclose(pipe) != 0) throw std::runtime_error(command + ": " + text);
  return text;
}

std::string script(const std::string& name) { return ORDERLOG_SOURCE_DIR "/ops/kafka/" + name; }

// Topics that no other test has, also when several run in one process.
std::string new_name() {
  static int count = 0;
  return "t" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

// A client that is told to try again does so a little later.
constexpr std::chrono::milliseconds retry_after(20);
constexpr client::ClientOptions impatient{.connect_timeout_ms = 1'000, .request_timeout_ms = 2'500};

}  // namespace

// ---- brokers ------------------------------------------------------------------------------------

std::string Brokers::bootstrap() {
  std::ifstream file(brokers_directory + "/bootstrap");
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error("no brokers: run the tests with ctest");
  return line;
}

void Brokers::node(const std::string& verb, int number) {
  output_of(script("node") + " " + verb + " " + std::to_string(number) + " --dir " +
            brokers_directory);
}

void Brokers::up() { output_of(script("up") + " --dir " + brokers_directory); }

int Brokers::leader(const std::string& topic, int partition) {
  const auto metadata = json::parse(output_of("kcat -L -J -b " + bootstrap() + " -t " + topic));
  for (const auto& found : metadata.at("topics").as_array().at(0).at("partitions").as_array()) {
    if (found.at("partition").to_number<int>() == partition) {
      return found.at("leader").to_number<int>();
    }
  }
  throw std::runtime_error("no such partition");
}

// ---- nodes --------------------------------------------------------------------------------------

Installation::Installation(std::filesystem::path directory, int nodes)
    : directory_(std::move(directory)), name_(new_name()) {
  std::ofstream(configuration()) << "[log]\npartitions = " << partitions
                                 << "\n[kafka]\nbootstrap_servers = \"" << Brokers::bootstrap()
                                 << "\"\nenvironment = \"" << name_ << "\"\nevents_topic = \""
                                 << events_topic() << "\"\ncommands_topic = \"" << commands_topic()
                                 << "\"\nalerts_topic = \"orders.alerts." << name_
                                 << "\"\npublished_topic = \"orders.published." << name_
                                 << "\"\nreplication_factor = 3\nmin_insync_replicas = 2\n"
                                 << "group_session_timeout_ms = 2000\n"
                                 << "[kafka.views]\ntopic_prefix = \"orders.view." << name_
                                 << ".\"\n[kafka.client]\n\"socket.timeout.ms\" = \"3000\"\n"
                                 << "\"api.version.request.timeout.ms\" = \"1500\"\n"
                                 << "\"topic.metadata.refresh.fast.interval.ms\" = \"100\"\n";
  const auto applied = run({"topics", "apply", "--config", configuration()});
  if (applied.code != 0) throw std::runtime_error(applied.out);
  for (int i = 0; i < nodes; ++i) {
    nodes_.push_back(std::make_unique<ServerProcess>(
        data(static_cast<std::size_t>(i)),
        std::vector<std::string>{"--clock", "data", "--config", configuration()}));
    nodes_.back()->long_lived();
  }
}

void Installation::start(std::size_t i) {
  if (!nodes_[i]->start()) throw std::runtime_error(nodes_[i]->output());
}

void Installation::start_all() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) start(i);
}

std::vector<std::string> Installation::urls() const {
  std::vector<std::string> urls;
  for (const auto& node : nodes_) urls.push_back(node->url());
  return urls;
}

void Installation::await_leaders() {
  const bool all_led = eventually([this] {
    std::int64_t leading = 0;
    for (const auto& node : nodes_) leading += metric(node->url(), "orderlog_partitions_leading");
    return leading == partitions;
  });
  if (!all_led) throw std::runtime_error("the partitions have no leaders");
}

// ---- load ---------------------------------------------------------------------------------------

Load::Load(std::vector<std::string> urls, int clients)
    : urls_(std::move(urls)), last_(std::chrono::steady_clock::now()) {
  for (int c = 0; c < clients; ++c) threads_.emplace_back([this, c] { run(c); });
}

void Load::await(int more) {
  const int target = count_ + more;
  for (int seen = 0; (seen = count_.load()) < target;) count_.wait(seen);
}

void Load::await_refusals(int more) {
  const int target = refused_ + more;
  for (int seen = 0; (seen = refused_.load()) < target;) refused_.wait(seen);
}

void Load::stop() {
  stopping_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Load::run(int client_number) {
  for (int i = 0; !stopping_; ++i) {
    Command command;
    command.key = std::to_string(client_number) + "-" + std::to_string(i);
    command.item = "SKU" + std::to_string(i % 12) + "@MAIN";
    const std::string body = receive_body(command.item);
    for (std::size_t attempt = 0;; ++attempt) {
      const auto& url =
          urls_[(static_cast<std::size_t>(client_number + i) + attempt) % urls_.size()];
      auto client = client::HttpClient::open(url, impatient);
      auto response = client->request(receive_request(command.key, body));
      if (response && response->status == 200) {
        command.position = std::string(json::parse(response->body).at("position").as_string());
        const std::lock_guard lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        const auto gap = std::chrono::duration_cast<std::chrono::milliseconds>(now - last_).count();
        longest_gap_ms_ = std::max(longest_gap_ms_.load(), gap);
        last_ = now;
        acknowledged_.push_back(command);
        ++count_;
        count_.notify_all();
        break;
      }
      if (!response) continue;  // the node is gone or silent: the next one
      ++refused_;
      refused_.notify_all();
      std::this_thread::sleep_for(retry_after);
      if (response->status != 503) {
        const std::lock_guard lock(mutex_);
        wrong_.push_back(response->body);
        break;
      }
    }
  }
}

// ---- what must hold -----------------------------------------------------------------------------

void expect_nothing_lost(const std::string& url, const Load& load) {
  auto client = client::HttpClient::open(url);
  ASSERT_TRUE(client.ok());
  struct Expected {
    std::int64_t milli = 0;
    std::string position;
  };
  std::map<std::string, Expected> expected;
  for (const auto& command : load.acknowledged()) {
    auto response = client->request(receive_request(command.key, receive_body(command.item)));
    ASSERT_TRUE(response.ok()) << response.error().message;
    ASSERT_EQ(response->status, 200) << response->body;
    EXPECT_EQ(response->header("Idempotent-Replayed").value_or(""), "true")
        << "lost: " << command.key;
    EXPECT_EQ(json::parse(response->body).at("position").as_string(), command.position)
        << command.key;
    auto& of_item = expected[command.item];
    of_item.milli += 1'000;
    of_item.position = command.position;
  }
  for (const auto& [item, of_item] : expected) {
    auto row = client->get("/v1/reports/stock_position/" + client::percent_encoded(item) +
                           "?min_position=" + client::percent_encoded(of_item.position));
    ASSERT_TRUE(row.ok());
    ASSERT_EQ(row->status, 200) << row->body;
    EXPECT_EQ(json::parse(row->body).at("on_hand").at("milli").to_number<std::int64_t>(),
              of_item.milli)
        << item;
  }
}

void expect_whole(Installation& installation) {
  for (std::size_t i = 0; i < installation.size(); ++i) {
    EXPECT_EQ(installation.node(i).stop(), 0) << installation.node(i).output();
  }
  for (std::size_t i = 0; i < installation.size(); ++i) {
    const auto verified =
        run({"verify", "--config", installation.configuration(), "--data", installation.data(i)});
    EXPECT_EQ(verified.code, 0) << "node " << i << ": " << verified.out;
  }
}

}  // namespace orderlog::test
