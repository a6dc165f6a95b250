// Reductions of FP32 over any axes. Formula: y[i] = f over r of x[i, r]. A block for each output, whose threads take every so
// manieth element of its inputs, in ascending order, and then combine theirs in the order of block_sum.
#include "dwindle.cuh"

// Of Axes, a is the step of the input; out counts what stays, in what is reduced.
#define REDUCTION(name, nothing, taken, combine, whole, finished)                        \
  KERNEL(name, const Real* x, Real* y, ARGUMENT Axes out, ARGUMENT Axes in, i64 count) { \
    const Real* from = x + offsets(out, blockIdx.x).a;                                   \
    float all = nothing;                                                                 \
    for (i64 i = threadIdx.x; i < count; i += blockDim.x) {                              \
      float next = from[offsets(in, i).a];                                               \
      float other = taken;                                                               \
      all = combine;                                                                     \
    }                                                                                    \
    all = whole(all);                                                                    \
    if (threadIdx.x == 0) y[blockIdx.x] = finished;                                      \
  }

REDUCTION(reduce_l1, 0, fabsf(next), all + other, block_sum, all)
REDUCTION(reduce_l2, 0, next* next, all + other, block_sum, sqrtf(all))
REDUCTION(reduce_log_sum, 0, next, all + other, block_sum, logf(all))
REDUCTION(reduce_max, -infinity(), next, larger(all, other), block_max, all)
REDUCTION(reduce_mean, 0, next, all + other, block_sum, all / count)
REDUCTION(reduce_min, infinity(), next, smaller(all, other), block_min, all)
REDUCTION(reduce_prod, 1, next, all* other, block_product, all)
REDUCTION(reduce_sum, 0, next, all + other, block_sum, all)
REDUCTION(reduce_sum_square, 0, next* next, all + other, block_sum, all)
