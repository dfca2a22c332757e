// librdkafka's handles with an owner, and its errors in our words. Settings have librdkafka's own
// names (its CONFIGURATION.md), so that whatever it can do (TLS, SASL) is configured as documented
// there. Must hold: a value of a setting never gets into a message or a log, it may be a password.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "events/base/result.h"

struct rd_kafka_s;
struct rd_kafka_message_s;
struct rd_kafka_topic_partition_list_s;
struct rd_kafka_error_s;

namespace orderlog::log::kafka {

using ClientSettings = std::map<std::string, std::string>;

// What librdkafka has to say by itself: level as in syslog(3), 0 to 7. Any thread.
using Diary = std::function<void(int level, std::string_view text)>;

struct ClientOptions {
  ClientSettings settings;
  Diary diary;
};

// What librdkafka calls back while it is polled or closed; `context` is handed on. Nothing: unused.
struct ClientHooks {
  void* context = nullptr;
  // The consumer group gave or takes partitions (librdkafka's error code says which).
  void (*rebalance)(rd_kafka_s*, int code, rd_kafka_topic_partition_list_s*,
                    void* context) = nullptr;
  // A produced record was delivered, or not.
  void (*delivered)(const rd_kafka_message_s*, void* context) = nullptr;
};

// One connection to the cluster: a producer or a consumer. Closing takes at most some seconds.
class Client {
 public:
  enum class Kind { Producer, Consumer };
  // `own` settings go before those of the options. Errors: InvalidArgument (a setting).
  static Result<Client> open(Kind kind, const ClientOptions& options, const ClientSettings& own,
                             const ClientHooks& hooks = {});

  Client();
  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;

  rd_kafka_s* get() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }
  // A producer drops what was not sent; a consumer leaves.
  void close();
  // The last thing that went wrong with the connection, for messages; may be empty. Any thread.
  std::string last_trouble() const;

 private:
  struct Notes;

  Kind kind_ = Kind::Producer;
  rd_kafka_s* handle_ = nullptr;
  std::unique_ptr<Notes> notes_;
};

// Whether librdkafka knows the setting and takes the value. Errors: InvalidArgument.
Status check_setting(const std::string& name, const std::string& value);
// Whether the log's promises hang on the setting, so that nobody else may choose it.
bool is_engines_own(const std::string& name);

// Takes the error (may be null: success).
Status status_of(rd_kafka_error_s* error, const std::string& doing);
// `code`: librdkafka's number.
Error error_of(int code, const std::string& doing);

struct TopicShape {
  std::uint32_t partitions = 0;
  std::uint32_t replicas = 0;  // of the partition with the fewest
};
// Errors: NotFound (no such topic), Unavailable (no broker answered in time), InvalidArgument (not
// allowed), Io.
Result<TopicShape> shape_of(const Client& client, const std::string& topic,
                            std::uint32_t timeout_ms);
// Its partitions. Errors: the same.
Result<std::uint32_t> partitions_of(const Client& client, const std::string& topic,
                                    std::uint32_t timeout_ms);
// The cluster's own id. Errors: Unavailable.
Result<std::string> cluster_id(const Client& client, std::uint32_t timeout_ms);

}  // namespace orderlog::log::kafka
