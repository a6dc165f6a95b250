// Stacks of matrix products in FP32. Formula: y = f(alpha a b + beta c), each product by itself; f is what follows (chain.cuh). A block for each tile.
#include "chain.cuh"
#include "parts.cuh"
#include "product.cuh"
#include "tile.cuh"

KERNEL(product, const Real* a, const Real* b, const Real* c, Real* y, float alpha, float beta, Product p, ARGUMENT Axes stack,
       const Real* o1, const Real* o2, const Real* o3, ARGUMENT Chain then, float* parts, i64 total, int share) {
  Operands operands = {{o1, o2, o3}};
  __shared__ Panel left;
  __shared__ Panel right;
  Tile tile = tile_of_block(p.rows, p.columns);
  Offsets at = offsets(stack, tile.matrix);
  a += at.a * p.a_matrix;
  b += at.b * p.b_matrix;
  i64 first = (i64)tile.matrix * p.rows * p.columns;

  Sums sums = {};
  Share inner = share_of_layer(p.inner, share);
  for (int from = inner.from; from < inner.to; from += DEPTH) {
    for (int i = threadIdx.x; i < DEPTH * TILE; i += blockDim.x) {
      int row = tile.top + i / DEPTH;
      int k = from + i % DEPTH;
      left[i % DEPTH][i / DEPTH] = row < p.rows && k < p.inner ? a[(i64)row * p.a_down + (i64)k * p.a_right] : 0.f;
      int column = tile.side + i % TILE;
      k = from + i / TILE;
      right[i / TILE][i % TILE] = column < p.columns && k < p.inner ? b[(i64)k * p.b_down + (i64)column * p.b_right] : 0.f;
    }
    __syncthreads();
    accumulate(sums, left, right);
    __syncthreads();
  }
  for (int i = 0; i < EACH; i++) {
    for (int j = 0; j < EACH; j++) {
      int row = tile.top + tile_row(i);
      int column = tile.side + tile_column(j);
      if (row >= p.rows || column >= p.columns) continue;
      i64 place = first + (i64)row * p.columns + column;
      if (parts) {
        parts[blockIdx.y * total + place] = sums[i][j];
        continue;
      }
      float sum = alpha * sums[i][j];
      if (c) sum += beta * c[(i64)row * p.c_down + (i64)column * p.c_right];
      y[place] = chained(then, operands, place, sum);
    }
  }
}

// Puts the parts of matrices together, in ascending order: y = f(alpha sum + beta c). A thread for each number.
KERNEL(summed, const float* parts, i64 total, int count, const Real* c, Real* y, float alpha, float beta, int rows, int columns, int c_down, int c_right, const Real* o1,
       const Real* o2, const Real* o3, ARGUMENT Chain then) {
  Operands operands = {{o1, o2, o3}};
  FOR_EACH(i, total) {
    float sum = 0;
    for (int part = 0; part < count; part++) sum += parts[part * total + i];
    sum *= alpha;
    if (c) sum += beta * c[i / columns % rows * c_down + i % columns * c_right];
    y[i] = chained(then, operands, i, sum);
  }
}
