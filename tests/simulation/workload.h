// What the clients of a simulated company want: few products and customers, small numbers, so that
// everything collides. Draws from what the durable log already says (shipments to pack, invoices to
// pay), so that whole stories come to their end.
#pragma once

#include <string>
#include <vector>

#include "events/base/uuid.h"
#include "tests/simulation/books.h"
#include "tests/simulation/profile.h"
#include "tests/simulation/random.h"

namespace orderlog::sim {

struct Operation {
  Uuid id;
  std::string aggregate;              // kind and id
  std::vector<std::uint8_t> bytes;    // CommandEnvelope
  std::vector<std::uint8_t> altered;  // the same id, another body

  PartitionId home(std::uint32_t partitions) const {
    return partition_of(std::string_view(aggregate).substr(aggregate.find(' ') + 1), partitions);
  }
};

class Workload {
 public:
  Workload(Random random, const Profile& profile, const Books& books)
      : random_(random), profile_(profile), books_(books) {}

  // Products, customers and some stock, to be done before anything else.
  std::vector<Operation> setup(TimestampUs at);
  Operation next(TimestampUs at);
  // What an import tells of the years before, in the order of business time.
  std::vector<Operation> history(TimestampUs until);

 private:
  template <class CommandT>
  Operation pack(CommandT command, schema::Role role, TimestampUs at,
                 schema::Authority authority = schema::Authority::Normal);
  Operation place_order(TimestampUs at);
  Operation receive(TimestampUs at);
  Operation warehouse(TimestampUs at);
  Operation pay(TimestampUs at);
  Operation cancel(TimestampUs at);
  Operation amend(TimestampUs at);
  Operation hold(TimestampUs at);
  std::string product() { return "P-" + std::to_string(random_.below(profile_.products)); }
  std::string customer() { return "C-" + std::to_string(random_.below(profile_.customers)); }
  // One that is there; the newer, the likelier.
  std::string known(schema::AnyEvent kind, const char* otherwise);

  Random random_;
  const Profile& profile_;
  const Books& books_;
  std::uint64_t made_ = 0;
};

}  // namespace orderlog::sim
