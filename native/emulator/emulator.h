// Runs CUDA kernels on the CPU, for tests: included before a .cu file that a C++20 compiler then takes as it is.
//
// A block's threads are fibers of one CPU thread. A fiber runs until it waits at a barrier, then the next thread's begins, in
// ascending or in descending order; when all threads wait at the same barrier, they go on in that order. So a missing
// barrier shows: whoever runs first reads what is not yet written, which is NaN, for shared memory is filled with it before
// each block. A barrier that some threads do not reach, or at which they wait in different lines, is an error.
#pragma once
#define DWINDLE_EMULATED

#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmath>
#include <functional>
#include <source_location>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

struct dim3 {
  unsigned x, y, z;
};

extern dim3 gridDim, blockDim, blockIdx, threadIdx;
constexpr int warpSize = 32;

namespace emulator {

using Site = std::source_location;
using Caller = std::function<void(void**)>;

// Makes a kernel known by its name, with the bytes of each of its arguments.
struct Registration {
  Registration(const char* name, Caller caller, std::vector<size_t> sizes);
};

// The bytes of a kernel's arguments; null where there is no such kernel.
const std::vector<size_t>* argument_sizes(const std::string& name);

// Lets all threads of the block, or of the warp, come here.
void block_barrier(const Site& site);
void warp_barrier(const Site& site);

// Brings words, MOST_WORDS at most, of which all lanes of the warp see those of all others then, until the exchange after the next.
constexpr int MOST_WORDS = 3;
void bring(const uint64_t* words, int count, const Site& site);

// What another lane of this warp brought to the last exchange; this lane's own where there is no such lane.
const uint64_t* brought(int lane);

// This thread's place in its warp.
int lane();

template <class... A, size_t... I>
void apply(void (*kernel)(A...), void** arguments, std::index_sequence<I...>) {
  kernel(*static_cast<std::remove_cvref_t<A>*>(arguments[I])...);
}

template <class... A>
Caller caller(void (*kernel)(A...)) {
  return [kernel](void** arguments) { apply(kernel, arguments, std::index_sequence_for<A...>()); };
}

template <class... A>
std::vector<size_t> sizes(void (*)(A...)) {
  return {sizeof(A)...};
}

template <class T>
T exchanged(T value, int lane, const Site& site) {
  static_assert(sizeof(T) <= 8);
  uint64_t word = 0;
  memcpy(&word, &value, sizeof(T));
  bring(&word, 1, site);
  memcpy(&value, brought(lane), sizeof(T));
  return value;
}

// Adds to a warp's matrix of 16 x 8 the product of one of 16 x 8 words and one of 8 words x 8, over whose parts the lanes are spread as by PTX's mma.sync (m16n8k16 of 16 bits, m16n8k8
// of TF32, m16n8k32 of 8 bits). dot(a, b, sum) adds the products of what two words hold.
template <class Sum, class Dot>
void multiply(Sum (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], Dot dot, const Site& site) {
  uint64_t words[MOST_WORDS];
  memcpy(words, a, sizeof(a));
  memcpy(words + 2, b, sizeof(b));
  bring(words, MOST_WORDS, site);
  int row = lane() / 4;
  for (int i = 0; i < 4; i++) {
    int column = lane() % 4 * 2 + i % 2;
    for (int k = 0; k < 8; k++) {
      uint32_t left[4], right[2];
      memcpy(left, brought(row * 4 + k % 4), sizeof(left));
      memcpy(right, brought(column * 4 + k % 4) + 2, sizeof(right));
      d[i] = dot(left[i / 2 + k / 4 * 2], right[k / 4], d[i]);
    }
  }
}

// Copies that a thread asks for (PTX's cp.async): from null, zeros. With the first thread first they are done as late as it allows, when it waits for them, else at once.
void bring_later(void* to, const void* from, size_t bytes);
void end_batch();
void await_batches(int pending);

// Four matrices of 8 x 8 numbers of 16 bits, whose rows begin where eight lanes each say, spread over a warp as by PTX's ldmatrix: two neighbours of a row in each word, or of a column where
// they are turned.
void load_matrices(uint32_t (&words)[4], const void* row, bool turned, const Site& site);

// To 16 bits, to the nearest even, and back.
uint16_t half_of(float x);
float of_half(uint16_t bits);

}  // namespace emulator

#define EMULATED_KERNEL(...) EMULATED_KERNEL_OF(__VA_ARGS__)
#define EMULATED_KERNEL_OF(name, ...)                                                                             \
  static void name(__VA_ARGS__);                                                                                   \
  static const emulator::Registration name##_registration(#name, emulator::caller(name), emulator::sizes(name)); \
  static void name(__VA_ARGS__)

#define __device__ static inline
#define __forceinline__
#define __restrict__ __restrict
#define __shared__ static __attribute__((section("shared_memory")))
#define __launch_bounds__(...)

#pragma GCC diagnostic ignored "-Wunused-function"

#ifdef DWINDLE_WITHOUT_BARRIERS
static inline void __syncthreads() {}
#else
static inline void __syncthreads(const emulator::Site& site = emulator::Site::current()) {
  emulator::block_barrier(site);
}
#endif

static inline void __syncwarp(unsigned = ~0u, const emulator::Site& site = emulator::Site::current()) {
  emulator::warp_barrier(site);
}

template <class T>
T __shfl_xor_sync(unsigned, T value, int mask, const emulator::Site& site = emulator::Site::current()) {
  return emulator::exchanged(value, emulator::lane() ^ mask, site);
}

template <class T>
T __shfl_down_sync(unsigned, T value, int distance, const emulator::Site& site = emulator::Site::current()) {
  return emulator::exchanged(value, emulator::lane() + distance, site);
}

template <class T>
T __shfl_sync(unsigned, T value, int source, const emulator::Site& site = emulator::Site::current()) {
  return emulator::exchanged(value, source & 31, site);
}

template <class T>
T atomicAdd(T* at, T value) {
  T before = *at;
  *at += value;
  return before;
}

template <class T>
T atomicMax(T* at, T value) {
  T before = *at;
  if (value > before) *at = value;
  return before;
}

template <class T>
T atomicMin(T* at, T value) {
  T before = *at;
  if (value < before) *at = value;
  return before;
}

static inline float __int_as_float(int bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static inline int __float_as_int(float value) {
  int bits;
  memcpy(&bits, &value, 4);
  return bits;
}

// Four products of signed bytes, added to a sum that wraps around.
static inline int __dp4a(int a, int b, int sum) {
  for (int i = 0; i < 32; i += 8) sum = (int)((unsigned)sum + (signed char)(a >> i) * (signed char)(b >> i));
  return sum;
}

static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float rsqrtf(float x) { return 1 / sqrtf(x); }
template <class T>
static inline T min(T a, T b) { return b < a ? b : a; }
template <class T>
static inline T max(T a, T b) { return a < b ? b : a; }
