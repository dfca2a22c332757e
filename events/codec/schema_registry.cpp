#include "events/codec/schema_registry.h"

#include <string>

#include "events/base/ensure.h"
#include "events/codec/embedded_schema.h"

namespace orderlog::codec {

const EnumMember* EnumInfo::by_name(std::string_view member) const {
  const int index = names.find(member);
  return index < 0 ? nullptr : &members[static_cast<std::size_t>(index)];
}

const EnumMember* EnumInfo::by_value(std::int64_t value) const {
  if (dense) {
    const auto index = static_cast<std::uint64_t>(value);
    return index < members.size() ? &members[index] : nullptr;
  }
  std::size_t low = 0;
  std::size_t high = members.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    (members[middle].value < value ? low : high) =
        members[middle].value < value ? middle + 1 : middle;
  }
  return low < members.size() && members[low].value == value ? &members[low] : nullptr;
}

const FieldInfo* TableInfo::by_name(std::string_view field) const {
  const int index = index_of(field);
  return index < 0 ? nullptr : &fields[static_cast<std::size_t>(index)];
}

const SchemaRegistry& SchemaRegistry::builtin() {
  static const std::unique_ptr<SchemaRegistry> registry = [] {
    auto loaded = load(embedded_schema());
    ORDERLOG_ENSURE(loaded.ok(), to_string(loaded.error()));
    return std::move(loaded).value();
  }();
  return *registry;
}

const TableInfo* SchemaRegistry::table(std::string_view name) const {
  const int index = table_names_.find(name);
  return index < 0 ? nullptr : tables_[static_cast<std::size_t>(index)].get();
}

const EnumInfo* SchemaRegistry::enumeration(std::string_view name) const {
  const int index = enum_names_.find(name);
  return index < 0 ? nullptr : enums_[static_cast<std::size_t>(index)].get();
}

const MessageInfo* SchemaRegistry::command(std::string_view name) const {
  const int index = commands_.names.find(name);
  return index < 0 ? nullptr : &commands_.messages[static_cast<std::size_t>(index)];
}

const MessageInfo* SchemaRegistry::event(std::string_view name) const {
  const int index = events_.names.find(name);
  return index < 0 ? nullptr : &events_.messages[static_cast<std::size_t>(index)];
}

const MessageInfo* SchemaRegistry::Messages::at(std::uint8_t wrapper_type,
                                                std::uint8_t message_type) const {
  if (wrapper_type == 0 || message_type == 0) return nullptr;
  if (wrapper_type + std::size_t{1} >= first.size()) return nullptr;
  const std::size_t index = first[wrapper_type] + message_type - std::size_t{1};
  return index < first[wrapper_type + std::size_t{1}] ? &messages[index] : nullptr;
}

const MessageInfo* SchemaRegistry::command(std::uint8_t wrapper_type,
                                           std::uint8_t message_type) const {
  return commands_.at(wrapper_type, message_type);
}

const MessageInfo* SchemaRegistry::event(std::uint8_t wrapper_type,
                                         std::uint8_t message_type) const {
  return events_.at(wrapper_type, message_type);
}

std::string_view SchemaRegistry::aggregate_of_event(std::uint8_t wrapper_type) const {
  return wrapper_type < events_.aggregates.size() ? events_.aggregates[wrapper_type]
                                                  : std::string_view{};
}

}  // namespace orderlog::codec
