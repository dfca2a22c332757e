// The contract of the log, kept on a real broker: by a node that keeps its copy of the topic, and
// by one that has to read it anew.
#include <gtest/gtest.h>

#include "tests/events/kafka/kafka_setup.h"

namespace orderlog::log::test {
using Backends = testing::Types<KafkaBackend, FreshKafkaBackend>;
}

#include "tests/events/log/contract_suite.h"
