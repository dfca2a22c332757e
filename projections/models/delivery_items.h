// One order's deliveries: what each line promises, what came when, which alerts stand, and what
// follows for the order (domain.md 4.9, 4.10). Dates are compared as dates in the customer's zone;
// the events carry them so. Pure.
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

// Brings the row up to date with one event of its order. False: an event this version doesn't know.
bool apply_delivery_event(schema::DelayListRowT& row, const schema::OrderEvents& events,
                          TimestampUs occurred_at);

// Item and row columns that follow from the others: state, level, dates, delayed days, amount.
void derive_delivery_columns(schema::DelayListRowT& row);

// All that is wanted of the line has come; of a line that was closed short, all that was sent.
bool is_complete(const schema::DelayListItemT& item);

// Days after the promise; 0 when on time, early, or without promise or date.
std::int32_t days_late(flatbuffers::Optional<std::int32_t> expected,
                       flatbuffers::Optional<std::int32_t> actual);

}  // namespace orderlog::projections
