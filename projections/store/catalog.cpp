#include "projections/store/catalog.h"

#include <algorithm>

namespace orderlog::projections {
namespace {

constexpr std::size_t progress_bytes = 8 + 8 + 32;

Key meta_key(char kind) { return Key().u32(0).u8(static_cast<std::uint8_t>(kind)); }
Key layout_key(std::uint32_t layout) { return meta_key('C').u32(layout); }
Key progress_key(LaneId lane) { return meta_key('P').u32(lane); }

}  // namespace

Result<std::vector<schema::LayoutRowT>> read_layouts(const Database& database) {
  std::vector<schema::LayoutRowT> layouts;
  const std::string prefix = meta_key('C').take();
  const auto scan = database.scan(nullptr, prefix, after_prefix(prefix));
  for (scan->seek_to_first(); scan->valid(); scan->next()) {
    const std::string bytes(scan->value());
    flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                   bytes.size());
    if (!verifier.VerifyBuffer<schema::LayoutRow>()) {
      return error(ErrorCode::Corrupt, "the catalog of the read models is damaged");
    }
    layouts.emplace_back();
    flatbuffers::GetRoot<schema::LayoutRow>(bytes.data())->UnPackTo(&layouts.back());
  }
  if (auto status = scan->status(); !status) return std::move(status).error();
  return layouts;
}

void put_layout(Batch& batch, const schema::LayoutRowT& layout) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::LayoutRow::Pack(builder, &layout));
  batch.put(layout_key(layout.layout),
            {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
}

void erase_layout(Batch& batch, LayoutId layout) {
  batch.erase(layout_key(static_cast<std::uint32_t>(layout)));
  batch.erase_range(layout_begin(layout), layout_end(layout));
}

Result<std::vector<Progress>> read_progress(const Database& database, LaneId lane,
                                            std::uint32_t partitions, const Snapshot* snapshot) {
  std::vector<Progress> result(partitions);
  for (std::uint32_t p = 0; p < partitions; ++p) {
    auto stored = database.get(progress_key(lane).u32(p), snapshot);
    if (!stored) return std::move(stored).error();
    if (!*stored) continue;
    const std::string& bytes = **stored;
    if (bytes.size() != progress_bytes) {
      return error(ErrorCode::Corrupt, "a position of the read models is damaged");
    }
    result[p].commit = log::CommitIndex(int_from<std::uint64_t>(bytes));
    result[p].seq = Sequence(int_from<std::uint64_t>(std::string_view(bytes).substr(8)));
    std::copy_n(bytes.begin() + 16, result[p].hash.size(), result[p].hash.begin());
  }
  return result;
}

void put_progress(Batch& batch, LaneId lane, std::uint32_t partition, const Progress& progress) {
  std::string bytes;
  bytes.append(bytes_of(progress.commit.value));
  bytes.append(bytes_of(progress.seq.value));
  bytes.append(reinterpret_cast<const char*>(progress.hash.data()), progress.hash.size());
  batch.put(progress_key(lane).u32(partition), bytes);
}

void erase_progress(Batch& batch, LaneId lane) {
  const std::string prefix = progress_key(lane).take();
  batch.erase_range(prefix, after_prefix(prefix));
}

Result<std::uint32_t> read_partition_count(const Database& database) {
  auto stored = database.get(meta_key('N'));
  if (!stored) return std::move(stored).error();
  if (!*stored) return std::uint32_t{0};
  if ((*stored)->size() != sizeof(std::uint32_t)) {
    return error(ErrorCode::Corrupt, "the partition count of the read models is damaged");
  }
  return int_from<std::uint32_t>(**stored);
}

void put_partition_count(Batch& batch, std::uint32_t count) {
  batch.put(meta_key('N'), bytes_of(count));
}

}  // namespace orderlog::projections
