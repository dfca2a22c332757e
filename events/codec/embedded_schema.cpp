#include "events/codec/embedded_schema.h"

#include "events/codec/whole_bfbs_generated.h"

namespace orderlog::codec {

std::span<const std::uint8_t> embedded_schema() {
  return {schema::EnvelopeBinarySchema::data(), schema::EnvelopeBinarySchema::size()};
}

}  // namespace orderlog::codec
