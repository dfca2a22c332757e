// Nodes of a cluster in one process: each an engine that leads some partitions of one log in
// memory, behind an HTTP server of its own, forwarding to the others through real sockets.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "connectors/http/command_api.h"
#include "connectors/http/peer_api.h"
#include "connectors/http/peer_forwarder.h"
#include "engine/runtime/engine.h"
#include "events/base/clock.h"
#include "events/log/memory_log.h"
#include "tests/connectors/http/test_node.h"
#include "tests/connectors/http/test_server.h"

namespace orderlog::http {

inline constexpr std::uint32_t cluster_partitions = 2;

struct ClusterNodeOptions {
  HttpLimits limits;
  PeerForwarderOptions forwarder;
  std::string log = "orders";
  bool forwards = true;
  // Instead of the server's own.
  std::string advertised_address;
};

std::unique_ptr<log::MemoryLog> shared_log(bool durable_at_once = true);

// A stock item that lives on the partition, the `number`-th.
std::string item_on(std::uint32_t partition, int number = 0);

// Until it holds; ten seconds are a failure.
void wait_until(const std::function<bool()>& holds);

class ClusterNode {
 public:
  explicit ClusterNode(log::MemoryLog& log, ClusterNodeOptions options = {});
  ~ClusterNode();

  std::string address() const { return address_; }
  client::HttpClient client() const { return server_->client(); }
  TestServer& server() { return *server_; }
  // Claims the partition and leads it.
  void take(std::uint32_t partition);
  // Until it knows that the other one leads the partition.
  void see(const ClusterNode& leader, std::uint32_t partition) const;
  PeerForwarder& forwarder() { return *forwarder_; }
  PeerApiStats peer_api() const { return peer_api_->stats(); }
  runtime::EngineStats engine() const { return engine_->stats(); }

 private:
  log::MemoryLog& log_;
  WallClock clock_;
  std::string address_;
  std::unique_ptr<runtime::StateStore> state_;
  std::unique_ptr<runtime::Engine> engine_;
  std::unique_ptr<PeerForwarder> forwarder_;
  std::unique_ptr<CommandApi> command_api_;
  std::unique_ptr<PeerApi> peer_api_;
  std::unique_ptr<TestServer> server_;
};

// Two nodes: the first leads partition 0, the second partition 1, and both know.
struct TestCluster {
  explicit TestCluster(ClusterNodeOptions options = {});
  ~TestCluster();

  std::unique_ptr<log::MemoryLog> log = shared_log();
  std::unique_ptr<ClusterNode> first;
  std::unique_ptr<ClusterNode> second;
};

// Something that listens: takes connections into the system's queue and never says a word.
class DeafServer {
 public:
  DeafServer();
  ~DeafServer();
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // The next connection, to be treated as the test likes.
  int accept_one() const;
  void close();

 private:
  int descriptor_ = -1;
  int port_ = 0;
};

}  // namespace orderlog::http
