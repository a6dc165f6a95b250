// Kernels with the faults that the emulator is to find, and one without.
#include "dwindle.cuh"

KERNEL(halfway, float* y) {
  if (threadIdx.x < 32) __syncthreads();
  y[threadIdx.x] = 1;
}

KERNEL(odd_lanes, float* y) {
  float x = threadIdx.x;
  if (threadIdx.x % 2 == 1) x = __shfl_xor_sync(~0u, x, 2);
  y[threadIdx.x] = x;
}

KERNEL(one_too_many, float* y) { y[threadIdx.x + 1] = 1; }

KERNEL(unwritten, float* y) {
  __shared__ float values[32];
  y[threadIdx.x] = values[threadIdx.x];
  values[threadIdx.x] = 1;
}

KERNEL(exchanges, float* y) {
  float x = threadIdx.x;
  float other = __shfl_xor_sync(~0u, x, 5);
  y[threadIdx.x] = other + 100 * __shfl_sync(~0u, x, 3);
}
