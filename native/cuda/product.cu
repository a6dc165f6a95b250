// Stacks of matrix products in FP32. Formula: y = alpha a b + beta c, each product by itself. A block of 256 threads makes a
// tile of 64 x 64 numbers, a thread 4 x 4 of them; the inner dimension goes through shared memory, 16 at a time.
#include "dwindle.cuh"

constexpr int TILE = 64;
constexpr int DEPTH = 16;
constexpr int EACH = 4;

// rows x inner times inner x columns; neighbours in a row and in a column lie so far apart. The stack's axes count matrices.
struct Product {
  int rows, inner, columns;
  int a_down, a_right;
  int b_down, b_right;
  int c_down, c_right;
  int a_matrix, b_matrix;
};

KERNEL(product, const float* a, const float* b, const float* c, float* y, float alpha, float beta, Product p, Axes stack) {
  __shared__ float left[DEPTH][TILE + 1];
  __shared__ float right[DEPTH][TILE + 1];
  int across = (p.columns + TILE - 1) / TILE;
  int down = (p.rows + TILE - 1) / TILE;
  int tile = blockIdx.x % (across * down);
  i64 matrix = blockIdx.x / (across * down);
  Offsets at = offsets(stack, matrix);
  a += at.a * p.a_matrix;
  b += at.b * p.b_matrix;
  y += matrix * p.rows * p.columns;
  int top = tile / across * TILE;
  int side = tile % across * TILE;
  int thread_row = threadIdx.x / 16;
  int thread_column = threadIdx.x % 16;

  float sums[EACH][EACH] = {};
  for (int from = 0; from < p.inner; from += DEPTH) {
    for (int i = threadIdx.x; i < DEPTH * TILE; i += blockDim.x) {
      int row = top + i / DEPTH;
      int k = from + i % DEPTH;
      left[i % DEPTH][i / DEPTH] = row < p.rows && k < p.inner ? a[(i64)row * p.a_down + (i64)k * p.a_right] : 0;
      int column = side + i % TILE;
      k = from + i / TILE;
      right[i / TILE][i % TILE] = column < p.columns && k < p.inner ? b[(i64)k * p.b_down + (i64)column * p.b_right] : 0;
    }
    __syncthreads();
    for (int k = 0; k < DEPTH; k++) {
      for (int i = 0; i < EACH; i++) {
        for (int j = 0; j < EACH; j++) sums[i][j] += left[k][thread_row + 16 * i] * right[k][thread_column + 16 * j];
      }
    }
    __syncthreads();
  }
  for (int i = 0; i < EACH; i++) {
    for (int j = 0; j < EACH; j++) {
      int row = top + thread_row + 16 * i;
      int column = side + thread_column + 16 * j;
      if (row >= p.rows || column >= p.columns) continue;
      float sum = alpha * sums[i][j];
      if (c) sum += beta * c[(i64)row * p.c_down + (i64)column * p.c_right];
      y[(i64)row * p.columns + column] = sum;
    }
  }
}
