#include "bench/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> of_all = 0;
thread_local std::uint64_t of_this = 0;

void* counted(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  ++of_this;
  of_all.fetch_add(1, std::memory_order_relaxed);
  return memory;
}

}  // namespace

// The other forms call these.
void* operator new(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto bytes = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(bytes, (size + bytes - 1) / bytes * bytes));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace orderlog::bench {

std::uint64_t allocations_of_this_thread() { return of_this; }
std::uint64_t allocations_of_all_threads() { return of_all.load(); }

}  // namespace orderlog::bench
