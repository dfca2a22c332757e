// Counts heap allocations of the whole test program. In a file of its own, because a compiler that
// sees both sides takes the pair for a mismatch.
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace orderlog::log::test {
std::atomic<std::size_t> allocations = 0;
}

void* operator new(std::size_t bytes) {
  ++orderlog::log::test::allocations;
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
