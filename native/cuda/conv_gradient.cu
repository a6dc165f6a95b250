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

  Sums sums = {};
  Share own = share_of_layer(inner, share);
  for (int from = own.from; from < own.to; from += DEPTH) {
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
      if (feature >= g.features || column >= columns) continue;
      i64 place = ((i64)tile.matrix * g.features + feature) * columns + column;
      (parts ? parts + blockIdx.y * total : y)[place] = sums[i][j];
    }
  }
}

// Transposed: y[n, f, i] = bias[f] + sum over c, k, and the o for which i = o stride - pad + k dilation, of x[n, c, o] w[c, f, k]. The window
// is that of the convolution whose input has y's shape.

// Where the output at a pixel reads by a kernel's place, in an image of x; negative where no o is.
__device__ int place_behind(const Window& w, int pixel, int place) {
  int down = pixel / w.in_w + w.pad_h - place / w.kernel_w * w.dilation_h;
  int along = pixel % w.in_w + w.pad_w - place % w.kernel_w * w.dilation_w;
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

  Sums sums = {};
  Share own = share_of_layer(inner, share);
  for (int from = own.from; from < own.to; from += DEPTH) {
    for (int i = threadIdx.x; i < DEPTH * TILE; i += blockDim.x) {
      int k = from + i / TILE;
      int feature = tile.top + i % TILE;
      left[i / TILE][i % TILE] = k < inner && feature < g.features ? weights[((first + k / kernel) * g.features + feature) * kernel + k % kernel] : 0;
      int column = tile.side + i % TILE;
      int behind = k < inner && column < columns ? place_behind(w, column % pixels, k % kernel) : -1;
      i64 plane = (i64)(column / pixels) * g.groups * g.channels + first + k / kernel;
      right[i / TILE][i % TILE] = behind < 0 ? 0 : x[plane * w.out_h * w.out_w + behind];
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

// Groups of one channel: a thread for each output.
KERNEL(conv_transposed_depthwise, const float* x, const float* weights, const float* bias, float* y, Groups g, Window w, i64 count) {
  FOR_EACH(i, count) {
    int pixels = w.in_h * w.in_w;
    int pixel = (int)(i % pixels);
    i64 plane = i / pixels;
    int feature = (int)(plane % ((i64)g.groups * g.features));
    i64 image = plane / ((i64)g.groups * g.features) * g.groups + feature / g.features;
    float sum = bias ? bias[feature] : 0;
    for (int k = 0; k < w.kernel_h * w.kernel_w; k++) {
      int behind = place_behind(w, pixel, k);
      if (behind >= 0) sum = multiply_add(weights[(i64)feature * w.kernel_h * w.kernel_w + k], x[image * w.out_h * w.out_w + behind], sum);
    }
    y[i] = sum;
  }
}
