// Products of matrices and convolutions of FP32 numbers on tensor cores, which round them to FP16, BF16 or TF32 and sum in FP32. Formulas and layouts are those of product.cu and
// conv.cu; a block makes a tile of 64 x 64 numbers, or of 128 x 128 where there are enough of these for all of a GPU's processors.
#include "chain.cuh"
#include "groups.cuh"
#include "mma.cuh"
#include "product.cuh"

template <class Number, int SIZE>
__device__ void product(Number number, Side<SIZE>& left, Side<SIZE>& right, const float* a, const float* b, const float* c, float* y, float alpha, float beta, Product p,
                        Axes stack, const Operands& operands, const Chain& then) {
  Tile tile = tile_of_block(p.rows, p.columns, SIZE);
  Offsets at = offsets(stack, tile.matrix);
  a += at.a * p.a_matrix;
  b += at.b * p.b_matrix;
  i64 first = (i64)tile.matrix * p.rows * p.columns;
  mma_tile(number, left, right, tile.top, tile.side, p.rows, p.columns, p.inner, [=](int row, int k) { return a[(i64)row * p.a_down + (i64)k * p.a_right]; },
           [=](int column, int k) { return b[(i64)k * p.b_down + (i64)column * p.b_right]; },
           [&](int row, int column, float sum) {
             sum *= alpha;
             if (c) sum += beta * c[(i64)row * p.c_down + (i64)column * p.c_right];
             i64 place = first + (i64)row * p.columns + column;
             y[place] = chained(then, operands, place, sum);
           });
}

template <class Number, int SIZE>
__device__ void convolution(Number number, Side<SIZE>& left, Side<SIZE>& right, const float* x, const float* weights, const float* bias, float* y, Groups g,
                            Window w, const Operands& operands, const Chain& then) {
  int inner = g.channels * w.kernel_h * w.kernel_w;
  int pixels = w.out_h * w.out_w;
  int columns = g.batch * pixels;
  Tile tile = tile_of_block(g.features, columns, SIZE);
  i64 first = (i64)tile.matrix * g.features;
  mma_tile(number, left, right, tile.top, tile.side, g.features, columns, inner, [=](int feature, int k) { return weights[(first + feature) * inner + k]; },
           [=](int column, int k) { return gathered(x, g, w, tile.matrix, column, k); },
           [&](int feature, int column, float sum) {
             i64 plane = (i64)(column / pixels) * g.groups * g.features + first + feature;
             i64 place = plane * pixels + column % pixels;
             y[place] = chained(then, operands, place, sum + (bias ? bias[first + feature] : 0));
           });
}

#define TENSOR(name, number, size)                                                                                                              \
  KERNEL(product_##name##_##size, const float* a, const float* b, const float* c, float* y, float alpha, float beta, Product p, Axes stack,      \
         const float* o1, const float* o2, const float* o3, Chain then) {                                                                                                        \
    __shared__ Side<size> left;                                                                                                                 \
    __shared__ Side<size> right;                                                                                                                \
    product(number(), left, right, a, b, c, y, alpha, beta, p, stack, {{o1, o2, o3}}, then);                                                           \
  }                                                                                                                                             \
  KERNEL(conv_##name##_##size, const float* x, const float* weights, const float* bias, float* y, Groups g, Window w, const float* o1, const float* o2, const float* o3, Chain then) { \
    __shared__ Side<size> left;                                                                                                                 \
    __shared__ Side<size> right;                                                                                                                \
    convolution(number(), left, right, x, weights, bias, y, g, w, {{o1, o2, o3}}, then);                                                               \
  }

TENSOR(f16, F16, 64)
TENSOR(f16, F16, 128)
TENSOR(bf16, Bf16, 64)
TENSOR(bf16, Bf16, 128)
TENSOR(tf32, Tf32, 64)
TENSOR(tf32, Tf32, 128)
