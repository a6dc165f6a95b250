// What all kernels share. NVRTC compiles them for a GPU, and a C++ compiler for tests (native/emulator).
#pragma once

#include "real.cuh"

typedef long long i64;

// A kernel by its name, behind which stands what its numbers are in memory where that is not FP32.
#ifdef DWINDLE_EMULATED
#define KERNEL(name, ...) EMULATED_KERNEL(VARIANT(name), __VA_ARGS__)
#else
#define KERNEL(name, ...) extern "C" __global__ void VARIANT(name)(__VA_ARGS__)
#endif

// Of structs that are read by computed places: where the compiler is not told that nobody writes to an argument, each thread copies it first.
#ifdef DWINDLE_EMULATED
#define ARGUMENT const
#else
#define ARGUMENT const __grid_constant__
#endif

// A thread takes elements a whole grid apart, so that a warp reads neighbours, and one at a time: there are enough other threads to work while it waits.
#define FOR_EACH(i, n) \
  _Pragma("unroll 1")  \
  for (i64 i = blockIdx.x * (i64)blockDim.x + threadIdx.x; i < (n); i += (i64)gridDim.x * blockDim.x)

// Neighbours that are read or written at once: all tensors begin at multiples of 256 bytes.
template <class T>
struct alignas(4 * sizeof(T)) Four {
  T at[4];
};

// y[i] = f(i, x[i]), four neighbours a thread at a time: one by one, threads would wait for memory more than they ask of it.
template <class X, class Y, class F>
__device__ void map(const X* x, Y* y, i64 n, F f) {
  FOR_EACH(i, n / 4) {
    Four<X> in = ((const Four<X>*)x)[i];
    Four<Y> out;
    for (int k = 0; k < 4; k++) out.at[k] = f(4 * i + k, in.at[k]);
    ((Four<Y>*)y)[i] = out;
  }
  FOR_EACH(i, n % 4) {
    i64 at = n / 4 * 4 + i;
    y[at] = f(at, x[at]);
  }
}

// The same of two: y[i] = f(a[i], b[i]).
template <class F>
__device__ void map_pairs(const Real* a, const Real* b, Real* y, i64 n, F f) {
  FOR_EACH(i, n / 4) {
    Four<Real> left = ((const Four<Real>*)a)[i];
    Four<Real> right = ((const Four<Real>*)b)[i];
    Four<Real> out;
    for (int k = 0; k < 4; k++) out.at[k] = f(left.at[k], right.at[k]);
    ((Four<Real>*)y)[i] = out;
  }
  FOR_EACH(i, n % 4) {
    i64 at = n / 4 * 4 + i;
    y[at] = f(a[at], b[at]);
  }
}

constexpr int MOST_AXES = 8;

// The elements of a tensor, and for each axis how far neighbours lie apart in two others, 0 where they stand still.
struct Axes {
  int rank;
  int size[MOST_AXES];
  int a[MOST_AXES];
  int b[MOST_AXES];
};

struct Offsets {
  i64 a, b;
};

// Where the element of a number, counted with the last axis fastest, lies in both.
__device__ Offsets offsets(const Axes& axes, i64 number) {
  Offsets at = {0, 0};
#pragma unroll 1  // each axis divides, which is much code
  for (int k = axes.rank - 1; k >= 0; k--) {
    i64 rest = number / axes.size[k];
    int place = (int)(number - rest * axes.size[k]);
    at.a += (i64)place * axes.a[k];
    at.b += (i64)place * axes.b[k];
    number = rest;
  }
  return at;
}

__device__ float infinity() { return __int_as_float(0x7f800000); }

// a b + c, rounded once where there is an instruction for it: the one way in which products are fused.
#ifdef DWINDLE_EMULATED
__device__ float multiply_add(float a, float b, float c) { return a * b + c; }
#else
__device__ float multiply_add(float a, float b, float c) { return fmaf(a, b, c); }
#endif

__device__ bool is_nan(float x) { return x != x; }

// The larger and the smaller of two, or NaN where either is.
__device__ float larger(float a, float b) { return is_nan(a) ? a : is_nan(b) ? b : a > b ? a : b; }

__device__ float smaller(float a, float b) { return is_nan(a) ? a : is_nan(b) ? b : a < b ? a : b; }

// One number of what each thread of a block brings, known to all; the block has whole warps, at most 32. The order does not
// depend on anything but the size of the block.
#define BLOCK_REDUCTION(name, combine, nothing)                                               \
  __device__ float name(float x) {                                                            \
    __shared__ float warps[32];                                                               \
    for (int mask = 16; mask > 0; mask /= 2) {                                                \
      float other = __shfl_xor_sync(~0u, x, mask);                                            \
      x = combine;                                                                            \
    }                                                                                         \
    if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = x;                                   \
    __syncthreads();                                                                          \
    x = threadIdx.x % 32 < blockDim.x / 32 ? warps[threadIdx.x % 32] : nothing;               \
    for (int mask = 16; mask > 0; mask /= 2) {                                                \
      float other = __shfl_xor_sync(~0u, x, mask);                                            \
      x = combine;                                                                            \
    }                                                                                         \
    __syncthreads();                                                                          \
    return x;                                                                                 \
  }

BLOCK_REDUCTION(block_sum, x + other, 0)
BLOCK_REDUCTION(block_max, larger(x, other), -infinity())
BLOCK_REDUCTION(block_min, smaller(x, other), infinity())
BLOCK_REDUCTION(block_product, x * other, 1)
