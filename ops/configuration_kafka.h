// The section [kafka] of the configuration, its tables [kafka.views] and [kafka.client]
// (librdkafka's own settings), and the file that `kafka.client_file` names. Must hold: 1. a value
// of a client's setting is never in a message; 2. what the engine depends on cannot be set there.
#pragma once

#include <toml++/toml.h>

#include <string>

#include "ops/configuration.h"

namespace orderlog::ops {

// `path`: of the TOML file, for messages, and because `client_file` is relative to its folder.
// Errors: InvalidArgument, NotFound (client_file).
Result<KafkaConfiguration> take_kafka(const std::string& path, const toml::table& section);

// Where a report's rows are published.
std::string view_topic(const KafkaConfiguration& kafka, const std::string& report);

// The section with its defaults, commented out: its presence switches the log to the cluster.
std::string kafka_reference();

}  // namespace orderlog::ops
