#include "ops/configuration_kafka.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "events/log/kafka/client.h"
#include "ops/setting.h"
#include "projections/registry.h"

namespace orderlog::ops {
namespace {

constexpr std::int64_t timeout_ms_most = 900'000;
constexpr std::size_t topic_characters_max = 249;  // Kafka's own limit
constexpr std::size_t dead_letter_suffix = 4;

// Kafka's rule for the name of a topic; the environment keeps to it, too, as it becomes part of
// names.
std::string topic_name(const std::string& given) {
  const bool legal = given.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789._-") == std::string::npos;
  if (legal && !given.empty() && given != "." && given != ".." &&
      given.size() + dead_letter_suffix <= topic_characters_max) {
    return {};
  }
  return "letters, digits, '.', '_' and '-' are expected, at most " +
         std::to_string(topic_characters_max - dead_letter_suffix);
}

std::string empty_or_address(const std::string& given) {
  const auto colon = given.rfind(':');
  unsigned port = 0;
  const char* end = given.data() + given.size();
  const bool legal =
      given.empty() ||
      (colon != std::string::npos && colon > 0 && given.find('/') == std::string::npos &&
       std::from_chars(given.data() + colon + 1, end, port).ptr == end && port > 0 &&
       port <= 65'535);
  return legal ? "" : "HOST:PORT is expected";
}

std::vector<Setting> kafka_settings(KafkaConfiguration& k) {
  std::vector<Setting> out;
  out.push_back(text("kafka.bootstrap_servers", k.bootstrap_servers, any_text));
  out.push_back(text("kafka.environment", k.environment, topic_name));
  out.push_back(text("kafka.events_topic", k.events_topic, topic_name));
  out.push_back(text("kafka.commands_topic", k.commands_topic, topic_name));
  out.push_back(text("kafka.alerts_topic", k.alerts_topic, topic_name));
  out.push_back(boolean("kafka.publish_alerts", k.publish_alerts));
  out.push_back(text("kafka.published_topic", k.published_topic, topic_name));
  out.push_back(integer("kafka.replication_factor", k.replication_factor, 1, 32));
  out.push_back(integer("kafka.min_insync_replicas", k.min_insync_replicas, 1, 32));
  out.push_back(
      integer("kafka.transaction_bytes_max", k.transaction_bytes_max, 4'096, 1'073'741'824));
  out.push_back(integer("kafka.request_timeout_ms", k.request_timeout_ms, 100, timeout_ms_most));
  out.push_back(integer("kafka.message_timeout_ms", k.message_timeout_ms, 100, timeout_ms_most));
  out.push_back(
      integer("kafka.transaction_timeout_ms", k.transaction_timeout_ms, 1'000, timeout_ms_most));
  out.push_back(
      integer("kafka.catch_up_timeout_ms", k.catch_up_timeout_ms, 1'000, 100 * timeout_ms_most));
  out.push_back(integer("kafka.group_session_timeout_ms", k.group_session_timeout_ms, 1'000,
                        timeout_ms_most));
  out.push_back(text("kafka.node_id", k.node_id, [](const std::string& given) {
    return given.empty() ? std::string() : topic_name(given);
  }));
  out.push_back(text("kafka.advertise", k.advertise, empty_or_address));
  out.push_back(text("kafka.client_file", k.client_file, any_text));
  return out;
}

// Reports whose rows can be published: those with single rows, which have a key.
std::vector<std::string> possible_views() {
  std::vector<std::string> names;
  for (const auto& model : projections::all_models()) {
    for (const auto& report : model.reports) {
      if (!report.descriptor.key.empty()) names.push_back(report.descriptor.name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string joined(const std::vector<std::string>& words, const char* mark) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : ", ") + std::string(mark) + word + mark;
  return text;
}

std::vector<Setting> view_settings(KafkaConfiguration& k) {
  std::vector<Setting> out;
  const auto take_names = [&k](const toml::node& node) -> std::string {
    if (!node.is_array()) return "a list of texts is expected";
    const auto possible = possible_views();
    std::vector<std::string> names;
    for (const auto& entry : *node.as_array()) {
      const auto name = entry.value_exact<std::string>();
      if (!name) return "a list of texts is expected";
      if (std::find(possible.begin(), possible.end(), *name) == possible.end()) {
        return quote_input(*name) +
               " is no report with single rows; there are: " + joined(possible, "");
      }
      if (std::find(names.begin(), names.end(), *name) != names.end())
        return quote_input(*name) + " is given twice";
      names.push_back(*name);
    }
    k.views = std::move(names);
    return {};
  };
  out.push_back(
      {"kafka.views.names", take_names, [&k] { return '[' + joined(k.views, "\"") + ']'; }});
  out.push_back(text("kafka.views.topic_prefix", k.view_topic_prefix, topic_name));
  return out;
}

Status take_views(const std::string& path, const toml::node& node, KafkaConfiguration& kafka) {
  if (!node.is_table()) return at(path, node, "kafka.views: a section is expected");
  const auto settings = view_settings(kafka);
  for (const auto& [key, value] : *node.as_table()) {
    if (auto status = take_setting(path, "kafka.views." + std::string(key.str()), value, settings);
        !status) {
      return status;
    }
  }
  return Status();
}

// What is wrong with a client's setting; empty: nothing.
std::string wrong_client_setting(const std::string& name, const std::string& value) {
  if (name == "message.timeout.ms" || name == "delivery.timeout.ms")
    return "is kafka.message_timeout_ms here";
  if (name == "transaction.timeout.ms") return "is kafka.transaction_timeout_ms here";
  if (name == "session.timeout.ms") return "is kafka.group_session_timeout_ms here";
  if (log::kafka::is_engines_own(name)) return "the engine depends on it and sets it itself";
  const auto status = log::kafka::check_setting(name, value);
  return status ? "" : status.error().message;
}

Status take_client(const std::string& path, const toml::node& node, KafkaConfiguration& kafka) {
  if (!node.is_table()) return at(path, node, "kafka.client: a section is expected");
  for (const auto& [key, value] : *node.as_table()) {
    const std::string name(key.str());
    const std::string said = "kafka.client.\"" + name + "\": ";
    const auto given = value.value_exact<std::string>();
    if (value.is_table()) {
      return at(path, value,
                said + "librdkafka's names have dots: write them in quotes, \"sasl.username\"");
    }
    if (!given) return at(path, value, said + "a text is expected");
    if (name == "bootstrap.servers" || name == "metadata.broker.list")
      return at(path, value, said + "is kafka.bootstrap_servers here");
    if (auto wrong = wrong_client_setting(name, *given); !wrong.empty())
      return at(path, value, said + wrong);
    kafka.client[name] = *given;
  }
  return Status();
}

std::string trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \t\r");
  if (from == std::string::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

// Lines name=value; # begins a comment line. What the TOML file says itself is kept.
Status take_client_file(const std::string& toml, KafkaConfiguration& kafka) {
  const auto file = std::filesystem::path(toml).parent_path() / kafka.client_file;
  std::ifstream in(file);
  if (!in) return error(ErrorCode::NotFound, file.string() + ": the file cannot be read");
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    line = trimmed(line);
    if (line.empty() || line[0] == '#') continue;
    const auto refuse = [&](const std::string& why) {
      return error(ErrorCode::InvalidArgument,
                   file.string() + ":" + std::to_string(number) + ": " + why);
    };
    const auto equals = line.find('=');
    if (equals == std::string::npos || equals == 0) return refuse("name=value is expected");
    std::string name = trimmed(line.substr(0, equals));
    const std::string value = trimmed(line.substr(equals + 1));
    if (auto wrong = wrong_client_setting(name, value); !wrong.empty())
      return refuse('"' + name + "\": " + wrong);
    if (name == "metadata.broker.list") name = "bootstrap.servers";
    kafka.client.emplace(name, value);
  }
  return Status();
}

// What one setting alone cannot tell.
std::string wrong_together(const KafkaConfiguration& kafka) {
  if (kafka.client.count("bootstrap.servers") == 0)
    return "kafka.bootstrap_servers: HOST:PORT of at least one broker is needed";
  if (kafka.min_insync_replicas > kafka.replication_factor) {
    return "kafka.min_insync_replicas: must not be above kafka.replication_factor, " +
           std::to_string(kafka.replication_factor);
  }
  if (kafka.message_timeout_ms > kafka.transaction_timeout_ms) {
    return "kafka.message_timeout_ms: must not be above kafka.transaction_timeout_ms, " +
           std::to_string(kafka.transaction_timeout_ms);
  }
  std::set<std::string> topics{kafka.events_topic, kafka.commands_topic, kafka.alerts_topic,
                               kafka.published_topic};
  if (topics.size() < 4) {
    return "kafka.events_topic, commands_topic, alerts_topic and published_topic: must be four "
           "topics";
  }
  for (const auto& view : kafka.views) {
    if (!topics.insert(view_topic(kafka, view)).second)
      return "kafka.views.topic_prefix: " + view_topic(kafka, view) + " is another topic already";
  }
  return {};
}

}  // namespace

std::string view_topic(const KafkaConfiguration& kafka, const std::string& report) {
  return kafka.view_topic_prefix + report + ".v1";
}

Result<KafkaConfiguration> take_kafka(const std::string& path, const toml::table& section) {
  KafkaConfiguration kafka;
  const auto settings = kafka_settings(kafka);
  for (const auto& [key, node] : section) {
    const std::string name(key.str());
    const auto status = name == "client"  ? take_client(path, node, kafka)
                        : name == "views" ? take_views(path, node, kafka)
                                          : take_setting(path, "kafka." + name, node, settings);
    if (!status) return status.error();
  }
  if (!kafka.client_file.empty()) {
    if (auto status = take_client_file(path, kafka); !status) return status.error();
  }
  if (!kafka.bootstrap_servers.empty()) kafka.client["bootstrap.servers"] = kafka.bootstrap_servers;
  if (auto wrong = wrong_together(kafka); !wrong.empty()) return at(path, section, wrong);
  return kafka;
}

std::string kafka_reference() {
  KafkaConfiguration defaults;
  defaults.bootstrap_servers = "localhost:9092";
  std::string out =
      "\n# The log on an Apache Kafka cluster: with this section, [log] is a node's copy of it.\n"
      "# [kafka]\n";
  for (const auto& setting : kafka_settings(defaults)) {
    out += "# " + setting.name.substr(setting.name.find('.') + 1) + " = " + setting.print() + "\n";
  }
  out +=
      "# Rows of reports as JSON on compacted topics, <topic_prefix><name>.v1; an empty list: "
      "none.\n"
      "# [kafka.views]\n";
  for (const auto& setting : view_settings(defaults)) {
    out += "# " + setting.name.substr(setting.name.rfind('.') + 1) + " = " + setting.print() + "\n";
  }
  out +=
      "# librdkafka's own settings, as texts; secrets may stand in client_file, as lines "
      "name=value.\n"
      "# [kafka.client]\n"
      "# \"client.id\" = \"orderlog\"\n";
  return out;
}

}  // namespace orderlog::ops
