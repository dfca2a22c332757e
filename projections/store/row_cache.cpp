// Slots are found by key, loaded once, and written at most once a batch however often they change.
#include "projections/store/row_cache.h"

#include <algorithm>

#include "projections/store/table.h"

namespace orderlog::projections {
namespace {

constexpr std::size_t builder_bytes_initial = 4'096;

void append_u16(std::string& to, std::size_t value) {
  ORDERLOG_ENSURE(value <= UINT16_MAX, "an index group or sort key is longer than 65535 bytes");
  const auto narrow = static_cast<std::uint16_t>(value);
  to.append(reinterpret_cast<const char*>(&narrow), sizeof narrow);
}

}  // namespace

void IndexWriter::add(std::uint8_t index, std::string_view group, std::string_view sort) {
  entries_.push_back(static_cast<char>(index));
  append_u16(entries_, group.size());
  append_u16(entries_, sort.size());
  entries_.append(group);
  entries_.append(sort);
}

void IndexWriter::add(std::uint8_t index, std::string_view group, std::int64_t sort) {
  add(index, group, Key().i64(sort).view());
}

TableBase::TableBase(const TableDefinition& definition)
    : definition_(definition), builder_(builder_bytes_initial) {}

const void* TableBase::row_type() const { return definition_.row_type; }

void TableBase::connect(RowSource* source, std::uint8_t number) {
  source_ = source;
  number_ = number;
}

Slot& TableBase::slot_of(std::string_view key) {
  const auto found = slots_.find(key);
  if (found != slots_.end()) {
    found->second->used_in = batch_;
    return *found->second;
  }
  auto made = std::make_unique<Slot>();
  made->key = key;
  made->used_in = batch_;
  Slot& slot = *made;
  slots_.emplace(slot.key, std::move(made));
  return slot;
}

Slot& TableBase::locate(std::string_view key) {
  const auto known = slots_.size();
  Slot& slot = slot_of(key);
  if (slots_.size() != known) load(slot);
  return slot;
}

Slot& TableBase::locate_batch_row(std::string_view group, std::string_view suffix) {
  const auto found = batch_rows_.find(group);
  if (found != batch_rows_.end()) return *found->second;
  Slot& slot = slot_of(Key().rest(group).rest(suffix).view());
  batch_rows_.emplace(std::string(group), &slot);
  return slot;
}

void TableBase::load(Slot& slot) {
  auto stored = source_->row(number_, slot.key);
  if (!stored) {
    if (failure_) failure_ = std::move(stored).error();
    return;
  }
  if (!*stored) return;
  unpack(slot, reinterpret_cast<const std::uint8_t*>((*stored)->data()));
  slot.stored = true;
  writer_.clear();
  index(slot, writer_);
  slot.stored_entries = writer_.entries();
}

void TableBase::mark_changed(Slot& slot) {
  ++changes_;
  if (slot.changed) return;
  slot.changed = true;
  changed_.push_back(&slot);
}

void TableBase::for_each_change(const std::function<void(const RowChange&)>& visit) {
  // So that each is written beside the one before.
  std::sort(changed_.begin(), changed_.end(),
            [](const Slot* a, const Slot* b) { return a->key < b->key; });
  for (Slot* slot : changed_) {
    if (!slot->exists && !slot->stored) continue;
    writer_.clear();
    RowChange change{slot->key, std::nullopt, slot->stored, slot->stored_entries, {}};
    if (slot->exists) {
      builder_.Clear();
      pack(*slot, builder_);
      index(*slot, writer_);
      change.bytes = std::string_view(reinterpret_cast<const char*>(builder_.GetBufferPointer()),
                                      builder_.GetSize());
      change.new_entries = writer_.entries();
    }
    visit(change);
    slot->stored = slot->exists;
    if (slot->stored_entries != writer_.entries()) slot->stored_entries = writer_.entries();
  }
}

void TableBase::written() {
  for (Slot* slot : changed_) slot->changed = false;
  changed_.clear();
  batch_rows_.clear();
  if (slots_.size() > definition_.cached_rows_max) {
    located_.clear();
    erase_if(slots_, [&](const auto& entry) { return entry.second->used_in != batch_; });
    if (slots_.size() > definition_.cached_rows_max) slots_.clear();
  }
  ++batch_;
}

void TableBase::discard() {
  slots_.clear();
  changed_.clear();
  batch_rows_.clear();
  located_.clear();
  failure_ = {};
}

Tables::Tables(const std::vector<TableDefinition>& definitions) {
  tables_.reserve(definitions.size());
  for (const TableDefinition& definition : definitions) {
    tables_.push_back(definition.make(definition));
  }
}

}  // namespace orderlog::projections
