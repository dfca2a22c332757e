// The schema as data: what the JSON codec, OpenAPI and the guard know of tables, enums, commands
// and events. Built once from the binary schema that is embedded in the library; never changes, so
// any thread may read it. Views and pointers in it live as long as the registry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "events/codec/schema_types.h"

namespace orderlog::codec {

class SchemaRegistry {
 public:
  // The schema this library was built with.
  static const SchemaRegistry& builtin();

  // Any other binary schema (.bfbs with builtins and comments), which is copied. Errors: Corrupt
  // (not a binary schema), Unsupported (a type that the codec does not speak, a table with too many
  // fields, a command without an id). AnyCommand and AnyEvent may be missing.
  static Result<std::unique_ptr<SchemaRegistry>> load(std::span<const std::uint8_t> bfbs);

  // nullptr when there is none. Names without the namespace.
  const TableInfo* table(std::string_view name) const;
  const EnumInfo* enumeration(std::string_view name) const;
  const MessageInfo* command(std::string_view name) const;
  const MessageInfo* event(std::string_view name) const;
  const MessageInfo* command(std::uint8_t wrapper_type, std::uint8_t message_type) const;
  const MessageInfo* event(std::uint8_t wrapper_type, std::uint8_t message_type) const;
  // "Order" for the wrapper's number in AnyEvent or AnyCommand; empty when unknown.
  std::string_view aggregate_of_event(std::uint8_t wrapper_type) const;

  // In the order of the schema: by aggregate, then as the union lists them.
  std::span<const MessageInfo> commands() const { return commands_.messages; }
  std::span<const MessageInfo> events() const { return events_.messages; }
  // In alphabetical order.
  std::span<const std::unique_ptr<TableInfo>> tables() const { return tables_; }
  std::span<const std::unique_ptr<EnumInfo>> enums() const { return enums_; }

 private:
  friend class RegistryBuilder;
  struct Messages {
    std::vector<MessageInfo> messages;
    std::vector<std::uint32_t>
        first;  // by wrapper type: index of its first message; one more at the end
    std::vector<std::string_view> aggregates;  // by wrapper type
    NameIndex names;

    const MessageInfo* at(std::uint8_t wrapper_type, std::uint8_t message_type) const;
  };

  SchemaRegistry() = default;

  std::vector<std::uint8_t> bytes_;
  std::vector<std::unique_ptr<TableInfo>> tables_;
  std::vector<std::unique_ptr<EnumInfo>> enums_;
  NameIndex table_names_;
  NameIndex enum_names_;
  Messages commands_;
  Messages events_;
};

}  // namespace orderlog::codec
