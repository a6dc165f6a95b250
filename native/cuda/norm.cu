// Normalizations in FP32. Formula: y = (x - mean) / sqrt(variance + epsilon) scale + bias.
#include "dwindle.cuh"

// By statistics that are known, one for each channel, of which every so many neighbours are. A thread for each element.
KERNEL(norm_channels, const float* x, const float* scale, const float* bias, const float* mean, const float* variance, float* y,
       i64 count, int channels, i64 inner, float epsilon) {
  FOR_EACH(i, count) {
    int c = (int)(i / inner % channels);
    y[i] = (x[i] - mean[c]) * (scale[c] / sqrtf(variance[c] + epsilon)) + bias[c];
  }
}

// Over rows of neighbours, a block for each. Scale and bias are of an element in its row where by_channel is 0, else of a row
// among that many. Without centre the mean is taken to be 0 (RMSNormalization).
KERNEL(norm_rows, const float* x, const float* scale, const float* bias, float* y, int columns, int by_channel, int centre,
       float epsilon) {
  const float* row = x + (i64)blockIdx.x * columns;
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
    y[(i64)blockIdx.x * columns + i] = (row[i] - mean) * inverse * scale[place] + (bias ? bias[place] : 0);
  }
}
