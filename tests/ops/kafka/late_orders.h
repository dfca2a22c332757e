// A little company whose orders come late: business time is what its commands say (`--clock data`).
#pragma once

#include <string>

namespace orderlog::test {

// Each must be accepted.
void command(const std::string& url, const std::string& name, const std::string& members,
             const std::string& at);
void begin_business(const std::string& url);
// One line of so many units. Orders that are alike are held as duplicates.
void place(const std::string& url, const std::string& id, int units, const std::string& at);
// Business time goes on, and with it the timers of what is late by then.
void time_passes(const std::string& url, const std::string& at);

// Whether that node publishes, and all that follows from the log is published.
bool all_published(const std::string& url);

}  // namespace orderlog::test
