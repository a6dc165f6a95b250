// Gradients of convolutions in FP32, and transposed convolutions, which are those of inputs.
#include "groups.cuh"

// Of weights: g[f, c, k] = sum over n, o of slope[n, f, o] x[n, c, o stride - pad + k dilation]. As a product, features x (batch, pixels)
// times (batch, pixels) x (channels, kernel): a block for each tile of a group.
KERNEL(conv_weight_gradient, const float* x, const float* slopes, float* y, Groups g, Window w) {
  __shared__ Panel left;
  __shared__ Panel right;
  int columns = g.channels * w.kernel_h * w.kernel_w;
  int pixels = w.out_h * w.out_w;
  int inner = g.batch * pixels;
  Tile tile = tile_of_block(g.features, columns);

  Sums sums = {};
  for (int from = 0; from < inner; from += DEPTH) {
    for (int i = threadIdx.x; i < DEPTH * TILE; i += blockDim.x) {
      int k = from + i % DEPTH;
      int feature = tile.top + i / DEPTH;
      i64 plane = ((i64)(k / pixels) * g.groups + tile.matrix) * g.features + feature;
      left[i % DEPTH][i / DEPTH] = k < inner && feature < g.features ? slopes[plane * pixels + k % pixels] : 0;
      int column = tile.side + i / DEPTH;
      right[i % DEPTH][i / DEPTH] = k < inner && column < columns ? gathered(x, g, w, tile.matrix, k, column) : 0;
    }
    __syncthreads();
    accumulate(sums, left, right);
    __syncthreads();
  }
  for (int i = 0; i < EACH; i++) {
    for (int j = 0; j < EACH; j++) {
      int feature = tile.top + tile_row(i);
      int column = tile.side + tile_column(j);
      if (feature < g.features && column < columns) y[((i64)tile.matrix * g.features + feature) * columns + column] = sums[i][j];
    }
  }
}

// Transposed: y[n, f, i] = bias[f] + sum over c, k, and the o for which i = o stride - pad + k dilation, of x[n, c, o] w[c, f, k]. The window
// is that of the convolution whose input has y's shape. A thread for each output.
KERNEL(conv_transposed, const float* x, const float* weights, const float* bias, float* y, Groups g, Window w, i64 count) {
  FOR_EACH(i, count) {
    int column = (int)(i % w.in_w);
    int row = (int)(i / w.in_w % w.in_h);
    i64 plane = i / w.in_w / w.in_h;
    int feature = (int)(plane % ((i64)g.groups * g.features));
    i64 image = plane / ((i64)g.groups * g.features);
    int group = feature / g.features;
    float sum = bias ? bias[feature] : 0;
    for (int p = 0; p < w.kernel_h; p++) {
      int down = row + w.pad_h - p * w.dilation_h;
      if (down < 0 || down % w.stride_h != 0 || down / w.stride_h >= w.out_h) continue;
      for (int q = 0; q < w.kernel_w; q++) {
        int along = column + w.pad_w - q * w.dilation_w;
        if (along < 0 || along % w.stride_w != 0 || along / w.stride_w >= w.out_w) continue;
        for (int c = 0; c < g.channels; c++) {
          i64 channel = (i64)group * g.channels + c;
          i64 from = (image * g.groups * g.channels + channel) * w.out_h + down / w.stride_h;
          i64 tap = ((channel * g.features + feature % g.features) * w.kernel_h + p) * w.kernel_w + q;
          sum += x[from * w.out_w + along / w.stride_w] * weights[tap];
        }
      }
    }
    y[i] = sum;
  }
}
