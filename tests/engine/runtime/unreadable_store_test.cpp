// A state store that cannot be read stops the engine; nobody is refused for what is there and
// cannot be seen.
#include "events/log/memory_log.h"
#include "tests/engine/runtime/engine_fixture.h"
#include "tests/engine/runtime/forwarding_store.h"

namespace orderlog::runtime::test {
namespace {

// One of its keys cannot be read.
class UnreadableStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void fail_at(std::string key) { unreadable_ = std::move(key); }

  Result<std::optional<std::string>> get(std::string_view key) override {
    if (key == unreadable_) return error(ErrorCode::Io, "Input/output error");
    return ForwardingStore::get(key);
  }

 private:
  std::string unreadable_;
};

Command register_customer() {
  schema::RegisterCustomerT command;
  command.customer_id = "C-1";
  command.profile = std::make_unique<schema::CustomerProfileT>();
  command.profile->name = "Customer";
  command.profile->currency = schema::Currency::USD;
  command.profile->time_zone = "UTC";
  Command packed(std::move(command));
  return packed.role(schema::Role::Admin);
}

Command place_order() {
  schema::PlaceOrderT command;
  command.order_id = "O-1";
  command.header = std::make_unique<schema::OrderHeaderT>();
  command.header->customer_id = "C-1";
  Command packed(std::move(command));
  return packed.role(schema::Role::Sales);
}

TEST(UnreadableStore, IsNoReasonToRejectAnOrder) {
  log::MemoryLogOptions log_options;
  log_options.partition_count = 1;
  log_options.durable_at_once = true;
  auto log = std::move(log::open_memory_log(log_options)).value();
  auto below = make_memory_state_store();
  UnreadableStore store(*below);
  {
    Bench bench(*log, store);
    ASSERT_TRUE(bench.open().ok());
    ASSERT_EQ(bench.ask(register_customer()).outcome, Outcome::Accepted);
    ASSERT_TRUE(bench.stop().ok());
  }
  Bench bench(*log, store);
  ASSERT_TRUE(bench.open().ok());
  std::optional<Error> failure;
  bench.engine->on_failure([&](const Error& why) { failure = why; });
  store.fail_at(state_key(PartitionId(0),
                          static_cast<std::uint8_t>(schema::AnyEvent::CustomerEvents), "C-1"));
  EXPECT_EQ(bench.ask(place_order()).outcome, Outcome::Unknown);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::Io);
}

}  // namespace
}  // namespace orderlog::runtime::test
