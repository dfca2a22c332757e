// Vectors of tables to and from containers of their native objects: what the state types that are
// not generated (StockItem, CreditAccount) need to be stored.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <utility>
#include <vector>

namespace orderlog::engine {

template <class Table>
using PackedVector = flatbuffers::Vector<flatbuffers::Offset<Table>>;

// element_of(item) is the native object of an item of `container`. Absent when there are none, as
// the generated code does it.
template <class Table, class Container, class ElementOf>
flatbuffers::Offset<PackedVector<Table>> pack_all(flatbuffers::FlatBufferBuilder& builder,
                                                  const Container& container,
                                                  ElementOf element_of) {
  if (container.empty()) return 0;
  std::vector<flatbuffers::Offset<Table>> packed;
  packed.reserve(container.size());
  for (const auto& item : container) packed.push_back(Table::Pack(builder, &element_of(item)));
  return builder.CreateVector(packed);
}

// Calls take(native object) on each; `stored` may be absent.
template <class Table, class Take>
void for_each(const PackedVector<Table>* stored, Take take) {
  if (stored == nullptr) return;
  for (const auto* table : *stored) {
    typename Table::NativeTableType native;
    table->UnPackTo(&native);
    take(std::move(native));
  }
}

// For element_of.
inline constexpr auto itself = [](const auto& item) -> const auto& { return item; };
inline constexpr auto second_of = [](const auto& pair) -> const auto& { return pair.second; };
inline constexpr auto pointed_to = [](const auto* item) -> const auto& { return *item; };

}  // namespace orderlog::engine
