// Products of matrices and convolutions on tensor cores, of numbers that are FP16 or BF16 in memory or FP32 ones that are rounded to TF32; sums are FP32. Formulas and layouts are those of product.cu and
// conv.cu; a block makes a tile of 64 x 64 numbers, or of 128 x 128 where there are enough of these for all of a GPU's processors.
#include "chain.cuh"
#include "groups.cuh"
#include "mma.cuh"
#include "parts.cuh"
#include "product.cuh"

template <int SIZE>
__device__ void product(Side<SIZE>& left, Side<SIZE>& right, const Real* a, const Real* b, const Real* c, Real* y, float alpha, float beta, Product p,
                        const Axes& stack, const Operands& operands, const Chain& then, float* parts, i64 total, int share) {
  Tile tile = tile_of_block(p.rows, p.columns, SIZE);
  Offsets at = offsets(stack, tile.matrix);
  a += at.a * p.a_matrix;
  b += at.b * p.b_matrix;
  i64 first = (i64)tile.matrix * p.rows * p.columns;
  mma_tile<Number, false>(left, right, tile.top, tile.side, p.rows, p.columns, share_of_layer(p.inner, share), Strided{a, p.a_down, p.a_right}, Strided{b, p.b_right, p.b_down},
           [&](int row, int column, float sum) {
             i64 place = first + (i64)row * p.columns + column;
             if (parts) {
               parts[blockIdx.y * total + place] = sum;
               return;
             }
             sum *= alpha;
             if (c) sum += beta * c[(i64)row * p.c_down + (i64)column * p.c_right];
             y[place] = chained(then, operands, place, sum);
           });
}

// The matrix of what each output reads, a line for each.
struct Gathered {
  typedef Corner Line;
  typedef Tap Step;
  typedef Real Raw;
  const Real* x;
  Groups g;
  Window w;
  int group;

  MEMBER Line line(int output) const { return corner_of(g, w, group, output); }

  MEMBER Step step(int tap) const { return tap_of(w, tap); }

  MEMBER Real at(const Line& line, const Step& step, bool is_there) const {
    i64 from = place(w, line, step);
    return read(x, from, is_there && from >= 0);
  }
};

template <int SIZE>
__device__ void convolution(Side<SIZE>& left, Side<SIZE>& right, const Real* x, const Real* weights, const Real* bias, Real* y, Groups g,
                            Window w, const Operands& operands, const Chain& then, float* parts, i64 total, int share) {
  int inner = g.channels * w.kernel_h * w.kernel_w;
  int pixels = w.out_h * w.out_w;
  int columns = g.batch * pixels;
  Tile tile = tile_of_block(g.features, columns, SIZE);
  i64 first = (i64)tile.matrix * g.features;
  mma_tile<Number, false>(left, right, tile.top, tile.side, g.features, columns, share_of_layer(inner, share), Strided{weights + first * inner, inner, 1}, Gathered{x, g, w, tile.matrix},
           [&](int feature, int column, float sum) {
             i64 plane = (i64)(column / pixels) * g.groups * g.features + first + feature;
             i64 place = plane * pixels + column % pixels;
             if (parts)
               parts[blockIdx.y * total + place] = sum;
             else
               y[place] = chained(then, operands, place, sum + (bias ? bias[first + feature] : 0.f));
           });
}

#define TENSOR(size)                                                                                                                                  \
  KERNEL(product_tensor_##size, const Real* a, const Real* b, const Real* c, Real* y, float alpha, float beta, Product p, ARGUMENT Axes stack, const Real* o1, \
         const Real* o2, const Real* o3, ARGUMENT Chain then, float* parts, i64 total, int share) {                                                            \
    __shared__ Side<size> left;                                                                                                                       \
    __shared__ Side<size> right;                                                                                                                      \
    product(left, right, a, b, c, y, alpha, beta, p, stack, {{o1, o2, o3}}, then, parts, total, share);                                               \
  }                                                                                                                                                   \
  KERNEL(conv_tensor_##size, const Real* x, const Real* weights, const Real* bias, Real* y, Groups g, Window w, const Real* o1, const Real* o2,       \
         const Real* o3, ARGUMENT Chain then, float* parts, i64 total, int share) {                                                                            \
    __shared__ Side<size> left;                                                                                                                       \
    __shared__ Side<size> right;                                                                                                                      \
    convolution(left, right, x, weights, bias, y, g, w, {{o1, o2, o3}}, then, parts, total, share);                                                   \
  }

TENSOR(64)
TENSOR(128)
