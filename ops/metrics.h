// Prometheus text of everything the rooms count (platform.md 3). The rooms expose plain Stats
// structs; only this file knows prometheus-cpp. Names: prefix orderlog_, base units, counters end
// in _total.
#pragma once

#include <memory>
#include <string>

namespace orderlog::runtime {
class Engine;
}
namespace orderlog::log {
class EventLog;
class KafkaLog;
}  // namespace orderlog::log
namespace orderlog::projections {
class Runner;
}
namespace orderlog::http {
class CommandApi;
class HttpServer;
class PeerForwarder;
}  // namespace orderlog::http

namespace orderlog::ops {

class ClusterMember;

struct MetricSources {
  const runtime::Engine* engine = nullptr;
  const log::EventLog* log = nullptr;
  const log::KafkaLog* kafka_log = nullptr;  // the same log, when it is on a cluster
  const projections::Runner* projections = nullptr;
  const http::HttpServer* http = nullptr;
  const http::CommandApi* commands = nullptr;
  const http::PeerForwarder* forwarder = nullptr;  // on a cluster
};

// The exposition format 0.0.4. Any thread; the sources' stats() are.
class Metrics {
 public:
  explicit Metrics(std::string version);
  void set_sources(MetricSources sources) { sources_ = sources; }
  // Null: it has left the cluster, or there is none. On the thread that asks for text().
  void set_cluster(const ClusterMember* cluster) { cluster_ = cluster; }
  std::string text() const;

 private:
  std::string version_;
  std::int64_t started_at_s_;
  MetricSources sources_;
  const ClusterMember* cluster_ = nullptr;
};

}  // namespace orderlog::ops
