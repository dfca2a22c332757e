// The moves between the counters of an order line, written once for evolve (on the state) and for
// decide (on its look-ahead copy), so that both always agree. Must hold after each move (domain.md
// 3.7), all in thousandths: 0 <= open; reserved + backordered + picked <= open; delivered <=
// shipped; planned <= reserved + picked, except while shipments are called back. `Line` is any type
// with the fields of schema::OrderLineState.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "events/schema/order_generated.h"

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
// What the claims on stock must fit in.
template <class Line>
std::int64_t room_of(const Line& line) {
  return std::max<std::int64_t>(0, open_of(line));
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
  return std::max<std::int64_t>(0, room_of(line) - line.claimed);
}

// ---- claims

// `Claims` is a line, or the stock item's side of one (schema::StockClaims); `room` is what they
// must fit in.

// Brings the claims back under the room; the backorder gives way first, as it does in stock.
template <class Claims>
void fit_claims(Claims& claims, std::int64_t room) {
  claims.picked = std::min(claims.picked, room);
  claims.reserved = std::min(claims.reserved, room - claims.picked);
  claims.backordered = std::min(claims.backordered, room - claims.picked - claims.reserved);
  claims.claimed = std::max(claims.claimed, claims.picked + claims.reserved + claims.backordered);
  claims.claimed = std::min(claims.claimed, room);
}
// Sets what the stock item holds. What it lost without a backorder in its place is no longer
// claimed.
template <class Claims>
void set_claims(Claims& claims, std::int64_t room, std::int64_t reserved, std::int64_t backordered,
                std::int64_t picked) {
  const std::int64_t lost =
      claims.reserved + claims.backordered + claims.picked - reserved - backordered - picked;
  claims.reserved = reserved;
  claims.backordered = backordered;
  claims.picked = picked;
  claims.claimed = std::max<std::int64_t>(0, claims.claimed - std::max<std::int64_t>(0, lost));
  fit_claims(claims, room);
}
// The stock item's own changes. What is lost beyond the shelf is taken from what was picked, and
// what cannot be taken there either has left with a shipment: nobody waits for it any more.
template <class Claims>
void move_claims(Claims& claims, std::int64_t room, std::int64_t reserved_delta,
                 std::int64_t backordered_delta) {
  const std::int64_t shelf = claims.reserved + reserved_delta;
  const std::int64_t from_dock = std::clamp<std::int64_t>(-shelf, 0, claims.picked);
  const std::int64_t gone = std::max<std::int64_t>(0, -shelf - from_dock);
  const std::int64_t picked = std::min(claims.picked - from_dock, room);
  const std::int64_t reserved = std::clamp<std::int64_t>(shelf, 0, room - picked);
  const std::int64_t backordered = std::clamp<std::int64_t>(
      claims.backordered + backordered_delta - gone, 0, room - picked - reserved);
  set_claims(claims, room, reserved, backordered, picked);
}
// Takes `released` off in the order in which the stock item will let go: what it has not answered
// yet, the backorder, the shelf, the dock.
template <class Claims>
void let_go(Claims& claims, std::int64_t room, std::int64_t released) {
  claims.claimed = std::max<std::int64_t>(0, claims.claimed - released);
  const std::int64_t firm = claims.picked + claims.reserved;
  claims.backordered =
      std::min(claims.backordered, std::max<std::int64_t>(0, claims.claimed - firm));
  claims.reserved = std::clamp<std::int64_t>(claims.claimed - claims.picked, 0, claims.reserved);
  fit_claims(claims, room);
}
// The same as the stock item did it: what was asked for before it heard of the release it has
// answered by now, so what is unanswered was asked for later and stays.
template <class Claims>
void have_let_go(Claims& claims, std::int64_t released) {
  const std::int64_t unanswered = unanswered_of(claims);
  for (std::int64_t* part : {&claims.backordered, &claims.reserved, &claims.picked}) {
    const std::int64_t taken = std::min(*part, released);
    *part -= taken;
    released -= taken;
  }
  claims.claimed = claims.reserved + claims.backordered + claims.picked + unanswered;
}

// ---- both sides of a line

// The line and its stock item talk in messages, which may cross (ADR 10). A line that lets go of
// something takes it off its own counters at once, and keeps the stock item's side (`stock`) beside
// them until the stock item is seen to have heard of it. Meanwhile every change is made to that
// side, and the line is that side less what is still unheard. Both get the line's messages in the
// order in which they were sent, so that the two agree when all has arrived.

inline schema::StockClaimsT& start_stock_side(std::unique_ptr<schema::StockClaimsT>& side) {
  side = std::make_unique<schema::StockClaimsT>();
  return *side;
}
inline schema::StockClaimsT& start_stock_side(std::optional<schema::StockClaimsT>& side) {
  return side.emplace();
}
// Let go of by the line, and not heard of by the stock item as far as the line knows.
template <class Line>
std::int64_t unheard_of(const Line& line) {
  return line.stock ? line.released_total - line.stock->released_total : 0;
}
template <class Line>
void follow_stock_side(Line& line) {
  if (!line.stock) return;
  line.claimed = line.stock->claimed;
  line.reserved = line.stock->reserved;
  line.backordered = line.stock->backordered;
  line.picked = line.stock->picked;
  let_go(line, room_of(line), unheard_of(line));
  if (unheard_of(line) == 0) line.stock.reset();
}
template <class Line, class Change>
void change_claims(Line& line, Change change) {
  if (!line.stock) return change(line, room_of(line));
  change(*line.stock, room_of(line) + unheard_of(line));
  follow_stock_side(line);
}
// The stock item's side, which is the line itself when nothing is under way.
template <class Line>
schema::StockClaimsT stock_side_of(const Line& line) {
  if (line.stock) return *line.stock;
  schema::StockClaimsT side;
  side.claimed = line.claimed;
  side.reserved = line.reserved;
  side.backordered = line.backordered;
  side.picked = line.picked;
  side.released_total = line.released_total;
  return side;
}
// total: all that the line has let go of with this; 0 when nobody will say what was heard of it.
template <class Line>
void release(Line& line, std::int64_t released, std::int64_t total) {
  if (total <= line.released_total) return let_go(line, room_of(line), released);
  if (!line.stock) {
    schema::StockClaimsT side = stock_side_of(line);
    start_stock_side(line.stock) = std::move(side);
  }
  line.released_total = total;
  follow_stock_side(line);
}
// What the stock item tells, when it had heard of that much of what the line let go of.
template <class Line>
void hear_of_stock(Line& line, std::int64_t released_total, std::int64_t reserved_delta,
                   std::int64_t backordered_delta) {
  if (line.stock) {
    schema::StockClaimsT& side = *line.stock;
    const std::int64_t total = std::clamp(released_total, side.released_total, line.released_total);
    have_let_go(side, total - side.released_total);
    side.released_total = total;
  }
  change_claims(line, [&](auto& claims, std::int64_t room) {
    move_claims(claims, room, reserved_delta, backordered_delta);
  });
}
// As an event says it.
template <class Line>
void set_stock_side(Line& line, const schema::StockClaims& side) {
  if (!line.stock) start_stock_side(line.stock);
  side.UnPackTo(&*line.stock);
  follow_stock_side(line);
}

template <class Line>
void claim(Line& line, std::int64_t quantity) {
  change_claims(line, [&](auto& claims, std::int64_t room) {
    claims.claimed = std::min(claims.claimed + quantity, room);
  });
}
// The stock item answered "no" to whatever it had not answered yet.
template <class Line>
void drop_unanswered(Line& line) {
  change_claims(line, [](auto& claims, std::int64_t) {
    claims.claimed = claims.reserved + claims.backordered + claims.picked;
  });
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
  change_claims(line, [&](auto& claims, std::int64_t) {
    const std::int64_t moved = std::min(quantity, claims.reserved);
    claims.reserved -= moved;
    claims.picked += moved;
  });
}
// Back to the shelf, down to what picked shipments still hold of the line: some of it may be lost,
// and told of by the stock item, before the shipment gives it back.
template <class Line>
void unpick(Line& line, std::int64_t still_picked) {
  change_claims(line, [&](auto& claims, std::int64_t) {
    const std::int64_t moved = std::max<std::int64_t>(0, claims.picked - still_picked);
    claims.picked -= moved;
    claims.reserved += moved;
  });
}
// planned: what the shipment held of the line, all of which is settled with it; picked: the
// shipment had been picked.
template <class Line>
void ship(Line& line, std::int64_t quantity, std::int64_t planned, bool picked) {
  unplan(line, planned);
  line.shipped += quantity;
  change_claims(line, [&](auto& claims, std::int64_t room) {
    const std::int64_t from_dock = picked ? std::min(claims.picked, quantity) : 0;
    claims.picked -= from_dock;
    claims.reserved -= std::min(claims.reserved, quantity - from_dock);
    claims.claimed = std::max<std::int64_t>(0, claims.claimed - quantity);
    fit_claims(claims, room);
  });
}
template <class Line>
void deliver(Line& line, std::int64_t quantity) {
  line.delivered = std::min(line.delivered + quantity, line.shipped);
}
// What the stock item has to let go of when that much of the open quantity goes: what was never
// asked for goes first.
template <class Line>
std::int64_t released_by(const Line& line, std::int64_t quantity) {
  return std::clamp<std::int64_t>(quantity - unclaimed_of(line), 0, line.claimed);
}
// released_total: see release().
template <class Line>
void cancel(Line& line, std::int64_t quantity, std::int64_t released_total) {
  const std::int64_t released = released_by(line, quantity);
  line.cancelled += quantity;
  release(line, released, released_total);
}
// An amendment: `live` is what the customer now wants of the line.
template <class Line>
void resize(Line& line, std::int64_t live, std::int64_t released_total) {
  const std::int64_t less = std::max<std::int64_t>(0, live_of(line) - live);
  const std::int64_t released = released_by(line, less);
  line.ordered = live + line.cancelled;
  release(line, released, released_total);
}

}  // namespace orderlog::engine::order
