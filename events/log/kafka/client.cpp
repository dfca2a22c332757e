#include "events/log/kafka/client.h"

#include <librdkafka/rdkafka.h>

#include <mutex>
#include <set>
#include <utility>

namespace orderlog::log::kafka {

struct Client::Notes {
  Diary diary;
  ClientHooks hooks;
  mutable std::mutex mutex;
  std::string trouble;
  bool plain = false;  // neither a login nor TLS was asked for

  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
    if (client == nullptr) return;
    auto* notes = static_cast<Notes*>(rd_kafka_opaque(client));
    if (notes->diary) notes->diary(level, text);
    // A connection that failed, and why; other lines only say that there is none.
    if (std::string_view(facility) != "FAIL") return;
    const std::lock_guard lock(notes->mutex);
    notes->trouble = text;
  }
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque) {
    const auto& hooks = static_cast<Notes*>(opaque)->hooks;
    hooks.rebalance(client, code, partitions, hooks.context);
  }
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    const auto& hooks = static_cast<Notes*>(opaque)->hooks;
    hooks.delivered(message, hooks.context);
  }
};

namespace {

struct DeleteConf {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, DeleteConf>;

constexpr std::size_t reason_bytes_max = 512;

Status set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char reason[reason_bytes_max];
  switch (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason, sizeof reason)) {
    case RD_KAFKA_CONF_OK:
      return {};
    case RD_KAFKA_CONF_UNKNOWN:
      return error(ErrorCode::InvalidArgument, "librdkafka knows no setting \"" + name + "\"");
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  // Its reason would repeat the value.
  return error(ErrorCode::InvalidArgument,
               "librdkafka refuses the value of the setting \"" + name + "\"");
}

ErrorCode code_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
      return ErrorCode::Fenced;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return ErrorCode::NotFound;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return ErrorCode::InvalidArgument;
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return ErrorCode::Corrupt;
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return ErrorCode::Timeout;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
      return ErrorCode::Unavailable;
    default:
      return ErrorCode::Io;
  }
}

}  // namespace

Result<Client> Client::open(Kind kind, const ClientOptions& options, const ClientSettings& own,
                            const ClientHooks& hooks) {
  Client client;
  client.kind_ = kind;
  client.notes_ = std::make_unique<Notes>();
  client.notes_->diary = options.diary;
  client.notes_->hooks = hooks;
  client.notes_->plain = !options.settings.contains("security.protocol");
  Conf conf(rd_kafka_conf_new());
  for (const auto* settings : {&options.settings, &own}) {
    for (const auto& [name, value] : *settings) {
      if (auto status = set(conf.get(), name, value); !status) return status.error();
    }
  }
  rd_kafka_conf_set_opaque(conf.get(), client.notes_.get());
  rd_kafka_conf_set_log_cb(conf.get(), &Notes::on_log);
  if (hooks.rebalance != nullptr) rd_kafka_conf_set_rebalance_cb(conf.get(), &Notes::on_rebalance);
  if (hooks.delivered != nullptr) rd_kafka_conf_set_dr_msg_cb(conf.get(), &Notes::on_delivery);
  char reason[reason_bytes_max];
  client.handle_ = rd_kafka_new(kind == Kind::Producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
                                conf.get(), reason, sizeof reason);
  if (client.handle_ == nullptr) {
    return error(ErrorCode::InvalidArgument, std::string("Kafka client: ") + reason);
  }
  (void)conf.release();  // the client's now
  if (kind == Kind::Consumer) rd_kafka_poll_set_consumer(client.handle_);
  return client;
}

Client::Client() = default;

Client::~Client() { close(); }

Client::Client(Client&& other) noexcept
    : kind_(other.kind_),
      handle_(std::exchange(other.handle_, nullptr)),
      notes_(std::move(other.notes_)) {}

Client& Client::operator=(Client&& other) noexcept {
  if (this == &other) return *this;
  close();
  kind_ = other.kind_;
  handle_ = std::exchange(other.handle_, nullptr);
  notes_ = std::move(other.notes_);
  return *this;
}

void Client::close() {
  if (handle_ == nullptr) return;
  if (kind_ == Kind::Producer) {
    (void)rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  } else {
    (void)rd_kafka_consumer_close(handle_);
  }
  rd_kafka_destroy(std::exchange(handle_, nullptr));
}

std::string Client::last_trouble() const {
  const std::lock_guard lock(notes_->mutex);
  const std::string& trouble = notes_->trouble;
  // A broker that wants a login or TLS hangs up on who comes without; librdkafka says so only when
  // it hangs up at once.
  const bool was_connected = !trouble.empty() && trouble.find("in state CONNECT)") == trouble.npos;
  if (notes_->plain && was_connected && trouble.find("security.protocol") == trouble.npos)
    return trouble + "; security.protocol is not set: does the broker want a login or TLS?";
  return trouble;
}

Status check_setting(const std::string& name, const std::string& value) {
  const Conf scratch(rd_kafka_conf_new());
  return set(scratch.get(), name, value);
}

bool is_engines_own(const std::string& name) {
  // With librdkafka's other names for the same.
  static const std::set<std::string, std::less<>> names{
      // One writer, and nothing acknowledged that could be lost.
      "transactional.id", "enable.idempotence", "acks", "request.required.acks",
      "transaction.timeout.ms", "message.timeout.ms", "delivery.timeout.ms", "message.max.bytes",
      "enable.gapless.guarantee", "max.in.flight", "max.in.flight.requests.per.connection",
      "queuing.strategy",
      // A key's records lie where the engine says.
      "partitioner", "partitioner_cb", "msg_order_cmp",
      // Each committed record is read once, from where the engine says.
      "isolation.level", "enable.auto.commit", "auto.commit.enable", "auto.commit.interval.ms",
      "enable.auto.offset.store", "auto.offset.reset", "offset.store.method", "offset.store.path",
      "offset.store.sync.interval.ms", "enable.partition.eof", "check.crcs",
      "allow.auto.create.topics",
      // Who owns what.
      "group.id", "group.instance.id", "group.protocol.type", "partition.assignment.strategy",
      "session.timeout.ms", "heartbeat.interval.ms", "max.poll.interval.ms",
      // A cluster that is none.
      "test.mock.num.brokers"};
  return names.contains(name);
}

Error error_of(int code, const std::string& doing) {
  const auto known = static_cast<rd_kafka_resp_err_t>(code);
  return error(code_of(known), doing + ": " + rd_kafka_err2str(known));
}

Status status_of(rd_kafka_error_s* failed, const std::string& doing) {
  if (failed == nullptr) return {};
  auto status =
      error(code_of(rd_kafka_error_code(failed)), doing + ": " + rd_kafka_error_string(failed));
  rd_kafka_error_destroy(failed);
  return status;
}

Result<TopicShape> shape_of(const Client& client, const std::string& topic,
                            std::uint32_t timeout_ms) {
  const std::string doing = "asking for topic " + topic;
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client.get(), topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code =
      rd_kafka_metadata(client.get(), 0, handle, &metadata, static_cast<int>(timeout_ms));
  rd_kafka_topic_destroy(handle);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // "timed out" alone does not say that the brokers can't be reached, or refuse us.
    const std::string trouble = client.last_trouble();
    return error(ErrorCode::Unavailable, doing + ": " + rd_kafka_err2str(code) +
                                             (trouble.empty() ? "" : " (" + trouble + ")"));
  }
  const std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)> owner(
      metadata, &rd_kafka_metadata_destroy);
  if (metadata->topic_cnt != 1) return error(ErrorCode::Io, doing + ": no answer");
  const auto& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    return error(ErrorCode::NotFound, "there is no topic " + topic);
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(found.err, doing);
  TopicShape shape;
  shape.partitions = static_cast<std::uint32_t>(found.partition_cnt);
  for (int p = 0; p < found.partition_cnt; ++p) {
    const auto replicas = static_cast<std::uint32_t>(found.partitions[p].replica_cnt);
    if (p == 0 || replicas < shape.replicas) shape.replicas = replicas;
  }
  return shape;
}

Result<std::uint32_t> partitions_of(const Client& client, const std::string& topic,
                                    std::uint32_t timeout_ms) {
  auto shape = shape_of(client, topic, timeout_ms);
  if (!shape) return shape.error();
  return shape->partitions;
}

Result<std::string> cluster_id(const Client& client, std::uint32_t timeout_ms) {
  char* id = rd_kafka_clusterid(client.get(), static_cast<int>(timeout_ms));
  if (id == nullptr) return error(ErrorCode::Unavailable, "the cluster does not say its id");
  std::string text(id);
  rd_kafka_mem_free(client.get(), id);
  return text;
}

}  // namespace orderlog::log::kafka
