// FlatBuffers → JSON text, by the schema; the inverse of json_reader.h. Integers are JSON numbers
// with all their digits (64 bits: a reader that keeps numbers as doubles loses those above 2^53),
// times have microseconds only when they are not zero. The buffer must have been verified.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/codec/schema_registry.h"
#include "flatbuffers/flatbuffers.h"

namespace orderlog::schema {
struct Envelope;
struct CommandEnvelope;
}  // namespace orderlog::schema

namespace orderlog::codec {

// How to say that something is not there. A scalar with a default is always written. A struct whose
// zero means "absent" (Money without a currency, a nil Uuid) counts as not there.
enum class Absent : std::uint8_t {
  Omit,  // the member is left out: events and commands
  Null,  // null, and [] for a vector: rows of reports, whose columns are always all there
};

// Appends the object. Any thread.
void write_table(std::string& out, const TableInfo& table, const flatbuffers::Table& value,
                 Absent absent = Absent::Omit);
// For a generated type: write_row(out, *registry.table("OrderRow"), row).
template <class Row>
void write_row(std::string& out, const TableInfo& table, const Row& row) {
  write_table(out, table, reinterpret_cast<const flatbuffers::Table&>(row), Absent::Null);
}

// Appends one flat object: {"event_id","type":"OrderSubmitted","aggregate":"Order","aggregate_id",
// "version","partition","seq","term","schema_version","occurred_at","recorded_at","actor","role",
// "authority","command_id","correlation_id","causation_id","tenant","data":{…}}. Absent texts and
// nil ids are left out. A type that this schema does not know is written as "type":"Unknown" with
// its numbers in "type_numbers":[aggregate,event] and without data.
void write_envelope(std::string& out, const schema::Envelope& envelope);

// {"command_id","type":"PlaceOrder","aggregate":"Order","aggregate_id","occurred_at","actor","role",
// "authority","correlation_id","causation_id","tenant","expected_version","data":{…}}
void write_command(std::string& out, const schema::CommandEnvelope& envelope);

// Name of the event in the envelope, "Unknown" when this schema does not know it.
std::string_view event_type(const schema::Envelope& envelope);
std::string_view command_type(const schema::CommandEnvelope& envelope);
// Id of the aggregate that the command is for; empty when the command is unknown.
std::string_view aggregate_id_of(const schema::CommandEnvelope& envelope);

// Pieces for those who write JSON around rows.
void append_json_text(std::string& out, std::string_view text);  // quoted; bad UTF-8 becomes U+FFFD
void append_timestamp(std::string& out, std::int64_t microseconds);  // quoted
void append_date(std::string& out, std::int32_t day);                // quoted
void append_integer(std::string& out, std::int64_t value);
void append_unsigned(std::string& out, std::uint64_t value);

}  // namespace orderlog::codec
