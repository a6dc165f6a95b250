// Convolutions in FP32. Formula: y[n, f, o] = g(bias[f] + sum over c, k of w[f, c, k] x[n, c, o stride - pad + k dilation]), with
// channels and features of one group; g is what follows (chain.cuh).
#include "chain.cuh"
#include "groups.cuh"
#include "parts.cuh"

// As a product, features x (channels, kernel) times (channels, kernel) x (batch, pixels), whose right matrix is never made:
// a block for each tile of a group, which gathers its part of the image while it brings it to shared memory.
KERNEL(conv, const Real* x, const Real* weights, const Real* bias, Real* y, Groups g, Window w, const Real* o1, const Real* o2, const Real* o3, ARGUMENT Chain then, float* parts, i64 total,
       int share) {
  Operands operands = {{o1, o2, o3}};
  __shared__ Panel left;
  __shared__ Panel right;
  __shared__ Tap taps[DEPTH];
  int inner = g.channels * w.kernel_h * w.kernel_w;
  int pixels = w.out_h * w.out_w;
  int columns = g.batch * pixels;
  Tile tile = tile_of_block(g.features, columns);
  Share part = share_of_layer(inner, share);
  // A thread brings numbers of one k on the left and of one column on the right.
  int thread = threadIdx.x;
  const Real* own = weights + (i64)tile.matrix * g.features * inner + thread % DEPTH;
  int across = thread % TILE;
  Corner corner = corner_of(g, w, tile.matrix, tile.side + across);
  if (thread < DEPTH) taps[thread] = tap_of(w, part.from + thread);
  __syncthreads();

  Sums sums = {};
  for (int from = part.from; from < part.to; from += DEPTH) {
    for (int i = 0; i < BROUGHT; i++) {
      int row = thread / DEPTH + i * (TILE / BROUGHT);
      int feature = tile.top + row;
      left[thread % DEPTH][row] = feature < g.features && from + thread % DEPTH < inner ? own[(i64)feature * inner + from] : 0.f;
      int k = thread / TILE + i * (DEPTH / BROUGHT);
      i64 at = tile.side + across < columns && from + k < inner ? place(w, corner, taps[k]) : -1;
      right[k][across] = at < 0 ? 0.f : (float)x[at];
    }
    __syncthreads();
    accumulate(sums, left, right);
    // Those of the next panel, divided for once: nobody reads them before the barrier.
    if (thread < DEPTH) taps[thread] = tap_of(w, from + DEPTH + thread);
    __syncthreads();
  }
  for (int i = 0; i < EACH; i++) {
    for (int j = 0; j < EACH; j++) {
      int feature = tile.top + tile_row(i);
      int column = tile.side + tile_column(j);
      if (feature >= g.features || column >= columns) continue;
      i64 f = (i64)tile.matrix * g.features + feature;
      i64 plane = (i64)(column / pixels) * g.groups * g.features + f;
      i64 place = plane * pixels + column % pixels;
      if (parts)
        parts[blockIdx.y * total + place] = sums[i][j];
      else
        y[place] = chained(then, operands, place, sums[i][j] + (bias ? bias[f] : 0.f));
    }
  }
}

// Groups of one channel: a thread for each output.
KERNEL(conv_depthwise, const Real* x, const Real* weights, const Real* bias, Real* y, Groups g, Window w, const Real* o1, const Real* o2, const Real* o3, ARGUMENT Chain then, i64 count) {
  Operands operands = {{o1, o2, o3}};
  FOR_EACH(i, count) {
    int column = (int)(i % w.out_w);
    int row = (int)(i / w.out_w % w.out_h);
    i64 plane = i / w.out_w / w.out_h;
    int features = g.groups * g.features;
    int feature = (int)(plane % features);
    const Real* image = x + (plane / features * g.groups + feature / g.features) * w.in_h * w.in_w;
    const Real* own = weights + (i64)feature * w.kernel_h * w.kernel_w;
    float sum = bias ? bias[feature] : 0.f;
    for (int p = 0; p < w.kernel_h; p++) {
      for (int q = 0; q < w.kernel_w; q++) {
        int in_row = first_row(w, row) + p * w.dilation_h;
        int in_column = first_column(w, column) + q * w.dilation_w;
        if (is_inside(w, in_row, in_column)) sum = multiply_add(own[p * w.kernel_w + q], image[(i64)in_row * w.in_w + in_column], sum);
      }
    }
    y[i] = chained(then, operands, i, sum);
  }
}
