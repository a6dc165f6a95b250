// Products and convolutions of 8-bit integers with 32-bit sums that wrap around. Formula: sum over k of (a[i, k] - za[i]) (b[k, j] - zb[j]), which is that of a b less
// zb times the sum of a and za times the sum of b, and more by inner za zb. Unsigned bytes and their zero points are brought to signed ones by 128 less, which changes nothing.
// What is quantized again becomes saturate(round(float(sum) (sa sb / sy)) + zy), each step in FP32, to the nearest even. Of products between DequantizeLinear and
// QuantizeLinear, v = float(sum) (sa sb) + bias, max(v, 0) where a Relu follows, and saturate(round(v / sy) + zy) where it is quantized.
#include "groups.cuh"

typedef unsigned char u8;

constexpr int WORDS = 16;
constexpr int BYTES = 4 * WORDS;

// Four neighbours along the inner dimension in each word.
typedef int Words[WORDS][TILE + 1];

// What is known of the bytes on either side and of the output: 128 where they are unsigned, else 0; and how far neighbouring zero points and scales lie apart, 0 for a single one.
struct Sides {
  int a_flip, b_flip, y_flip;
  int a_zeros, b_zeros;
  int a_scales, b_scales;
};

__device__ int byte_at(const u8* at, int flip) { return (signed char)(*at ^ flip); }

__device__ int zero_at(const u8* zeros, i64 place, int flip) { return (signed char)((zeros ? zeros[place] : 0) ^ flip); }

// Sums of a thread's part of a tile, and of its rows and columns alone.
struct Sums8 {
  int products[EACH][EACH];
  int rows[EACH];
  int columns[EACH];
};

__device__ void accumulate(Sums8& sums, const Words& left, const Words& right) {
  constexpr int ONES = 0x01010101;
  for (int k = 0; k < WORDS; k++) {
    for (int i = 0; i < EACH; i++) {
      int a = left[k][tile_row(i)];
      sums.rows[i] = __dp4a(a, ONES, sums.rows[i]);
      for (int j = 0; j < EACH; j++) sums.products[i][j] = __dp4a(a, right[k][tile_column(j)], sums.products[i][j]);
    }
    for (int j = 0; j < EACH; j++) sums.columns[j] = __dp4a(right[k][tile_column(j)], ONES, sums.columns[j]);
  }
}

// A tile of a product: a(i, k) and b(k, j) are the signed bytes, za(i) and zb(j) their zero points, and put(i, j, sum) takes what comes out.
template <class A, class B, class ZeroA, class ZeroB, class Put>
__device__ void integer_tile(Words& left, Words& right, Tile tile, int rows, int columns, int inner, A a, B b, ZeroA za, ZeroB zb, Put put) {
  Sums8 sums = {};
  for (int from = 0; from < inner; from += BYTES) {
    for (int i = threadIdx.x; i < WORDS * TILE; i += blockDim.x) {
      int row = tile.top + i / WORDS;
      int k = from + 4 * (i % WORDS);
      int word = 0;
      for (int q = 0; q < 4; q++) word |= (row < rows && k + q < inner ? a(row, k + q) & 255 : 0) << 8 * q;
      left[i % WORDS][i / WORDS] = word;
      int column = tile.side + i % TILE;
      k = from + 4 * (i / TILE);
      word = 0;
      for (int q = 0; q < 4; q++) word |= (column < columns && k + q < inner ? b(k + q, column) & 255 : 0) << 8 * q;
      right[i / TILE][i % TILE] = word;
    }
    __syncthreads();
    accumulate(sums, left, right);
    __syncthreads();
  }
  for (int i = 0; i < EACH; i++) {
    for (int j = 0; j < EACH; j++) {
      int row = tile.top + tile_row(i);
      int column = tile.side + tile_column(j);
      if (row >= rows || column >= columns) continue;
      unsigned row_zero = za(row);
      unsigned column_zero = zb(column);
      put(row, column,
          (int)(sums.products[i][j] - column_zero * sums.rows[i] - row_zero * sums.columns[j] + inner * row_zero * column_zero));
    }
  }
}

__device__ u8 requantized(int sum, float a_scale, float b_scale, float y_scale, int zero, int flip) {
  float multiplier = __fdiv_rn(__fmul_rn(a_scale, b_scale), y_scale);
  float low = flip ? 0 : -128;
  float q = rintf(__fmul_rn((float)sum, multiplier)) + zero;
  return (u8)(int)fminf(low + 255, fmaxf(low, q));
}

__device__ int output_zero(const u8* zero, int flip) { return flip ? *zero : (signed char)*zero; }

// What becomes of a sum that stands for numbers: FP32, or bytes where there is a scale for them.
struct Ending {
  int relu, flip;
};

__device__ void put_number(u8* y, i64 at, float v, const float* y_scale, const u8* y_zero, Ending end) {
  if (end.relu) v = larger(v, 0);
  if (!y_scale) {
    ((float*)y)[at] = v;
    return;
  }
  float low = end.flip ? 0 : -128;
  float origin = y_zero ? output_zero(y_zero, end.flip) : 0;
  float q = rintf(__fdiv_rn(v, *y_scale)) + origin;
  y[at] = (u8)(int)(is_nan(q) ? origin : fminf(low + 255, fmaxf(low, q)));
}

// rows x inner times inner x columns; neighbours in a column and in a row lie so far apart. The stack's axes count matrices.
struct Matrices {
  int rows, inner, columns;
  int a_down, a_right;
  int b_down, b_right;
};

template <class Put>
__device__ void integer_product(Words& left, Words& right, const u8* a, const u8* b, const u8* a_zero, const u8* b_zero, Matrices m, Axes stack, Sides s,
                                Put put) {
  Tile tile = tile_of_block(m.rows, m.columns);
  Offsets at = offsets(stack, tile.matrix);
  a += at.a * m.rows * m.inner;
  b += at.b * m.inner * m.columns;
  i64 first = (i64)tile.matrix * m.rows * m.columns;
  integer_tile(left, right, tile, m.rows, m.columns, m.inner, [=](int i, int k) { return byte_at(a + (i64)i * m.a_down + (i64)k * m.a_right, s.a_flip); },
               [=](int k, int j) { return byte_at(b + (i64)k * m.b_down + (i64)j * m.b_right, s.b_flip); },
               [=](int i) { return zero_at(a_zero, (i64)i * s.a_zeros, s.a_flip); },
               [=](int j) { return zero_at(b_zero, (i64)j * s.b_zeros, s.b_flip); },
               [=](int i, int j, int sum) { put(first + (i64)i * m.columns + j, i, j, sum); });
}

KERNEL(product_integer, const u8* a, const u8* b, const u8* a_zero, const u8* b_zero, int* y, Matrices m, Axes stack, Sides s) {
  __shared__ Words left;
  __shared__ Words right;
  integer_product(left, right, a, b, a_zero, b_zero, m, stack, s, [=](i64 at, int, int, int sum) { y[at] = sum; });
}

KERNEL(product_quantized, const u8* a, const u8* b, const u8* a_zero, const u8* b_zero, u8* y, Matrices m, Axes stack, Sides s, const float* a_scale,
       const float* b_scale, const float* y_scale, const u8* y_zero) {
  __shared__ Words left;
  __shared__ Words right;
  integer_product(left, right, a, b, a_zero, b_zero, m, stack, s, [=](i64 at, int i, int j, int sum) {
    y[at] = requantized(sum, a_scale[i * s.a_scales], b_scale[j * s.b_scales], *y_scale, output_zero(y_zero, s.y_flip), s.y_flip);
  });
}

// The bias is that of a column.
KERNEL(product_dequantized, const u8* a, const u8* b, const u8* a_zero, const u8* b_zero, u8* y, Matrices m, Axes stack, Sides s, const float* a_scale,
       const float* b_scale, const float* bias, const float* y_scale, const u8* y_zero, float alpha, float beta, int bias_step, Ending end) {
  __shared__ Words left;
  __shared__ Words right;
  integer_product(left, right, a, b, a_zero, b_zero, m, stack, s, [=](i64 at, int i, int j, int sum) {
    float v = (float)sum * (alpha * (a_scale[i * s.a_scales] * b_scale[j * s.b_scales]));
    put_number(y, at, bias ? v + beta * bias[j * bias_step] : v, y_scale, y_zero, end);
  });
}

// As in conv.cu: features x (channels, kernel) times (channels, kernel) x (batch, pixels). The weights are on the left; in the padding stands the zero point.
template <class Put>
__device__ void integer_conv(Words& left, Words& right, const u8* weights, const u8* x, const u8* weights_zero, const u8* x_zero, Groups g, Window w, Sides s,
                             Put put) {
  int inner = g.channels * w.kernel_h * w.kernel_w;
  int pixels = w.out_h * w.out_w;
  int columns = g.batch * pixels;
  Tile tile = tile_of_block(g.features, columns);
  int group = tile.matrix;
  i64 first = (i64)group * g.features;
  int zero = zero_at(x_zero, 0, s.b_flip);
  integer_tile(left, right, tile, g.features, columns, inner, [=](int i, int k) { return byte_at(weights + (first + i) * inner + k, s.a_flip); },
               [=](int k, int j) {
                 i64 at = place(g, w, group, j, k);
                 return at < 0 ? zero : byte_at(x + at, s.b_flip);
               },
               [=](int i) { return zero_at(weights_zero, (first + i) * s.a_zeros, s.a_flip); }, [=](int) { return zero; },
               [=](int i, int j, int sum) {
                 i64 plane = (i64)(j / pixels) * g.groups * g.features + first + i;
                 put(plane * pixels + j % pixels, (int)(first + i), sum);
               });
}

// The same for groups of one channel, where tiles would be almost empty: a thread for each output.
template <class Put>
__device__ void integer_depthwise(const u8* weights, const u8* x, const u8* weights_zero, const u8* x_zero, Groups g, Window w, Sides s, i64 count, Put put) {
  int features = g.groups * g.features;
  FOR_EACH(at, count) {
    int pixel = (int)(at % (w.out_h * w.out_w));
    i64 plane = at / (w.out_h * w.out_w);
    int feature = (int)(plane % features);
    const u8* image = x + (plane / features * g.groups + feature / g.features) * w.in_h * w.in_w;
    int of_weights = zero_at(weights_zero, feature * s.a_zeros, s.a_flip);
    int of_x = zero_at(x_zero, 0, s.b_flip);
    int sum = 0;
    for (int tap = 0; tap < w.kernel_h * w.kernel_w; tap++) {
      int row = first_row(w, pixel / w.out_w) + tap / w.kernel_w * w.dilation_h;
      int column = first_column(w, pixel % w.out_w) + tap % w.kernel_w * w.dilation_w;
      if (!is_inside(w, row, column)) continue;
      int weight = byte_at(weights + (i64)feature * w.kernel_h * w.kernel_w + tap, s.a_flip) - of_weights;
      sum += weight * (byte_at(image + (i64)row * w.in_w + column, s.b_flip) - of_x);
    }
    put(at, feature, sum);
  }
}

KERNEL(conv_integer, const u8* weights, const u8* x, const u8* weights_zero, const u8* x_zero, int* y, Groups g, Window w, Sides s) {
  __shared__ Words left;
  __shared__ Words right;
  integer_conv(left, right, weights, x, weights_zero, x_zero, g, w, s, [=](i64 at, int, int sum) { y[at] = sum; });
}

KERNEL(depthwise_integer, const u8* weights, const u8* x, const u8* weights_zero, const u8* x_zero, int* y, Groups g, Window w, Sides s, i64 count) {
  integer_depthwise(weights, x, weights_zero, x_zero, g, w, s, count, [=](i64 at, int, int sum) { y[at] = sum; });
}

KERNEL(conv_quantized, const u8* weights, const u8* x, const u8* weights_zero, const u8* x_zero, u8* y, Groups g, Window w, Sides s, const float* weights_scale,
       const float* x_scale, const float* y_scale, const u8* y_zero, const int* bias) {
  __shared__ Words left;
  __shared__ Words right;
  integer_conv(left, right, weights, x, weights_zero, x_zero, g, w, s, [=](i64 at, int f, int sum) {
    y[at] = requantized((int)((unsigned)sum + (bias ? bias[f] : 0)), *x_scale, weights_scale[f * s.a_scales], *y_scale, output_zero(y_zero, s.y_flip), s.y_flip);
  });
}

KERNEL(depthwise_quantized, const u8* weights, const u8* x, const u8* weights_zero, const u8* x_zero, u8* y, Groups g, Window w, Sides s,
       const float* weights_scale, const float* x_scale, const float* y_scale, const u8* y_zero, const int* bias, i64 count) {
  integer_depthwise(weights, x, weights_zero, x_zero, g, w, s, count, [=](i64 at, int f, int sum) {
    y[at] = requantized((int)((unsigned)sum + (bias ? bias[f] : 0)), *x_scale, weights_scale[f * s.a_scales], *y_scale, output_zero(y_zero, s.y_flip), s.y_flip);
  });
}

KERNEL(conv_dequantized, const u8* weights, const u8* x, const u8* weights_zero, const u8* x_zero, u8* y, Groups g, Window w, Sides s, const float* weights_scale,
       const float* x_scale, const float* bias, const float* y_scale, const u8* y_zero, Ending end) {
  __shared__ Words left;
  __shared__ Words right;
  integer_conv(left, right, weights, x, weights_zero, x_zero, g, w, s, [=](i64 at, int f, int sum) {
    float v = (float)sum * (*x_scale * weights_scale[f * s.a_scales]);
    put_number(y, at, bias ? v + bias[f] : v, y_scale, y_zero, end);
  });
}

KERNEL(depthwise_dequantized, const u8* weights, const u8* x, const u8* weights_zero, const u8* x_zero, u8* y, Groups g, Window w, Sides s,
       const float* weights_scale, const float* x_scale, const float* bias, const float* y_scale, const u8* y_zero, Ending end, i64 count) {
  integer_depthwise(weights, x, weights_zero, x_zero, g, w, s, count, [=](i64 at, int f, int sum) {
    float v = (float)sum * (*x_scale * weights_scale[f * s.a_scales]);
    put_number(y, at, bias ? v + bias[f] : v, y_scale, y_zero, end);
  });
}
