// Stacks of matrix products in FP32. Formula: y = f(alpha a b + beta c), each product by itself; f is what follows (chain.cuh). A block for each tile.
#include "chain.cuh"
#include "product.cuh"
#include "tile.cuh"

KERNEL(product, const Real* a, const Real* b, const Real* c, Real* y, float alpha, float beta, Product p, Axes stack,
       const Real* o1, const Real* o2, const Real* o3, Chain then) {
  Operands operands = {{o1, o2, o3}};
  __shared__ Panel left;
  __shared__ Panel right;
  Tile tile = tile_of_block(p.rows, p.columns);
  Offsets at = offsets(stack, tile.matrix);
  a += at.a * p.a_matrix;
  b += at.b * p.b_matrix;
  i64 first = (i64)tile.matrix * p.rows * p.columns;

  Sums sums = {};
  for (int from = 0; from < p.inner; from += DEPTH) {
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
      float sum = alpha * sums[i][j];
      if (c) sum += beta * c[(i64)row * p.c_down + (i64)column * p.c_right];
      i64 place = first + (i64)row * p.columns + column;
      y[place] = chained(then, operands, place, sum);
    }
  }
}
