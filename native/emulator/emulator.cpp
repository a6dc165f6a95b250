// The fibers behind emulator.h, and the door by which a kernel is launched.
#include "emulator.h"

#include <ucontext.h>

#include <map>
#include <memory>
#include <vector>

dim3 gridDim, blockDim, blockIdx, threadIdx;

// The linker's names of the section in which shared variables lie; there is none where no kernel has any.
extern "C" {
__attribute__((weak, visibility("hidden"))) extern char __start_shared_memory[];
__attribute__((weak, visibility("hidden"))) extern char __stop_shared_memory[];
}

namespace emulator {
namespace {

constexpr size_t STACK = 64 << 10;

struct Known {
  Caller caller;
  std::vector<size_t> sizes;
};

std::map<std::string, Known>& kernels() {
  static std::map<std::string, Known> all;
  return all;
}

// A stack on which threads of a block run, one after another until one waits.
struct Fiber {
  std::unique_ptr<char[]> stack{new char[STACK]};
  ucontext_t start;
  jmp_buf place;
  bool started = false;
  int thread = -1;
};

struct Copy {
  void* to;
  const void* from;
  size_t bytes;

  void run() const {
    if (from) memcpy(to, from, bytes);
    else memset(to, 0, bytes);
  }
};

// What a thread of the block is at.
struct Thread {
  const char* file = nullptr;
  unsigned line = 0;
  bool waiting = false;
  bool ended = false;
  bool whole = false;  // waits for the block, not for its warp
  unsigned exchanges = 0;
  std::vector<Copy> asked;
  std::vector<std::vector<Copy>> batches;
  uint64_t words[2][MOST_WORDS];  // in turn, so that a lane may bring the next while others still read the last
};

class Block {
 public:
  void run(const Caller& kernel, void** arguments, bool reversed) {
    kernel_ = &kernel;
    arguments_ = arguments;
    reversed_ = reversed;
    count_ = blockDim.x * blockDim.y * blockDim.z;
    threads_.assign(count_, Thread());
    next_ = 0;
    ended_ = 0;
    error_.clear();
    idle_.clear();
    for (auto& fiber : fibers_) {
      fiber->started = false;
      fiber->thread = -1;
      idle_.push_back(fiber.get());
    }
    waiting_.assign(count_, nullptr);
    while (error_.empty() && ended_ < count_) {
      while (error_.empty() && next_ < count_) resume(idle());
      if (error_.empty() && ended_ < count_) release();
    }
  }

  const std::string& error() const { return error_; }

  void wait(bool whole, const Site& site) {
    Thread& thread = threads_[current_->thread];
    thread.file = site.file_name();
    thread.line = site.line();
    thread.waiting = true;
    thread.whole = whole;
    Fiber* fiber = current_;
    waiting_[fiber->thread] = fiber;
    if (_setjmp(fiber->place) == 0) _longjmp(scheduler_, 1);
  }

  int thread() const { return current_->thread; }

  void bring(const uint64_t* words, int count, const Site& site) {
    Thread& thread = threads_[current_->thread];
    unsigned turn = thread.exchanges++ & 1;
    for (int i = 0; i < count; i++) thread.words[turn][i] = words[i];
    wait(false, site);
  }

  bool is_reversed() const { return reversed_; }

  Thread& current() { return threads_[current_->thread]; }

  const uint64_t* brought(int lane) const {
    int own = current_->thread;
    int other = own / warpSize * warpSize + lane;
    bool there = lane >= 0 && lane < warpSize && other < count_;
    return threads_[there ? other : own].words[(threads_[own].exchanges - 1) & 1];
  }

 private:
  Fiber* idle() {
    if (idle_.empty()) {
      fibers_.push_back(std::make_unique<Fiber>());
      return fibers_.back().get();
    }
    Fiber* fiber = idle_.back();
    idle_.pop_back();
    return fiber;
  }

  int ordered(int i) const { return reversed_ ? count_ - 1 - i : i; }

  // Runs a fiber until it waits or has no thread left to begin.
  void resume(Fiber* fiber) {
    current_ = fiber;
    if (_setjmp(scheduler_) != 0) return;
    if (fiber->thread >= 0) place_thread(fiber->thread);
    if (fiber->started) _longjmp(fiber->place, 1);
    fiber->started = true;
    getcontext(&fiber->start);
    fiber->start.uc_stack.ss_sp = fiber->stack.get();
    fiber->start.uc_stack.ss_size = STACK;
    fiber->start.uc_link = nullptr;
    makecontext(&fiber->start, begin, 0);
    setcontext(&fiber->start);
  }

  static void begin();

  void threads_one_by_one() {
    while (next_ < count_) {
      current_->thread = ordered(next_++);
      place_thread(current_->thread);
      (*kernel_)(arguments_);
      threads_[current_->thread].ended = true;
      ended_++;
    }
    Fiber* fiber = current_;
    fiber->thread = -1;
    fiber->started = false;
    idle_.push_back(fiber);
    _longjmp(scheduler_, 1);
  }

  static void place_thread(int thread) {
    threadIdx = {thread % blockDim.x, thread / blockDim.x % blockDim.y, thread / blockDim.x / blockDim.y};
  }

  // All threads have begun, and none can go on: lets those go on for which all have come.
  void release() {
    std::vector<int> free;
    for (int first = 0; first < count_; first += warpSize) {
      int end = first + warpSize < count_ ? first + warpSize : count_;
      bool whole = threads_[first].whole || threads_[end - 1].whole;
      if (!whole && together(first, end)) {
        for (int i = first; i < end; i++) free.push_back(i);
      }
    }
    if (free.empty() && together(0, count_)) {
      for (int i = 0; i < count_; i++) free.push_back(i);
    }
    if (free.empty()) {
      complain();
      return;
    }
    for (int i : free) threads_[i].waiting = false;
    for (size_t i = 0; i < free.size() && error_.empty(); i++) {
      resume(waiting_[free[reversed_ ? free.size() - 1 - i : i]]);
    }
  }

  // Whether all of these threads wait in the same line.
  bool together(int from, int to) const {
    const Thread& first = threads_[from];
    for (int i = from; i < to; i++) {
      const Thread& other = threads_[i];
      if (!other.waiting || other.line != first.line || other.whole != first.whole || other.file != first.file) return false;
    }
    return true;
  }

  void complain() {
    for (int i = 0; i < count_; i++) {
      if (!threads_[i].waiting) continue;
      int here = 0;
      for (const Thread& other : threads_) here += other.waiting && other.line == threads_[i].line;
      error_ = std::string(threads_[i].file) + ":" + std::to_string(threads_[i].line) + ": found " + std::to_string(here) +
               " threads of a block at a barrier, expected all " + std::to_string(threads_[i].whole ? count_ : warpSize);
      return;
    }
  }

  const Caller* kernel_ = nullptr;
  void** arguments_ = nullptr;
  bool reversed_ = false;
  int count_ = 0;
  int next_ = 0;
  int ended_ = 0;
  std::string error_;
  std::vector<Thread> threads_;
  std::vector<Fiber*> waiting_;
  std::vector<Fiber*> idle_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Fiber* current_ = nullptr;
  jmp_buf scheduler_;

  friend void begin_block();
};

Block& block() {
  static Block only;
  return only;
}

void begin_block() { block().threads_one_by_one(); }

void Block::begin() { begin_block(); }

}  // namespace

Registration::Registration(const char* name, Caller caller, std::vector<size_t> sizes) {
  kernels()[name] = {std::move(caller), std::move(sizes)};
}

const std::vector<size_t>* argument_sizes(const std::string& name) {
  auto found = kernels().find(name);
  return found == kernels().end() ? nullptr : &found->second.sizes;
}

void block_barrier(const Site& site) { block().wait(true, site); }
void warp_barrier(const Site& site) { block().wait(false, site); }
void bring(const uint64_t* words, int count, const Site& site) { block().bring(words, count, site); }
const uint64_t* brought(int lane) { return block().brought(lane); }
int lane() { return block().thread() % warpSize; }

void bring_later(void* to, const void* from, size_t bytes) {
  Copy copy = {to, from, bytes};
  if (block().is_reversed()) copy.run();
  else block().current().asked.push_back(copy);
}

void end_batch() {
  Thread& thread = block().current();
  thread.batches.push_back(std::move(thread.asked));
  thread.asked.clear();
}

void await_batches(int pending) {
  auto& batches = block().current().batches;
  while ((int)batches.size() > pending) {
    for (const Copy& copy : batches.front()) copy.run();
    batches.erase(batches.begin());
  }
}

void load_matrices(uint32_t (&words)[4], const void* row, bool turned, const Site& site) {
  uint64_t address = (uint64_t)row;
  bring(&address, 1, site);
  int own = lane();
  for (int m = 0; m < 4; m++) {
    if (turned) {
      auto low = (const uint16_t*)*brought(m * 8 + own % 4 * 2);
      auto high = (const uint16_t*)*brought(m * 8 + own % 4 * 2 + 1);
      words[m] = low[own / 4] | (uint32_t)high[own / 4] << 16;
    } else {
      words[m] = ((const uint32_t*)*brought(m * 8 + own / 4))[own % 4];
    }
  }
}

uint16_t half_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  uint32_t sign = bits >> 16 & 0x8000;
  float size = fabsf(x);
  if (size != size) return sign | 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  if (size == 0) return sign;
  int exponent;
  frexpf(size, &exponent);
  // Halves lie 2^-10 of their power of two apart, below 2^-14 as far as there.
  float step = ldexpf(1, (exponent < -13 ? -13 : exponent) - 11);
  uint32_t steps = (uint32_t)nearbyintf(size / step);
  return sign | (exponent < -13 ? steps : (uint32_t)(exponent + 13 << 10) + steps);
}

float of_half(uint16_t bits) {
  int exponent = bits >> 10 & 31;
  float rest = bits & 1023;
  float size = exponent == 31 ? (rest == 0 ? INFINITY : NAN) : exponent == 0 ? ldexpf(rest, -24) : ldexpf(1024 + rest, exponent - 25);
  return bits & 0x8000 ? -size : size;
}

}  // namespace emulator

// Runs a kernel to its end. Sizes are those of the grid and of a block, x first. Where it fails, writes why and returns 1.
extern "C" int emulated_launch(const char* kernel, const unsigned* sizes, void** arguments, int reversed, char* error, int length) {
  auto found = emulator::kernels().find(kernel);
  std::string failure;
  if (found == emulator::kernels().end()) failure = std::string("no kernel '") + kernel + "'";
  gridDim = {sizes[0], sizes[1], sizes[2]};
  blockDim = {sizes[3], sizes[4], sizes[5]};
  unsigned blocks = gridDim.x * gridDim.y * gridDim.z;
  for (unsigned i = 0; i < blocks && failure.empty(); i++) {
    unsigned b = reversed ? blocks - 1 - i : i;
    blockIdx = {b % gridDim.x, b / gridDim.x % gridDim.y, b / gridDim.x / gridDim.y};
    if (__start_shared_memory) memset(__start_shared_memory, 0xff, __stop_shared_memory - __start_shared_memory);
    emulator::block().run(found->second.caller, arguments, reversed != 0);
    failure = emulator::block().error();
  }
  if (failure.empty()) return 0;
  failure = std::string(kernel) + ": " + failure;
  strncpy(error, failure.c_str(), length - 1);
  error[length - 1] = 0;
  return 1;
}
