// Reads all that a topic holds at this moment.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "events/log/kafka/topic_reader.h"

namespace orderlog::kafka {

// All committed records of all partitions, those of one in order. `go_on` is asked now and then.
// Errors: Unavailable (told to stop, or nothing came for `timeout_ms`), those of TopicReader.
Status read_whole_topic(const log::kafka::ClientOptions& client, const std::string& topic,
                        std::uint32_t timeout_ms, const std::function<bool()>& go_on,
                        const std::function<void(const log::kafka::TopicRecord&)>& visit);

}  // namespace orderlog::kafka
