// What the configuration says about the Kafka cluster, in the words of events/log/kafka.
#pragma once

#include <string>
#include <vector>

#include "connectors/kafka/publisher.h"
#include "events/log/kafka/kafka_log.h"
#include "events/log/kafka/topics.h"
#include "ops/configuration.h"

namespace orderlog::ops {

// librdkafka's log lines, at their levels, in the program's log.
log::kafka::Diary log_diary();

// How a node with that data directory opens the log. `kafka` must be there.
log::KafkaLogOptions cluster_log_options(const Configuration& configuration,
                                         const std::string& directory);

// Where what cannot be taken from the inbox lies.
std::string dead_letter_topic(const KafkaConfiguration& kafka);

// What this installation publishes beside its events, and as whom.
kafka::PublisherOptions publisher_options(const Configuration& configuration);

// The topics of an installation as they should be.
std::vector<log::kafka::TopicSpec> cluster_topics(const Configuration& configuration);

// Whether a node may work with the topics: that of the events keeps what it acknowledges, those for
// commands are there and fit, and those that it publishes to are there. Errors: NotFound,
// InvalidArgument (a setting), Conflict (other partition count), Unavailable.
Status check_cluster(const Configuration& configuration, std::uint32_t partitions);

// The same error; if a topic is missing, with what to do about it.
Error with_advice(Error why, const std::string& config_path);

}  // namespace orderlog::ops
