// The moves between the counters of an order line, written once for evolve (on the state) and for
// decide (on its look-ahead copy), so that both always agree. Must hold after each move (domain.md
// 3.7), all in thousandths: 0 <= open; reserved + backordered + picked <= open; delivered <=
// shipped; planned <= reserved + picked, except while shipments are called back. `Line` is any type
// with the fields of schema::OrderLineState.
#pragma once

#include <algorithm>
#include <cstdint>

namespace orderlog::engine::order {

template <class Line>
std::int64_t open_of(const Line& line) {
  return line.ordered - line.cancelled - line.shipped;
}
// What is still wanted of the line, shipped or not.
template <class Line>
std::int64_t live_of(const Line& line) {
  return line.ordered - line.cancelled;
}
// Reserved and in no shipment yet.
template <class Line>
std::int64_t plannable_of(const Line& line) {
  return std::max<std::int64_t>(0, line.reserved + line.picked - line.planned);
}
// Asked of the stock item, which has not answered yet.
template <class Line>
std::int64_t unanswered_of(const Line& line) {
  return std::max<std::int64_t>(0, line.claimed - line.reserved - line.backordered - line.picked);
}
// Open, but neither held by nor asked of the stock item.
template <class Line>
std::int64_t unclaimed_of(const Line& line) {
  return std::max<std::int64_t>(0, open_of(line) - line.claimed);
}

// Brings the claims back under what is open; the backorder gives way first, as it does in stock.
template <class Line>
void fit_claims(Line& line) {
  const std::int64_t room = std::max<std::int64_t>(0, open_of(line));
  line.picked = std::min(line.picked, room);
  line.reserved = std::min(line.reserved, room - line.picked);
  line.backordered = std::min(line.backordered, room - line.picked - line.reserved);
  line.claimed = std::max(line.claimed, line.picked + line.reserved + line.backordered);
  line.claimed = std::min(line.claimed, room);
}

template <class Line>
void claim(Line& line, std::int64_t quantity) {
  line.claimed = std::min(line.claimed + quantity, std::max<std::int64_t>(0, open_of(line)));
}
// The stock item answered "no" to whatever it had not answered yet.
template <class Line>
void drop_unanswered(Line& line) {
  line.claimed = line.reserved + line.backordered + line.picked;
}
// Sets what the stock item holds for the line. What it lost without a backorder in its place is no
// longer claimed.
template <class Line>
void set_claims(Line& line, std::int64_t reserved, std::int64_t backordered, std::int64_t picked) {
  const std::int64_t lost =
      line.reserved + line.backordered + line.picked - reserved - backordered - picked;
  line.reserved = reserved;
  line.backordered = backordered;
  line.picked = picked;
  line.claimed = std::max<std::int64_t>(0, line.claimed - std::max<std::int64_t>(0, lost));
  fit_claims(line);
}
// The stock item's own changes. Deltas that cross a cancellation on their way are cut to what is
// open: the stock item has heard of the cancellation, or will. What is lost beyond the shelf is
// taken from what was picked.
template <class Line>
void move_reservation(Line& line, std::int64_t reserved_delta, std::int64_t backordered_delta) {
  const std::int64_t room = std::max<std::int64_t>(0, open_of(line));
  const std::int64_t shelf = line.reserved + reserved_delta;
  const std::int64_t from_dock = std::clamp<std::int64_t>(-shelf, 0, line.picked);
  const std::int64_t picked = std::min(line.picked - from_dock, room);
  const std::int64_t reserved = std::clamp<std::int64_t>(shelf, 0, room - picked);
  const std::int64_t backordered =
      std::clamp<std::int64_t>(line.backordered + backordered_delta, 0, room - picked - reserved);
  set_claims(line, reserved, backordered, picked);
}
template <class Line>
void plan(Line& line, std::int64_t quantity) {
  line.planned += quantity;
}
template <class Line>
void unplan(Line& line, std::int64_t quantity) {
  line.planned = std::max<std::int64_t>(0, line.planned - quantity);
}
template <class Line>
void pick(Line& line, std::int64_t quantity) {
  const std::int64_t moved = std::min(quantity, line.reserved);
  line.reserved -= moved;
  line.picked += moved;
}
template <class Line>
void unpick(Line& line, std::int64_t quantity) {
  const std::int64_t moved = std::min(quantity, line.picked);
  line.picked -= moved;
  line.reserved += moved;
}
// planned: what the shipment held of the line, all of which is settled with it; picked: the
// shipment had been picked.
template <class Line>
void ship(Line& line, std::int64_t quantity, std::int64_t planned, bool picked) {
  unplan(line, planned);
  const std::int64_t from_dock = picked ? std::min(line.picked, quantity) : 0;
  line.picked -= from_dock;
  line.reserved -= std::min(line.reserved, quantity - from_dock);
  line.shipped += quantity;
  line.claimed = std::max<std::int64_t>(0, line.claimed - quantity);
  fit_claims(line);
}
template <class Line>
void deliver(Line& line, std::int64_t quantity) {
  line.delivered = std::min(line.delivered + quantity, line.shipped);
}
// Takes `released` off the claims in the order in which the stock item lets go: what it has not
// answered yet, the backorder, the shelf.
template <class Line>
void let_go(Line& line, std::int64_t released) {
  line.claimed = std::max<std::int64_t>(0, line.claimed - released);
  const std::int64_t firm = line.picked + line.reserved;
  line.backordered = std::min(line.backordered, std::max<std::int64_t>(0, line.claimed - firm));
  line.reserved = std::clamp<std::int64_t>(line.claimed - line.picked, 0, line.reserved);
  fit_claims(line);
}
// What the stock item has to let go of when that much of the open quantity goes: what was never
// asked for goes first.
template <class Line>
std::int64_t released_by(const Line& line, std::int64_t quantity) {
  return std::clamp<std::int64_t>(quantity - unclaimed_of(line), 0, line.claimed);
}
template <class Line>
void cancel(Line& line, std::int64_t quantity) {
  const std::int64_t released = released_by(line, quantity);
  line.cancelled += quantity;
  let_go(line, released);
}
// An amendment: `live` is what the customer now wants of the line.
template <class Line>
void resize(Line& line, std::int64_t live) {
  const std::int64_t less = std::max<std::int64_t>(0, live_of(line) - live);
  const std::int64_t released = released_by(line, less);
  line.ordered = live + line.cancelled;
  let_go(line, released);
}

}  // namespace orderlog::engine::order
