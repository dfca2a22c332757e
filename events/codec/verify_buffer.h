// The one gate for buffers that others wrote: size, alignment, structure and the parts that must be
// there are checked once, on a copy of our own, after which the accessors may be used freely.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "events/base/result.h"

namespace orderlog::schema {
struct Envelope;
struct CommandEnvelope;
}  // namespace orderlog::schema

namespace orderlog::codec {

struct BufferLimits {
  std::size_t bytes_max = 4 * 1'048'576;
  std::uint32_t depth_max = 16;        // tables inside each other
  std::uint32_t tables_max = 100'000;  // in one buffer
  // What its readers see may be this many times its bytes: offsets may lead to the same text again
  // and again, so that a small buffer could otherwise become terabytes of JSON.
  std::uint32_t expansion_max = 8;
};
inline constexpr BufferLimits foreign_buffer_limits{};

// An owned, 8-byte aligned, verified copy. Root: schema::Envelope or schema::CommandEnvelope.
template <class Root>
class VerifiedBuffer {
 public:
  const Root& root() const { return *root_; }
  const Root* operator->() const { return root_; }
  std::span<const std::uint8_t> bytes() const {
    return {reinterpret_cast<const std::uint8_t*>(storage_.get()), size_};
  }
  // False: a type from a newer writer. The envelope can be read, its payload cannot.
  bool known_type() const { return known_type_; }

 private:
  template <class R>
  friend Result<VerifiedBuffer<R>> verify_copy(std::span<const std::uint8_t>, const BufferLimits&);

  std::unique_ptr<std::uint64_t[]> storage_;
  std::size_t size_ = 0;
  const Root* root_ = nullptr;
  bool known_type_ = false;
};

using VerifiedEnvelope = VerifiedBuffer<schema::Envelope>;
using VerifiedCommand = VerifiedBuffer<schema::CommandEnvelope>;

// Errors: InvalidArgument (larger than the limit), Corrupt (not such a buffer, too deep, too many
// tables, too much expansion, no payload, an event's id or a command's text that is not UTF-8, a
// command without its id). Where the type is known, its table is there. An Envelope must carry the
// file identifier "OLEV"; commands have none. Any thread.
Result<VerifiedEnvelope> verify_envelope(std::span<const std::uint8_t> bytes,
                                         const BufferLimits& limits = foreign_buffer_limits);
Result<VerifiedCommand> verify_command(std::span<const std::uint8_t> bytes,
                                       const BufferLimits& limits = foreign_buffer_limits);

}  // namespace orderlog::codec
