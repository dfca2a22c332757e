// The engine's thread, as the engine sees it: a place to run something later. HTTP gives its event
// loop; a simulation gives its scheduler.
#pragma once

#include <functional>

namespace orderlog::runtime {

class Loop {
 public:
  virtual ~Loop() = default;
  // Runs `task` on the engine's thread after what is running there now, in the order of the calls.
  // Any thread.
  virtual void post(std::function<void()> task) = 0;
};

}  // namespace orderlog::runtime
