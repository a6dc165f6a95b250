// Which elements have which scale and zero point.
#pragma once
#include "dwindle.cuh"

// All the same one where axis is 0, else one for each index of an axis of this size, or, where block is not 0, one for each of so many blocks along it and for each of the inner
// neighbours.
struct Scales {
  int axis, block, blocks, inner;
  int step;  // from the scale of one of four neighbours, of which the first is a multiple of four, to that of the next; -1 where that depends
};

// The number of an element's scale. Elements are counted in 32 bits where there are several scales: a division of 64 would take longer than the memory.
__device__ int scale_of(const Scales& s, i64 element) {
  if (s.axis == 0) return 0;
  unsigned row = (unsigned)element / (unsigned)s.inner;
  unsigned along = row % (unsigned)s.axis;
  if (s.block == 0) return (int)along;
  unsigned within = (unsigned)element - row * (unsigned)s.inner;
  return (int)((row / (unsigned)s.axis * (unsigned)s.blocks + along / (unsigned)s.block) * (unsigned)s.inner + within);
}

// f(element, k, scale) for each of four neighbours, of which the last may be missing.
template <class F>
__device__ void for_four(const Scales& scales, i64 first, i64 count, F f) {
  int s = scale_of(scales, first);
#pragma unroll
  for (int k = 0; k < 4 && first + k < count; k++) f(first + k, k, k == 0 || scales.step >= 0 ? s + k * scales.step : scale_of(scales, first + k));
}
