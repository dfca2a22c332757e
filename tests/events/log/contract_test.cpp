// The contract of the log, kept by the backends that need nothing but this process.
#include <gtest/gtest.h>

#include "tests/events/log/log_setup.h"

namespace orderlog::log::test {
using Backends = testing::Types<EmbeddedBackend, MemoryBackend>;
}

#include "tests/events/log/contract_suite.h"
