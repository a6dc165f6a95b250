// What calibration collects: ends and histograms of FP32.
#include "dwindle.cuh"

typedef unsigned long long u64;

// The smallest and the largest of what each block sees: 2 numbers a block. NaN is both.
KERNEL(ends_of_blocks, const float* x, float* ends, i64 count) {
  float least = infinity();
  float most = -infinity();
  FOR_EACH(i, count) {
    least = smaller(least, x[i]);
    most = larger(most, x[i]);
  }
  least = block_min(least);
  most = block_max(most);
  if (threadIdx.x == 0) {
    ends[2 * blockIdx.x] = least;
    ends[2 * blockIdx.x + 1] = most;
  }
}

// Those of all blocks and, where there are any, of what was seen before. One block.
__device__ void whole_ends(const float* ends, int blocks, const float* before, float& least, float& most) {
  least = before ? before[0] : infinity();
  most = before ? before[1] : -infinity();
  for (int i = threadIdx.x; i < blocks; i += blockDim.x) {
    least = smaller(least, ends[2 * i]);
    most = larger(most, ends[2 * i + 1]);
  }
  least = block_min(least);
  most = block_max(most);
}

// A zero among the ends loses its sign.
KERNEL(summary_ends, const float* ends, int blocks, float* y) {
  float least, most;
  whole_ends(ends, blocks, 0, least, most);
  if (threadIdx.x == 0) {
    y[0] = least + 0.f;
    y[1] = most + 0.f;
  }
}

// Bins of a power of two, 2^exponent, the lowest of which begins at first times that.
struct Bins {
  i64 first;
  int exponent;
};

__device__ i64 place(const Bins& bins, double x) { return (i64)floor(scalbn(x, -bins.exponent)) - bins.first; }

// The narrowest bins that hold both ends: all on one side of zero, or half on each. Narrower ones than 2^-100 there are none.
__device__ Bins covering(float least, float most, int count) {
  double largest = fmax(fabs((double)least), fabs((double)most)) / count;
  Bins bins = {least >= 0 ? 0 : most < 0 ? -count : -count / 2, largest > 0 ? max(-100, (int)ilogb(largest)) : -100};
  while (place(bins, least) < 0 || place(bins, most) >= count) bins.exponent++;
  return bins;
}

__device__ bool is_finite(float x) { return x - x == 0; }

// The ends of all so far, and the counts so far in the bins that hold these. One block.
KERNEL(histogram_widen, const float* ends, int blocks, const u64* counts, const float* before, u64* new_counts, float* new_ends,
       int bins) {
  float least, most;
  whole_ends(ends, blocks, before, least, most);
  for (int i = threadIdx.x; i < bins; i += blockDim.x) new_counts[i] = 0;
  if (threadIdx.x == 0) {
    new_ends[0] = least;
    new_ends[1] = most;
  }
  __syncthreads();
  bool moves = is_finite(least) && is_finite(most) && before[0] <= before[1];
  Bins from = moves ? covering(before[0], before[1], bins) : Bins{0, 0};
  Bins to = moves ? covering(least, most, bins) : Bins{0, 0};
  for (int i = threadIdx.x; i < bins; i += blockDim.x) {
    if (counts[i] == 0) continue;
    int shift = min(to.exponent - from.exponent, 63);
    i64 at = moves ? ((from.first + i) >> shift) - to.first : i;
    atomicAdd(&new_counts[at], counts[i]);
  }
}

// Counts each element, where all of them so far are finite.
KERNEL(histogram_count, const float* x, const float* ends, u64* counts, i64 count, int bins) {
  if (!is_finite(ends[0]) || !is_finite(ends[1])) return;
  Bins all = covering(ends[0], ends[1], bins);
  FOR_EACH(i, count) atomicAdd(&counts[place(all, x[i])], (u64)1);
}
