// Gradients of convolutions in FP32, and transposed convolutions, which are those of inputs.
#include "groups.cuh"
#include "parts.cuh"

// Of weights: g[f, c, k] = sum over n, o of slope[n, f, o] x[n, c, o stride - pad + k dilation]. As a product, features x (batch, pixels)
// times (batch, pixels) x (channels, kernel): a block for each tile of a group.
KERNEL(conv_weight_gradient, const float* x, const float* slopes, float* y, Groups g, Window w, float* parts, i64 total, int share) {
  __shared__ Panel left;
  __shared__ Panel right;
  int columns = g.channels * w.kernel_h * w.kernel_w;
  int pixels = w.out_h * w.out_w;
  int inner = g.batch * pixels;
  Tile tile = tile_of_block(g.features, columns);

  // A thread brings numbers of one k on both sides, always of the same taps.
  int deep = threadIdx.x % DEPTH;
  int line = threadIdx.x / DEPTH;
  Tap taps[BROUGHT];
  for (int i = 0; i < BROUGHT; i++) taps[i] = tap_of(w, tile.side + line + i * (TILE / BROUGHT));

  Sums sums = {};
  Share own = share_of_layer(inner, share);
  for (int from = own.from; from < own.to; from += DEPTH) {
    int k = from + deep;
    Corner corner = corner_of(g, w, tile.matrix, k);
    i64 first = (((i64)(k / pixels) * g.groups + tile.matrix) * g.features + tile.top) * pixels + k % pixels;
    for (int i = 0; i < BROUGHT; i++) {
      int at = line + i * (TILE / BROUGHT);
      left[deep][at] = k < inner && tile.top + at < g.features ? slopes[first + (i64)at * pixels] : 0;
      i64 from_x = k < inner && tile.side + at < columns ? place(w, corner, taps[i]) : -1;
      right[deep][at] = from_x < 0 ? 0 : x[from_x];
    }
    __syncthreads();
    accumulate(sums, left, right);
    __syncthreads();
  }
  for (int i = 0; i < EACH; i++) {
    for (int j = 0; j < EACH; j++) {
      int feature = tile.top + tile_row(i);
      int column = tile.side + tile_column(j);
      if (feature >= g.features || column >= columns) continue;
      i64 at = ((i64)tile.matrix * g.features + feature) * columns + column;
      (parts ? parts + blockIdx.y * total : y)[at] = sums[i][j];
    }
  }
}

// Transposed: y[n, f, i] = bias[f] + sum over c, k, and the o for which i = o stride - pad + k dilation, of x[n, c, o] w[c, f, k]. The window
// is that of the convolution whose input has y's shape.

// Where an output reads by a kernel's place, so far down and along in its padded image: in an image of x; negative where no o is.
__device__ int place_behind(const Window& w, int down, int along) {
  bool is_there = down >= 0 && down % w.stride_h == 0 && down / w.stride_h < w.out_h && along >= 0 && along % w.stride_w == 0 && along / w.stride_w < w.out_w;
  return is_there ? down / w.stride_h * w.out_w + along / w.stride_w : -1;
}

// As a product, features x (channels, kernel) times (channels, kernel) x (batch, pixels): a block for each tile of a group.
KERNEL(conv_transposed, const float* x, const float* weights, const float* bias, float* y, Groups g, Window w, float* parts, i64 total, int share) {
  __shared__ Panel left;
  __shared__ Panel right;
  int kernel = w.kernel_h * w.kernel_w;
  int inner = g.channels * kernel;
  int pixels = w.in_h * w.in_w;
  int columns = g.batch * pixels;
  Tile tile = tile_of_block(g.features, columns);
  i64 first = (i64)tile.matrix * g.channels;
  // A thread brings numbers of one feature and of one column.
  int across = threadIdx.x % TILE;
  int column = tile.side + across;
  const float* images = x + ((i64)(column / pixels) * g.groups * g.channels + first) * w.out_h * w.out_w;
  int row = column % pixels / w.in_w + w.pad_h;
  int right_of = column % w.in_w + w.pad_w;

  Sums sums = {};
  Share own = share_of_layer(inner, share);
  for (int from = own.from; from < own.to; from += DEPTH) {
    for (int i = 0; i < BROUGHT; i++) {
      int deep = threadIdx.x / TILE + i * (DEPTH / BROUGHT);
      int k = from + deep;
      int channel = k / kernel;
      int tap = k % kernel;
      int feature = tile.top + across;
      left[deep][across] = k < inner && feature < g.features ? weights[((first + channel) * g.features + feature) * kernel + tap] : 0;
      int behind = k < inner && column < columns ? place_behind(w, row - tap / w.kernel_w * w.dilation_h, right_of - tap % w.kernel_w * w.dilation_w) : -1;
      right[deep][across] = behind < 0 ? 0 : images[(i64)channel * w.out_h * w.out_w + behind];
    }
    __syncthreads();
    accumulate(sums, left, right);
    __syncthreads();
  }
  for (int i = 0; i < EACH; i++) {
    for (int j = 0; j < EACH; j++) {
      int feature = tile.top + tile_row(i);
      int column = tile.side + tile_column(j);
      if (feature >= g.features || column >= columns) continue;
      i64 f = (i64)tile.matrix * g.features + feature;
      i64 place = ((i64)(column / pixels) * g.groups * g.features + f) * pixels + column % pixels;
      if (parts)
        parts[blockIdx.y * total + place] = sums[i][j];
      else
        y[place] = sums[i][j] + (bias ? bias[f] : 0);
    }
  }
}

// The same for groups of few channels or features, of which tiles would be almost empty: a thread for each output.
KERNEL(conv_transposed_direct, const float* x, const float* weights, const float* bias, float* y, Groups g, Window w, i64 count) {
  FOR_EACH(i, count) {
    int column = (int)(i % w.in_w);
    int row = (int)(i / w.in_w % w.in_h);
    i64 plane = i / w.in_w / w.in_h;
    int feature = (int)(plane % ((i64)g.groups * g.features));
    i64 first = (i64)(feature / g.features) * g.channels;
    const float* images = x + (plane / ((i64)g.groups * g.features) * g.groups * g.channels + first) * w.out_h * w.out_w;
    const float* own = weights + (first * g.features + feature % g.features) * w.kernel_h * w.kernel_w;
    float sum = bias ? bias[feature] : 0;
    for (int p = 0; p < w.kernel_h; p++) {
      int down = row + w.pad_h - p * w.dilation_h;
      if (down < 0 || down % w.stride_h != 0 || down / w.stride_h >= w.out_h) continue;
      for (int q = 0; q < w.kernel_w; q++) {
        int behind = place_behind(w, down, column + w.pad_w - q * w.dilation_w);
        if (behind < 0) continue;
        for (int c = 0; c < g.channels; c++) {
          sum = multiply_add(own[((i64)c * g.features * w.kernel_h + p) * w.kernel_w + q], images[(i64)c * w.out_h * w.out_w + behind], sum);
        }
      }
    }
    y[i] = sum;
  }
}
