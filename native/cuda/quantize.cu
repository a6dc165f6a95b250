// Between FP32 and integers of 8 bits. Formula: q = saturate(round(x / scale) + zero), to the nearest even; x = (q - zero) scale.
// One scale for each of every so many neighbours. A thread for four neighbours, as far as there are threads.
#include "dwindle.cuh"

// The number of an element's scale.
__device__ int scale_of(i64 element, int scales, i64 inner) { return scales == 1 ? 0 : (int)(element / inner % scales); }

#define QUANTIZE(name, type, low, high)                                                                          \
  KERNEL(quantize_##name, const float* x, const float* scale, const type* zero, type* y, i64 count, int scales,   \
         i64 inner) {                                                                                            \
    map(x, y, count, [=](i64 i, float v) -> type {                                                               \
      int s = scale_of(i, scales, inner);                                                                        \
      float origin = zero ? (float)zero[s] : 0;                                                                  \
      float q = rintf(v / scale[s]) + origin;                                                                    \
      return (type)(is_nan(q) ? origin : fminf(high, fmaxf(low, q)));                                            \
    });                                                                                                          \
  }                                                                                                              \
  KERNEL(dequantize_##name, const type* x, const float* scale, const type* zero, float* y, i64 count, int scales, \
         i64 inner) {                                                                                            \
    map(x, y, count, [=](i64 i, type q) -> float {                                                               \
      int s = scale_of(i, scales, inner);                                                                        \
      return ((float)q - (zero ? (float)zero[s] : 0)) * scale[s];                                                \
    });                                                                                                          \
  }

QUANTIZE(int8, signed char, -128, 127)
QUANTIZE(uint8, unsigned char, 0, 255)

// Both in one step, over FLOAT zero points: y = (clamp(round(x / scale) + zero, low, high) - zero) scale.
KERNEL(fake_quantize, const float* x, const float* scale, const float* zero, float* y, i64 count, int scales, i64 inner,
       float low, float high) {
  map(x, y, count, [=](i64 i, float v) -> float {
    int s = scale_of(i, scales, inner);
    float q = smaller(high, larger(low, rintf(v / scale[s]) + zero[s]));
    return (q - zero[s]) * scale[s];
  });
}

// The gradients of the input, and where it is asked for of the scale (Esser et al., "Learned Step Size Quantization", 2020). A block for each scale,
// of so many elements.
KERNEL(fake_quantize_gradient, const float* x, const float* scale, const float* zero, const float* slopes, float* y, float* of_scale,
       i64 count, int scales, i64 inner, float low, float high, float share) {
  int s = blockIdx.x;
  float sum = 0;
  for (i64 i = threadIdx.x; i < count; i += blockDim.x) {
    i64 at = (i / inner * scales + s) * inner + i % inner;
    float v = x[at] / scale[s];
    float end = larger(smaller(v, high - zero[s]), low - zero[s]);
    bool inside = end == v;
    sum += slopes[at] * (inside ? rintf(v) - v : end);
    y[at] = inside ? slopes[at] : 0;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0 && of_scale) of_scale[s] = sum * share;
}
