// The parts of a node that have to do with commands, in the order of their dependencies.
#include "tests/connectors/http/test_cluster.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "events/base/ids.h"

namespace orderlog::http {

std::unique_ptr<log::MemoryLog> shared_log(bool durable_at_once) {
  log::MemoryLogOptions options;
  options.partition_count = cluster_partitions;
  options.durable_at_once = durable_at_once;
  return std::move(*log::open_memory_log(options));
}

std::string item_on(std::uint32_t partition, int number) {
  for (int i = 0;; ++i) {
    std::string item = "SKU" + std::to_string(i) + "@MAIN";
    if (partition_of(item, cluster_partitions) != PartitionId(partition)) continue;
    if (number-- == 0) return item;
  }
}

void wait_until(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << "it never came to hold";
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

ClusterNode::ClusterNode(log::MemoryLog& log, ClusterNodeOptions options) : log_(log) {
  state_ = runtime::make_memory_state_store();
  const auto parts = [&](Router& router, EventLoop& loop, std::uint16_t port) {
    address_ = options.advertised_address.empty() ? "127.0.0.1:" + std::to_string(port)
                                                  : options.advertised_address;
    runtime::EngineOptions engine;
    engine.policy = engine::default_policy();
    engine.advertised_address = address_;
    engine.engine_version = "test";
    engine.claim_all = false;
    engine_ = std::move(*runtime::open_engine(engine, log_, *state_, clock_, nullptr, loop));
    options.forwarder.log = options.log;
    forwarder_ = std::make_unique<PeerForwarder>(loop, options.forwarder);
    command_api_ = std::make_unique<CommandApi>(*engine_, loop, clock_, options.limits,
                                                options.forwards ? forwarder_.get() : nullptr);
    command_api_->add_routes(router);
    peer_api_ = std::make_unique<PeerApi>(*engine_, loop, options.limits, options.log);
    peer_api_->add_routes(router);
    loop.every(2, [this] { engine_->tick(); });
  };
  server_ = std::make_unique<TestServer>([](Router&, EventLoop&) {}, options.limits, parts);
}

ClusterNode::~ClusterNode() {
  server_->run([this](const std::function<void()>& done) {
    forwarder_->stop();
    engine_->stop([done](const Status&) { done(); });
  });
  server_->stop();
  engine_.reset();
  server_.reset();
}

void ClusterNode::take(std::uint32_t partition) {
  Status taken = error(ErrorCode::Internal, "never answered");
  server_->run([&](const std::function<void()>& done) {
    const auto claim = log_.claim(PartitionId(partition));
    ASSERT_TRUE(claim.ok());
    engine_->take(*claim, [&taken, done](const Status& status) {
      taken = status;
      done();
    });
  });
  EXPECT_TRUE(taken.ok()) << (taken.ok() ? "" : taken.error().message);
  // Its claim is in the log, so that tests can count what follows it.
  wait_until([&] { return log_.durable_end(PartitionId(partition)).last_seq > Sequence(0); });
}

void ClusterNode::see(const ClusterNode& leader, std::uint32_t partition) const {
  wait_until([&] { return engine_->partitions()[partition].leader_address == leader.address(); });
}

TestCluster::TestCluster(ClusterNodeOptions options)
    : first(std::make_unique<ClusterNode>(*log, options)),
      second(std::make_unique<ClusterNode>(*log, options)) {
  first->take(0);
  second->take(1);
  first->see(*second, 1);
  second->see(*first, 0);
}

TestCluster::~TestCluster() = default;

DeafServer::DeafServer() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* address = reinterpret_cast<sockaddr*>(&at);
  EXPECT_EQ(::bind(descriptor_, address, size), 0);
  EXPECT_EQ(::listen(descriptor_, 16), 0);
  EXPECT_EQ(::getsockname(descriptor_, address, &size), 0);
  port_ = ntohs(at.sin_port);
}

DeafServer::~DeafServer() { close(); }

int DeafServer::accept_one() const { return ::accept(descriptor_, nullptr, nullptr); }

void DeafServer::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace orderlog::http
