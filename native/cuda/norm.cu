// Normalizations in FP32. Formula: y = (x - mean) / sqrt(variance + epsilon) scale + bias.
#include "dwindle.cuh"

// By statistics that are known, one for each channel, of which every so many neighbours are. A thread for each element.
KERNEL(norm_channels, const Real* x, const Real* scale, const Real* bias, const Real* mean, const Real* variance, Real* y,
       i64 count, int channels, i64 inner, float epsilon) {
  FOR_EACH(i, count) {
    int c = (int)(i / inner % channels);
    y[i] = (x[i] - mean[c]) * (scale[c] / sqrtf(variance[c] + epsilon)) + bias[c];
  }
}

// Over rows of neighbours, a block for each. Scale and bias are of an element in its row where by_channel is 0, else of a row
// among that many. Without centre the mean is taken to be 0 (RMSNormalization).
KERNEL(norm_rows, const Real* x, const Real* scale, const Real* bias, Real* y, int columns, int by_channel, int centre,
       float epsilon) {
  const Real* row = x + (i64)blockIdx.x * columns;
  float sum = 0;
  if (centre) {
    for (int i = threadIdx.x; i < columns; i += blockDim.x) sum += row[i];
  }
  float mean = block_sum(sum) / columns;
  sum = 0;
  for (int i = threadIdx.x; i < columns; i += blockDim.x) sum += (row[i] - mean) * (row[i] - mean);
  float inverse = 1 / sqrtf(block_sum(sum) / columns + epsilon);
  for (int i = threadIdx.x; i < columns; i += blockDim.x) {
    int place = by_channel ? blockIdx.x % by_channel : i;
    y[(i64)blockIdx.x * columns + i] = (row[i] - mean) * inverse * scale[place] + (bias ? bias[place] : 0.f);
  }
}

// The element of a number among those of a channel, in [batch, channels, inner].
__device__ i64 of_channel(i64 number, int channel, int channels, i64 inner) {
  return (number / inner * channels + channel) * inner + number % inner;
}

// Mean and variance of a channel's elements, of which there are so many.
__device__ void moments(const Real* x, i64 count, int channels, i64 inner, float& mean, float& variance) {
  float sum = 0;
  for (i64 i = threadIdx.x; i < count; i += blockDim.x) sum += x[of_channel(i, blockIdx.x, channels, inner)];
  mean = block_sum(sum) / count;
  sum = 0;
  for (i64 i = threadIdx.x; i < count; i += blockDim.x) {
    float less = x[of_channel(i, blockIdx.x, channels, inner)] - mean;
    sum += less * less;
  }
  variance = block_sum(sum) / count;
}

// By the statistics of the batch, a block for each channel; the running ones move by 1 - momentum. These may be asked for or not.
KERNEL(norm_batch, const Real* x, const Real* scale, const Real* bias, const Real* running_mean, const Real* running_variance,
       Real* y, Real* new_mean, Real* new_variance, i64 count, int channels, i64 inner, float epsilon, float momentum) {
  float mean, variance;
  int c = blockIdx.x;
  moments(x, count, channels, inner, mean, variance);
  float factor = scale[c] / sqrtf(variance + epsilon);
  for (i64 i = threadIdx.x; i < count; i += blockDim.x) {
    i64 at = of_channel(i, c, channels, inner);
    y[at] = (x[at] - mean) * factor + bias[c];
  }
  if (threadIdx.x == 0) {
    if (new_mean) new_mean[c] = running_mean[c] * momentum + mean * (1 - momentum);
    if (new_variance) new_variance[c] = running_variance[c] * momentum + variance * (1 - momentum);
  }
}

// Gradients of the input, and where they are asked for of scale and bias, through the statistics of the batch.
KERNEL(norm_batch_gradient, const Real* x, const Real* scale, const Real* slopes, Real* y, Real* of_scale, Real* of_bias,
       i64 count, int channels, i64 inner, float epsilon) {
  float mean, variance;
  int c = blockIdx.x;
  moments(x, count, channels, inner, mean, variance);
  float deviation = sqrtf(variance + epsilon);
  float sum = 0;
  float product = 0;
  for (i64 i = threadIdx.x; i < count; i += blockDim.x) {
    i64 at = of_channel(i, c, channels, inner);
    sum += slopes[at];
    product += slopes[at] * ((x[at] - mean) / deviation);
  }
  sum = block_sum(sum);
  product = block_sum(product);
  for (i64 i = threadIdx.x; i < count; i += blockDim.x) {
    i64 at = of_channel(i, c, channels, inner);
    y[at] = scale[c] / deviation * (slopes[at] - sum / count - (x[at] - mean) / deviation * (product / count));
  }
  if (threadIdx.x == 0) {
    if (of_scale) of_scale[c] = product;
    if (of_bias) of_bias[c] = sum;
  }
}
