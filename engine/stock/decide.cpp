// The decider of stock items: one writer for each sku@location (domain.md 3.8, 3.9). Must hold
// after every event: 0 ≤ damaged + reserved + soft held ≤ on hand; the reservations' sum is
// `reserved`; a reservation gives back or takes out exactly what is left of it.
#include "engine/aggregates.h"
#include "engine/stock/rules.h"

namespace orderlog::engine {

namespace {

// "sku@location", so that a key says what lies where.
bool is_stock_item_id(std::string_view id) {
  const auto at = id.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < id.size() &&
         id.find('@', at + 1) == std::string_view::npos;
}

}  // namespace

Decision<schema::StockEventUnion> decide(const StockItem& item,
                                         const schema::StockCommands& command,
                                         const Context& context) {
  using schema::StockCommand;
  if (!is_stock_item_id(context.aggregate_id)) {
    return reject(RejectionCode::InvalidArgument,
                  "a stock item is named by its sku and its location, as in sku@location",
                  "/stock_item_id");
  }
  switch (command.command_type()) {
    case StockCommand::ReceiveStock:
      return stock::receive(item, *command.command_as_ReceiveStock(), context);
    case StockCommand::AdjustStock:
      return stock::adjust(item, *command.command_as_AdjustStock(), context);
    case StockCommand::CountStock:
      return stock::count(item, *command.command_as_CountStock(), context);
    case StockCommand::SetSafetyStock:
      return stock::set_safety(item, *command.command_as_SetSafetyStock(), context);
    case StockCommand::HoldStock:
      return stock::hold(item, *command.command_as_HoldStock(), context);
    case StockCommand::ReleaseHoldOfStock:
      return stock::release_hold(item, *command.command_as_ReleaseHoldOfStock(), context);
    case StockCommand::CheckAvailability:
      return stock::check_availability(item, *command.command_as_CheckAvailability(), context);
    case StockCommand::ReserveStock:
      return stock::reserve(item, *command.command_as_ReserveStock(), context);
    case StockCommand::ReleaseStock:
      return stock::release(item, *command.command_as_ReleaseStock(), context);
    case StockCommand::PickStock:
      return stock::pick(item, *command.command_as_PickStock(), context);
    case StockCommand::UnpickStock:
      return stock::unpick(item, *command.command_as_UnpickStock(), context);
    case StockCommand::IssueStock:
      return stock::issue(item, *command.command_as_IssueStock(), context);
    case StockCommand::RestockReturn:
      return stock::restock(item, *command.command_as_RestockReturn(), context);
    case StockCommand::ScrapStock:
      return stock::scrap(item, *command.command_as_ScrapStock(), context);
    case StockCommand::TransferStock:
      return stock::transfer(item, *command.command_as_TransferStock(), context);
    case StockCommand::AcceptTransfer:
      return stock::accept_transfer(item, *command.command_as_AcceptTransfer(), context);
    case StockCommand::BlockStock:
      return stock::block(item, *command.command_as_BlockStock());
    case StockCommand::UnblockStock:
      return stock::unblock(item);
    case StockCommand::ExpectStock:
      return stock::expect(item, *command.command_as_ExpectStock(), context);
    case StockCommand::RescheduleIncoming:
      return stock::reschedule(item, *command.command_as_RescheduleIncoming(), context);
    case StockCommand::CancelIncoming:
      return stock::cancel_incoming(item, *command.command_as_CancelIncoming(), context);
    case StockCommand::PromiseBackorder:
      return stock::promise(item, *command.command_as_PromiseBackorder(), context);
    case StockCommand::ReprioritiseBackorder:
      return stock::reprioritise(item, *command.command_as_ReprioritiseBackorder(), context);
    case StockCommand::ExpireHolds:
      return stock::expire_holds(item, context);
    case StockCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "no such command of a stock item");
}

// The next hold to end, or right after the last event when it left free stock and open backorders
// behind because a command fills only so many.
std::optional<TimestampUs> next_deadline(const StockItem& item, const Policy&) {
  std::optional<TimestampUs> due;
  const auto& ends = item.holds.by_end();
  if (!ends.empty() && ends.begin()->first != timestamp_max) due = ends.begin()->first;
  if (item.totals.available() > 0 && !item.ledger.queue().empty()) {
    const TimestampUs now = item.changed_at + 1;
    if (!due || now < *due) due = now;
  }
  return due;
}

}  // namespace orderlog::engine
