// QuantizeLinear and DequantizeLinear in one step, over FLOAT zero points, and its gradients (Esser et al., "Learned Step Size Quantization", 2020).
// Formula: y = (clamp(round(x / scale) + zero, low, high) - zero) scale. A thread for four neighbours.
#include "scales.cuh"

KERNEL(fake_quantize, const float* x, const float* scale, const float* zero, float* y, i64 count, Scales scales, float low, float high) {
  FOR_EACH(i, (count + 3) / 4) {
    bool whole = 4 * i + 4 <= count;
    Four<float> four;
    if (whole) four = ((const Four<float>*)x)[i];
    for_four(scales, 4 * i, count, [&](i64 at, int k, int s) {
      float v = whole ? four.at[k] : x[at];
      float q = smaller(high, larger(low, rintf(v / scale[s]) + zero[s]));
      four.at[k] = (q - zero[s]) * scale[s];
      if (!whole) y[at] = four.at[k];
    });
    if (whole) ((Four<float>*)y)[i] = four;
  }
}

// Of the input, and where it is asked for of the scale. A block for each scale, of so many elements.
KERNEL(fake_quantize_gradient, const float* x, const float* scale, const float* zero, const float* slopes, float* y, float* of_scale, i64 count, int scales, i64 inner, float low,
       float high, float share) {
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
