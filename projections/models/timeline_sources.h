// Which order an event belongs to, and which document it is about: read off the event alone. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "projections/model.h"

namespace orderlog::projections {

// Views into the event.
struct TimelineSource {
  bool known = true;  // false: this version doesn't know the event
  std::uint8_t event = 0;
  std::string_view order_id;  // empty: the event doesn't name it
  // Later events of this aggregate don't name the order: to be remembered.
  bool remember = false;
  schema::AnyEvent document_kind = schema::AnyEvent::NONE;
  std::string_view document_id;
  // The document this one follows from, if the event says so.
  std::string_view preceding_id;
  std::string_view detail;
};

TimelineSource timeline_source(const EventView& event);

}  // namespace orderlog::projections
