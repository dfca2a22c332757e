#include "ops/asyncapi.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <iostream>

#include "connectors/kafka/publishing_session.h"
#include "engine/runtime/aggregate_ops.h"
#include "events/codec/openapi_schemas.h"
#include "ops/cluster.h"
#include "ops/commands.h"
#include "ops/configuration_kafka.h"
#include "ops/version.h"
#include "projections/registry.h"

namespace orderlog::ops {
namespace {

namespace json = boost::json;

constexpr const char* kafka_binding = "0.5.0";

// Of the headers that event_headers.h and dead_letter.h describe.
constexpr std::string_view event_header_schema = R"({
  "type": "object",
  "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject",
               "ce_dataschema", "content-type", "ce_sequence", "ce_recordedtime", "ce_partitionkey"],
  "properties": {
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_id": {"type": "string", "format": "uuid", "description": "the event's id: the same for ever"},
    "ce_source": {"type": "string", "pattern": "^/orderlog/partitions/[0-9]+$"},
    "ce_type": {"type": "string", "pattern": "^orderlog\\.[A-Za-z]+\\.v[0-9]+$"},
    "ce_time": {"type": "string", "format": "date-time", "description": "business time"},
    "ce_subject": {"type": "string", "description": "the aggregate's id, as the key"},
    "ce_dataschema": {"type": "string", "pattern": "^urn:orderlog:schema:Envelope:v[0-9]+$"},
    "ce_sequence": {"type": "string", "pattern": "^[0-9]{20}$",
                    "description": "in the log's partition, without gaps"},
    "ce_correlationid": {"type": "string", "format": "uuid"},
    "ce_causationid": {"type": "string", "format": "uuid"},
    "ce_recordedtime": {"type": "string", "format": "date-time"},
    "ce_partitionkey": {"type": "string"}}})";

constexpr std::string_view structured_command_schema = R"({
  "type": "object",
  "required": ["specversion", "id", "source", "type", "data"],
  "properties": {
    "specversion": {"type": "string", "const": "1.0"},
    "id": {"type": "string", "description": "with the source: the command, once for ever"},
    "source": {"type": "string"},
    "type": {"type": "string", "description": "a command: ReceiveStock, orderlog.ReceiveStock.v1"},
    "time": {"type": "string", "format": "date-time", "description": "business time"},
    "correlationid": {"type": "string"},
    "actor": {"type": "string"},
    "role": {"type": "string"},
    "authority": {"type": "string"},
    "expectedversion": {"type": ["string", "integer"]},
    "datacontenttype": {"type": "string", "const": "application/json"},
    "data": {"$ref": "#/components/schemas/Command"}}})";

constexpr std::string_view binary_command_header_schema = R"({
  "type": "object",
  "required": ["ce_specversion", "ce_id", "ce_source", "ce_type"],
  "properties": {
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_id": {"type": "string"},
    "ce_source": {"type": "string"},
    "ce_type": {"type": "string"},
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_correlationid": {"type": "string"},
    "ce_actor": {"type": "string"},
    "ce_role": {"type": "string"},
    "ce_authority": {"type": "string"},
    "ce_expectedversion": {"type": "string"},
    "content-type": {"type": "string"}}})";

constexpr std::string_view dead_letter_header_schema = R"({
  "type": "object",
  "description": "Those of the record as it came, and behind them:",
  "required": ["dlq_topic", "dlq_partition", "dlq_offset", "dlq_reason", "dlq_time",
               "dlq_engine_version"],
  "properties": {
    "dlq_topic": {"type": "string"},
    "dlq_partition": {"type": "string", "pattern": "^[0-9]+$"},
    "dlq_offset": {"type": "string", "pattern": "^[0-9]+$"},
    "dlq_reason": {"type": "string", "description": "one line for people"},
    "dlq_time": {"type": "string", "format": "date-time"},
    "dlq_engine_version": {"type": "string"}}})";

constexpr std::string_view position_schema = R"({
  "type": "object",
  "required": ["alerts", "rows"],
  "properties": {
    "alerts": {"type": "array", "items": {"type": "integer"}, "description": "sequences by partition"},
    "rows": {"type": "array", "items": {"type": "integer"}}}})";

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

json::object parsed(std::string_view text) { return json::parse(view(text)).as_object(); }

json::object text_key(const std::string& description) {
  return {{"type", "string"}, {"description", description}};
}

json::object no_headers() { return {{"type", "object"}}; }

json::object message(const std::string& name, const std::string& summary,
                     std::string_view content_type, json::object key, json::object headers,
                     json::object payload) {
  return {{"name", name},
          {"summary", summary},
          {"contentType", view(content_type)},
          {"headers", std::move(headers)},
          {"payload", std::move(payload)},
          {"bindings", {{"kafka", {{"key", std::move(key)}, {"bindingVersion", kafka_binding}}}}}};
}

json::object bytes_payload(const std::string& description) {
  return {{"type", "string"}, {"format", "binary"}, {"description", description}};
}

// Topic settings as the binding wants them: numbers as numbers, policies as a list.
json::value setting_value(const std::string& name, const std::string& text) {
  if (name == "cleanup.policy") return json::array{json::value(text)};
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed == std::errc() && end == text.data() + text.size()) return number;
  if (text == "true" || text == "false") return text == "true";
  return json::value(text);
}

class Document {
 public:
  explicit Document(const Configuration& configuration)
      : configuration_(configuration),
        specs_(cluster_topics(configuration)),
        schemas_(codec::SchemaRegistry::builtin(), {}) {}

  Result<std::string> make() {
    const KafkaConfiguration& kafka = *configuration_.kafka;
    if (auto status = add_schemas(); !status) return status.error();
    add_events(kafka);
    add_commands(kafka);
    add_alerts(kafka);
    if (auto status = add_views(kafka); !status) return status.error();
    add("published", "send", kafka.published_topic,
        "How far alerts and views are published; the publisher's own.",
        {message("Position", "Of the publisher", kafka::json_media_type,
                 {{"type", "string"}, {"const", view(kafka::position_key)}}, no_headers(),
                 parsed(position_schema))});
    json::object components{{"schemas", schemas_.take()}, {"messages", std::move(messages_)}};
    return json::serialize(
        json::object{{"asyncapi", "3.0.0"},
                     {"info",
                      {{"title", "orderlog"},
                       {"version", version},
                       {"description", "What orderlog reads from and writes to Apache Kafka."}}},
                     {"defaultContentType", view(kafka::json_media_type)},
                     {"channels", std::move(channels_)},
                     {"operations", std::move(operations_)},
                     {"components", std::move(components)}});
  }

 private:
  Status add_schemas() {
    json::array commands;
    for (const auto& command : codec::SchemaRegistry::builtin().commands()) {
      if (runtime::is_engine_only(command.name)) continue;
      auto body = schemas_.command_body(command);
      body["title"] = view(command.name);
      commands.push_back(std::move(body));
    }
    const json::object any{{"anyOf", std::move(commands)},
                           {"description", "The body of the command that the type names."}};
    for (const auto& [name, text] : std::initializer_list<std::pair<const char*, std::string>>{
             {"Command", json::serialize(any)},
             {"EventHeaders", std::string(event_header_schema)}}) {
      if (auto status = schemas_.add({name, text}); !status) return status;
    }
    (void)schemas_.envelope();
    return {};
  }

  static json::object event_headers(std::string_view media_type) {
    json::object content_type{{"type", "string"}, {"const", view(media_type)}};
    json::object more{{"type", "object"},
                      {"properties", {{"content-type", std::move(content_type)}}}};
    return {{"allOf", json::array{codec::reference_to("EventHeaders"), std::move(more)}}};
  }

  void add_events(const KafkaConfiguration& kafka) {
    auto headers = event_headers(kafka::flatbuffers_media_type);
    headers["allOf"].as_array().push_back(json::object{
        {"required", json::array{"ol_event"}},
        {"properties", {{"ol_event", {{"type", "string"}, {"pattern", "^[0-9]+$"}}}}}});
    json::object commit{
        {"type", "object"},
        {"required", json::array{"ol_commit"}},
        {"properties", {{"ol_commit", {{"type", "string"}, {"pattern", "^[0-9]+$"}}}}}};
    add("events", "send", kafka.events_topic, "The log: every event, for ever.",
        {message("Event", "An event", kafka::flatbuffers_media_type, text_key("the aggregate's id"),
                 std::move(headers),
                 bytes_payload("FlatBuffers, table Envelope; `orderlog decode` shows it")),
         message("Commit", "Closes a commit: its hash, and what is no event",
                 "application/octet-stream", {{"type", "null"}}, std::move(commit),
                 bytes_payload("events/log/kafka/records.h"))});
  }

  void add_commands(const KafkaConfiguration& kafka) {
    const auto key = text_key("free; that of the aggregate keeps the order of its commands");
    add("commands", "receive", kafka.commands_topic, "The inbox: commands of other programs.",
        {message("StructuredCommand", "A CloudEvent in structured mode",
                 "application/cloudevents+json", key, no_headers(),
                 parsed(structured_command_schema)),
         message("BinaryCommand", "A CloudEvent in binary mode", kafka::json_media_type, key,
                 parsed(binary_command_header_schema), codec::reference_to("Command"))});
    add("deadLetters", "send", dead_letter_topic(kafka),
        "Records of the inbox that could not be taken, as they came.",
        {message("DeadLetter",
                 "A record and why it lies here; one without key and value notes a replay",
                 "application/octet-stream", text_key("as it came"),
                 parsed(dead_letter_header_schema), bytes_payload("as it came"))});
  }

  void add_alerts(const KafkaConfiguration& kafka) {
    add("alerts", "send", kafka.alerts_topic,
        "Delays of deliveries as they are raised and cleared, each once for readers of committed "
        "records.",
        {message("Alert", "DeliveryDelayed or DelayCleared", kafka::json_media_type,
                 text_key("the order's id"), event_headers(kafka::json_media_type),
                 codec::reference_to("Envelope"))});
  }

  Status add_views(const KafkaConfiguration& kafka) {
    for (const auto& chosen : publisher_options(configuration_).views) {
      const auto* row = codec::SchemaRegistry::builtin().table(chosen.row_table);
      if (row == nullptr)
        return error(ErrorCode::Internal, "no table " + chosen.row_table + " in the schema");
      json::object headers{
          {"type", "object"},
          {"required", json::array{"content-type", view(kafka::row_header)}},
          {"properties",
           {{"content-type", {{"type", "string"}, {"const", view(kafka::json_media_type)}}},
            {view(kafka::row_header), {{"type", "string"}, {"pattern", "^[0-9a-f]{16}$"}}}}}};
      add("view_" + chosen.report, "send", view_topic(kafka, chosen.report),
          "The rows of the report " + chosen.report +
              " as they stand: the last record of a key counts, null deletes it.",
          {message(chosen.report, "A row", kafka::json_media_type, text_key("the row's key"),
                   std::move(headers), schemas_.table(*row))});
    }
    return {};
  }

  void add(const std::string& name, const char* action, const std::string& topic,
           const std::string& description, std::vector<json::object> messages) {
    json::object references;
    json::array sent;
    for (auto& one : messages) {
      const std::string key(one["name"].as_string());
      references[key] = json::object{{"$ref", "#/components/messages/" + key}};
      sent.push_back(json::object{{"$ref", "#/channels/" + name + "/messages/" + key}});
      messages_[key] = std::move(one);
    }
    channels_[name] = json::object{{"address", topic},
                                   {"description", description},
                                   {"messages", std::move(references)},
                                   {"bindings", {{"kafka", binding_of(topic)}}}};
    operations_[std::string(action) + "_" + name] =
        json::object{{"action", action},
                     {"channel", {{"$ref", "#/channels/" + name}}},
                     {"messages", std::move(sent)}};
  }

  json::object binding_of(const std::string& topic) const {
    const auto spec = std::find_if(specs_.begin(), specs_.end(),
                                   [&](const auto& other) { return other.name == topic; });
    ORDERLOG_ENSURE(spec != specs_.end(), "every channel is a topic of the installation");
    json::object settings;
    for (const auto& [name, value] : spec->settings) settings[name] = setting_value(name, value);
    return {{"topic", topic},
            {"partitions", spec->partitions},
            {"replicas", spec->replicas},
            {"topicConfiguration", std::move(settings)},
            {"bindingVersion", kafka_binding}};
  }

  const Configuration& configuration_;
  const std::vector<log::kafka::TopicSpec> specs_;
  codec::OpenApiSchemas schemas_;
  json::object channels_;
  json::object operations_;
  json::object messages_;
};

}  // namespace

Result<std::string> asyncapi_document(const Configuration& configuration) {
  return Document(configuration).make();
}

int print_asyncapi(const std::string& config) {
  Configuration configuration;
  configuration.kafka.emplace();
  if (!config.empty()) {
    auto loaded = load_configuration(config);
    if (!loaded) return report("asyncapi", loaded.error());
    if (!loaded->kafka) {
      return report("asyncapi",
                    error(ErrorCode::InvalidArgument, config + " has no section [kafka]"));
    }
    configuration = std::move(*loaded);
  }
  const auto document = asyncapi_document(configuration);
  if (!document) return report("asyncapi", document.error());
  std::cout << *document << '\n';
  return exit_ok;
}

}  // namespace orderlog::ops
