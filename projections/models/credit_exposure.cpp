#include "projections/models/credit_exposure.h"

#include <algorithm>

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::CreditEvent;
using schema::CreditStatus;
using schema::ExposureBucket;
using Item = schema::CreditItemT;
using Order = schema::CreditOrderRowT;
using Row = schema::CreditExposureRowT;

constexpr std::size_t cached_customers_max = 20'000;
constexpr std::size_t cached_orders_max = 20'000;

enum Index : std::uint8_t { all_customers, by_status, exceeding };

schema::Currency currency_of(const Row& row) { return row.open_orders.currency(); }

// What an account says while it is being changed; stored when everything fits.
struct Account {
  Row row;
  Order order;
  bool fits = true;

  void move(std::int64_t& part, Money& sum, std::int64_t minor) {
    std::int64_t total = sum.minor();
    fits = !__builtin_add_overflow(part, minor, &part) &&
           !__builtin_add_overflow(total, minor, &total) && fits;
    sum = Money(total, sum.currency());
  }
  // Takes up to `minor` (above zero), or adds; the amount that was taken or added.
  std::int64_t change(ExposureBucket bucket, std::int64_t minor) {
    std::int64_t& part = bucket == ExposureBucket::OpenOrder      ? order.open_order
                         : bucket == ExposureBucket::OpenDelivery ? order.open_delivery
                                                                  : order.open_invoice;
    Money& sum = bucket == ExposureBucket::OpenOrder      ? row.open_orders
                 : bucket == ExposureBucket::OpenDelivery ? row.open_deliveries
                                                          : row.open_invoices;
    const std::int64_t moved = std::max(minor, -part);
    move(part, sum, moved);
    return moved;
  }
};

void open_account(Row& row, schema::Currency currency) {
  row.open_orders = row.open_deliveries = row.open_invoices = row.exposure = Money(0, currency);
  row.unapplied_credit = Money(0, currency);
}

// ---- open items, in the order of order and invoice

std::int64_t take_from(Item& item, std::int64_t minor) {
  const std::int64_t taken = std::min(item.open.minor(), minor);
  item.open = Money(item.open.minor() - taken, item.open.currency());
  return taken;
}

// Off that invoice; without one, off the order's items by due date.
void take_items(Row& row, std::string_view order_id, std::string_view invoice_id,
                std::int64_t minor) {
  std::vector<Item*> items;
  for (const auto& item : row.items) {
    if (item->order_id != order_id) continue;
    if (invoice_id.empty() || item->invoice_id == invoice_id) items.push_back(item.get());
  }
  std::stable_sort(items.begin(), items.end(),
                   [](const auto* a, const auto* b) { return a->due_date < b->due_date; });
  for (Item* item : items) {
    if (minor > 0) minor -= take_from(*item, minor);
  }
  std::erase_if(row.items, [](const auto& item) { return item->open.minor() <= 0; });
}

void add_item(Row& row, std::string_view order_id, std::string_view invoice_id, Day due,
              std::int64_t minor) {
  if (minor <= 0) return;
  const auto place = std::find_if(row.items.begin(), row.items.end(), [&](const auto& item) {
    return std::pair<std::string_view, std::string_view>(item->order_id, item->invoice_id) >=
           std::pair(order_id, invoice_id);
  });
  if (place != row.items.end() && (*place)->order_id == order_id &&
      (*place)->invoice_id == invoice_id) {
    (*place)->open = Money((*place)->open.minor() + minor, currency_of(row));
    return;
  }
  auto item = std::make_unique<Item>();
  item->order_id = std::string(order_id);
  item->invoice_id = std::string(invoice_id);
  item->due_date = due;
  item->open = Money(minor, currency_of(row));
  row.items.insert(place, std::move(item));
}

// No more open items of an order than its invoices come to.
void trim_items(Account& account, std::string_view order_id) {
  std::int64_t sum = 0;
  for (const auto& item : account.row.items) {
    if (item->order_id == order_id) sum += item->open.minor();
  }
  take_items(account.row, order_id, {}, sum - account.order.open_invoice);
}

void move_exposure(Account& account, const schema::ExposureMoved& moved) {
  const auto from = moved.from();
  const auto to = moved.to();
  if (from > ExposureBucket::MAX || to > ExposureBucket::MAX || from == to) return;
  std::int64_t amount = std::max<std::int64_t>(0, minor_of(moved.amount()));
  if (from != ExposureBucket::None) amount = -account.change(from, -amount);
  if (to != ExposureBucket::None) account.change(to, amount);
  const auto order_id = text_of(moved.order_id());
  const auto invoice_id = text_of(moved.invoice_id());
  if (from == ExposureBucket::OpenInvoice) {
    take_items(account.row, order_id, invoice_id, minor_of(moved.amount()));
  }
  if (to == ExposureBucket::OpenInvoice && moved.due_date()) {
    add_item(account.row, order_id, invoice_id, *moved.due_date(), minor_of(moved.amount()));
  }
  trim_items(account, order_id);
}

// ---- the fold

std::string_view order_of(const schema::CreditEvents& e) {
  if (const auto* v = e.event_as_CreditReserved()) return text_of(v->order_id());
  if (const auto* v = e.event_as_ExposureMoved()) return text_of(v->order_id());
  if (const auto* v = e.event_as_CreditReleased()) return text_of(v->order_id());
  return {};
}

CreditStatus free_status(const Row& row) {
  return row.grade >= schema::Grade::D ? CreditStatus::Watch : CreditStatus::Active;
}

// False: an event this version doesn't know.
bool apply(Account& account, const schema::CreditEvents& e) {
  Row& row = account.row;
  switch (e.event_type()) {
    case CreditEvent::CreditAccountOpened:
      open_account(row, e.event_as_CreditAccountOpened()->currency());
      row.status = free_status(row);
      return true;
    case CreditEvent::CreditLimitSet: {
      const auto& v = *e.event_as_CreditLimitSet();
      row.has_limit = true;
      row.limit = money_of(v.limit());
      row.max_document = money_of(v.max_document());
      row.limit_valid_until = v.valid_until();
      return true;
    }
    case CreditEvent::CreditGraded:
      row.grade = e.event_as_CreditGraded()->to();
      if (row.status != CreditStatus::Blocked) row.status = free_status(row);
      return true;
    case CreditEvent::CreditReserved:
      account.change(ExposureBucket::OpenOrder, minor_of(e.event_as_CreditReserved()->amount()));
      return true;
    case CreditEvent::ExposureMoved:
      move_exposure(account, *e.event_as_ExposureMoved());
      return true;
    case CreditEvent::CreditReleased:
      account.change(ExposureBucket::OpenOrder, -minor_of(e.event_as_CreditReleased()->amount()));
      return true;
    case CreditEvent::CustomerBlocked:
      row.status = CreditStatus::Blocked;
      row.block_reason = string_of(e.event_as_CustomerBlocked()->reason());
      return true;
    case CreditEvent::CustomerUnblocked:
      row.status = free_status(row);
      row.block_reason.clear();
      return true;
    case CreditEvent::CreditBalanceChanged:
      row.unapplied_credit = money_of(e.event_as_CreditBalanceChanged()->balance());
      return true;
    case CreditEvent::CreditRefused:
    case CreditEvent::DunningRecorded:
      return true;
    case CreditEvent::NONE:
      break;
  }
  return false;
}

bool is_empty(const Order& order) {
  return order.open_order == 0 && order.open_delivery == 0 && order.open_invoice == 0;
}

Status fold(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_CreditEvents();
  auto& rows = tables.of<Row>();
  auto& orders = tables.of<Order>();
  const auto order_id = order_of(e);
  Slot& row_slot = rows.reach(event.aggregate_id);
  Slot& order_slot = orders.reach(Key().text(event.aggregate_id).rest(order_id));
  Account account;
  if (const Row* known = Table<Row>::row_at(row_slot)) account.row = *known;
  if (const Order* known = Table<Order>::row_at(order_slot)) account.order = *known;
  if (!apply(account, e)) return unknown_event(event);
  Row& row = account.row;
  row.customer_id = std::string(event.aggregate_id);
  std::int64_t exposure = 0;
  for (const Money& part : {row.open_orders, row.open_deliveries, row.open_invoices}) {
    account.fits = !__builtin_add_overflow(exposure, part.minor(), &exposure) && account.fits;
  }
  if (!account.fits) return error(ErrorCode::Overflow, "the sums of the exposure do not fit");
  row.exposure = Money(exposure, currency_of(row));
  rows.put(row_slot) = std::move(row);
  if (!order_id.empty()) {
    if (is_empty(account.order)) {
      orders.erase(order_slot);
    } else {
      orders.put(order_slot) = account.order;
    }
  }
  return {};
}

void indexes_of(const Row& row, IndexWriter& out) {
  out.add(all_customers, "all", row.customer_id);
  out.add(by_status, enum_group(row.status), row.customer_id);
  if (row.has_limit && row.exposure.minor() > row.limit.minor()) {
    out.add(exceeding, "exceeded", row.customer_id);
  }
}

// ---- the day of the question

std::vector<std::string> blocks_of(const Row& row, Day today) {
  using schema::CreditReason;
  std::vector<std::string> blocks;
  const auto add = [&](CreditReason reason) { blocks.emplace_back(EnumNameCreditReason(reason)); };
  if (row.status == CreditStatus::Blocked) add(CreditReason::Blocked);
  if (!row.has_limit && row.grade >= schema::Grade::D) add(CreditReason::NoLimit);
  if (row.has_limit && row.limit_valid_until && today > *row.limit_valid_until) {
    add(CreditReason::LimitExpired);
  }
  if (row.has_limit && row.exposure.minor() > row.limit.minor()) add(CreditReason::LimitExceeded);
  return blocks;
}

std::string with_dues(std::string bytes, TimestampUs as_of) {
  Row row;
  flatbuffers::GetRoot<schema::CreditExposureRow>(bytes.data())->UnPackTo(&row);
  const Day today = utc_day(as_of);
  std::int64_t overdue = 0;
  for (const auto& item : row.items) {
    if (item->due_date < today) overdue += item->open.minor();
    if (!row.oldest_open_item || item->due_date < *row.oldest_open_item) {
      row.oldest_open_item = item->due_date;
    }
  }
  row.overdue = Money(overdue, currency_of(row));
  if (row.has_limit) row.free = Money(row.limit.minor() - row.exposure.minor(), currency_of(row));
  row.blocks = blocks_of(row, today);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::CreditExposureRow::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Result<IndexQuery> plan(const Parameters& parameters) {
  IndexQuery query{.table = "CreditExposureRow", .index = "all", .group = "all"};
  for (const auto& [name, value] : parameters) {
    if (name == "status") {
      query.index = "status";
      query.group =
          enum_group(*enum_of<CreditStatus>(value, schema::EnumNamesCreditStatus())).take();
    } else {
      query.index = query.group.emplace("exceeded");
    }
  }
  return query;
}

}  // namespace

ModelDefinition credit_exposure_model() {
  ModelDefinition model;
  model.name = "credit_exposure";
  model.wants = events_of({schema::AnyEvent::CreditEvents});
  model.tables = {define_table<Row>("CreditExposureRow", {{"all"}, {"status"}, {"exceeded"}},
                                    indexes_of, cached_customers_max),
                  define_table<Order>("CreditOrderRow", {}, nullptr, cached_orders_max)};
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "credit_exposure";
  report.descriptor.description =
      "Each customer's limit, and what stands against it as open orders, deliveries and invoices; "
      "what is overdue and why the account itself would stop the next order.";
  report.descriptor.row_table = "CreditExposureRow";
  report.descriptor.key = "customer_id";
  report.descriptor.exclusive = true;
  report.descriptor.filters = {
      {"status", FilterKind::Choice, "Only accounts in this state.",
       choices_of(schema::EnumNamesCreditStatus()), false, ""},
      {"state", FilterKind::Choice, "Only those above their limit.", {"exceeded"}, false, ""}};
  report.plan = plan;
  report.finish = with_dues;
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
