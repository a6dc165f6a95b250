// What calibration collects: ends and histograms of FP32.
#include "dwindle.cuh"

typedef unsigned long long u64;

// The smallest and the largest of what each block sees: 2 numbers a block. NaN is both.
KERNEL(ends_of_blocks, const float* x, float* ends, i64 count) {
  float least = infinity();
  float most = -infinity();
  FOR_EACH(i, count / 4) {
    Four<float> four = ((const Four<float>*)x)[i];
    for (int k = 0; k < 4; k++) {
      least = smaller(least, four.at[k]);
      most = larger(most, four.at[k]);
    }
  }
  FOR_EACH(i, count % 4) {
    least = smaller(least, x[count / 4 * 4 + i]);
    most = larger(most, x[count / 4 * 4 + i]);
  }
  least = block_min(least);
  most = block_max(most);
  if (threadIdx.x == 0) {
    ends[2 * blockIdx.x] = least;
    ends[2 * blockIdx.x + 1] = most;
  }
}

// The smallest of each plane, then the largest of each. A block a plane. NaN is both; a zero has no sign.
KERNEL(ends_of_planes, const float* x, float* ends, i64 plane) {
  float least = infinity();
  float most = -infinity();
  for (i64 i = threadIdx.x; i < plane; i += blockDim.x) {
    least = smaller(least, x[blockIdx.x * plane + i]);
    most = larger(most, x[blockIdx.x * plane + i]);
  }
  least = block_min(least);
  most = block_max(most);
  if (threadIdx.x == 0) {
    ends[blockIdx.x] = least + 0.f;
    ends[gridDim.x + blockIdx.x] = most + 0.f;
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

// The bin of a finite number that lies in one, in FP32: what a power of two is taken out of keeps its digits, but that a negative number may vanish.
__device__ int bin_of(const Bins& bins, float x) {
  float whole = floorf(scalbnf(x, -bins.exponent));
  if (whole == 0 && x < 0) whole = -1;
  return (int)((i64)whole - bins.first);
}

constexpr int SHARED_BINS = 4096;

// Counts each element, where all of them so far are finite. A block counts for itself first, as far as there are not too many bins for it.
KERNEL(histogram_count, const float* x, const float* ends, u64* counts, i64 count, int bins) {
  __shared__ unsigned own[SHARED_BINS];
  __shared__ Bins all;
  if (!is_finite(ends[0]) || !is_finite(ends[1])) return;
  bool shared = bins <= SHARED_BINS;
  if (threadIdx.x == 0) all = covering(ends[0], ends[1], bins);
  for (int i = threadIdx.x; shared && i < bins; i += blockDim.x) own[i] = 0;
  __syncthreads();
  Bins to = all;
  FOR_EACH(i, count / 4) {
    Four<float> four = ((const Four<float>*)x)[i];
    for (int k = 0; k < 4; k++) {
      if (shared) atomicAdd(&own[bin_of(to, four.at[k])], 1u);
      else atomicAdd(&counts[bin_of(to, four.at[k])], (u64)1);
    }
  }
  FOR_EACH(i, count % 4) atomicAdd(&counts[bin_of(to, x[count / 4 * 4 + i])], (u64)1);
  __syncthreads();
  for (int i = threadIdx.x; shared && i < bins; i += blockDim.x) {
    if (own[i]) atomicAdd(&counts[i], (u64)own[i]);
  }
}
