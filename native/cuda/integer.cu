// Products and convolutions of 8-bit integers on tensor cores, with 32-bit sums that wrap around. Formula: sum over k of (a[i, k] - za[i]) (b[k, j] - zb[j]), which is that of a b less
// zb times the sum of a and za times the sum of b, and more by inner za zb. Unsigned bytes and their zero points are brought to signed ones by 128 less, which changes nothing.
// What is quantized again becomes saturate(round(float(sum) (sa sb / sy)) + zy), each step in FP32, to the nearest even. Of products between DequantizeLinear and
// QuantizeLinear, v = float(sum) (sa sb) + bias, max(v, 0) where a Relu follows, and saturate(round(v / sy) + zy) where it is quantized.
#include "groups.cuh"
#include "mma.cuh"

typedef unsigned char u8;

// What is known of the bytes on either side: 128 where they are unsigned, else 0; and how far neighbouring zero points and scales lie apart, 0 for a single one.
struct Sides {
  int a_flip, b_flip;
  int a_zeros, b_zeros;
  int a_scales, b_scales;
};

__device__ int byte_at(const u8* at, int flip) { return (signed char)(*at ^ flip); }

__device__ int zero_at(const u8* zeros, i64 place, int flip) { return (signed char)((zeros ? zeros[place] : 0) ^ flip); }

// A matrix of bytes, as Strided has one of numbers.
struct Bytes {
  typedef i64 Line;
  typedef i64 Step;
  typedef int Raw;
  const u8* bytes;
  int along_line, along_inner, inner, flip;

  MEMBER Line line(int i) const { return (i64)i * along_line; }

  MEMBER Step step(int k) const { return (i64)k * along_inner; }

  MEMBER int at(const Line& line, const Step& step, bool is_there) const { return read(bytes, line + step, is_there) ^ (is_there ? flip : 0); }

  // Whether four neighbours along the inner dimension lie in one word of memory.
  MEMBER bool has_words() const { return along_inner == 1 && along_line % 4 == 0 && inner % 4 == 0 && (i64)bytes % 4 == 0; }
};

__device__ void bring(const Bytes& matrix, const i64& line, const i64 (&steps)[4], int there, int (&raw)[4]) {
  if (matrix.has_words()) {
    raw[0] = (int)(read((const unsigned*)matrix.bytes, (line + steps[0]) / 4, there > 0) ^ (there > 0 ? (unsigned)matrix.flip * 0x01010101u : 0));
  } else {
    for (int e = 0; e < 4; e++) raw[e] = matrix.at(line, steps[e], e < there);
  }
}

__device__ unsigned word_of(S8 number, const Bytes& matrix, const int (&raw)[4]) { return matrix.has_words() ? (unsigned)raw[0] : word_of(number, raw); }

// What each output of a convolution reads; in the padding stands the zero point.
struct GatheredBytes {
  typedef Corner Line;
  typedef Tap Step;
  typedef int Raw;
  const u8* x;
  Groups g;
  Window w;
  int group, flip, zero;

  MEMBER Line line(int output) const { return corner_of(g, w, group, output); }

  MEMBER Step step(int tap) const { return tap_of(w, tap); }

  MEMBER int at(const Line& line, const Step& step, bool is_there) const {
    i64 from = place(w, line, step);
    int byte = read(x, from, from >= 0 && is_there) ^ flip;
    return !is_there ? 0 : from < 0 ? zero : byte;
  }
};

// What a sum of products of bytes comes to when zero points are taken off: of a row and a column with these totals.
__device__ int without_zeros(int sum, int of_row, int of_column, unsigned row_zero, unsigned column_zero, int inner) {
  return (int)(sum - column_zero * of_row - row_zero * of_column + inner * row_zero * column_zero);
}

__device__ u8 requantized(int sum, float a_scale, float b_scale, float y_scale, int zero, int flip) {
  float multiplier = __fdiv_rn(__fmul_rn(a_scale, b_scale), y_scale);
  float low = flip ? 0 : -128;
  float q = rintf(__fmul_rn((float)sum, multiplier)) + zero;
  return (u8)(int)fminf(low + 255, fmaxf(low, q));
}

__device__ int output_zero(const u8* zero, int flip) { return flip ? *zero : (signed char)*zero; }

// Sums are put as they are, quantized again, or made numbers, which may be quantized then.
enum Kind { SUMS, QUANTIZED, NUMBERS };

struct Ending {
  int kind, relu;
  int flip;  // as in Sides, of the output
  float alpha, beta;
  int bias_down, bias_along;
};

// Where sums go, by the scales of their rows and columns. A bias is of integers for QUANTIZED, else of numbers.
struct Destination {
  u8* y;
  const float* a_scale;
  const float* b_scale;
  const void* bias;
  const float* y_scale;
  const u8* y_zero;
};

__device__ void put_sum(const Destination& to, const Sides& s, const Ending& end, i64 at, int row, int column, int sum) {
  if (end.kind == SUMS) {
    ((int*)to.y)[at] = sum;
    return;
  }
  float a_scale = to.a_scale[row * s.a_scales];
  float b_scale = to.b_scale[column * s.b_scales];
  int biased = row * end.bias_down + column * end.bias_along;
  if (end.kind == QUANTIZED) {
    if (to.bias) sum = (int)((unsigned)sum + ((const int*)to.bias)[biased]);
    to.y[at] = requantized(sum, a_scale, b_scale, *to.y_scale, output_zero(to.y_zero, end.flip), end.flip);
    return;
  }
  float v = (float)sum * (end.alpha * (a_scale * b_scale));
  if (to.bias) v += end.beta * ((const float*)to.bias)[biased];
  if (end.relu) v = larger(v, 0);
  if (!to.y_scale) {
    ((float*)to.y)[at] = v;
    return;
  }
  float low = end.flip ? 0 : -128;
  float origin = to.y_zero ? output_zero(to.y_zero, end.flip) : 0;
  float q = rintf(__fdiv_rn(v, *to.y_scale)) + origin;
  to.y[at] = (u8)(int)(is_nan(q) ? origin : fminf(low + 255, fmaxf(low, q)));
}

// rows x inner times inner x columns; neighbours in a column and in a row lie so far apart. The stack's axes count matrices.
struct Matrices {
  int rows, inner, columns;
  int a_down, a_right;
  int b_down, b_right;
};

KERNEL(product_integer, const u8* a, const u8* b, const u8* a_zero, const u8* b_zero, u8* y, Matrices m, ARGUMENT Axes stack, Sides s, const float* a_scale, const float* b_scale,
       const void* bias, const float* y_scale, const u8* y_zero, Ending end) {
  __shared__ Side<TILE> left;
  __shared__ Side<TILE> right;
  Tile tile = tile_of_block(m.rows, m.columns);
  Offsets at = offsets(stack, tile.matrix);
  a += at.a * m.rows * m.inner;
  b += at.b * m.inner * m.columns;
  i64 first = (i64)tile.matrix * m.rows * m.columns;
  mma_tile<S8, true>(left, right, tile.top, tile.side, m.rows, m.columns, {0, m.inner}, Bytes{a, m.a_down, m.a_right, m.inner, s.a_flip},
                     Bytes{b, m.b_right, m.b_down, m.inner, s.b_flip}, [&](int i, int j, int sum, int of_row, int of_column) {
                       int row_zero = zero_at(a_zero, (i64)i * s.a_zeros, s.a_flip);
                       int column_zero = zero_at(b_zero, (i64)j * s.b_zeros, s.b_flip);
                       put_sum({y, a_scale, b_scale, bias, y_scale, y_zero}, s, end, first + (i64)i * m.columns + j, i, j,
                               without_zeros(sum, of_row, of_column, row_zero, column_zero, m.inner));
                     });
}

// As in conv.cu: features x (channels, kernel) times (channels, kernel) x (batch, pixels). The weights are on the left; in the padding stands the zero point.
KERNEL(conv_integer, const u8* weights, const u8* x, const u8* weights_zero, const u8* x_zero, u8* y, Groups g, Window w, Sides s, const float* weights_scale, const float* x_scale,
       const void* bias, const float* y_scale, const u8* y_zero, Ending end) {
  __shared__ Side<TILE> left;
  __shared__ Side<TILE> right;
  int inner = g.channels * w.kernel_h * w.kernel_w;
  int pixels = w.out_h * w.out_w;
  int columns = g.batch * pixels;
  Tile tile = tile_of_block(g.features, columns);
  int group = tile.matrix;
  i64 first = (i64)group * g.features;
  int zero = zero_at(x_zero, 0, s.b_flip);
  mma_tile<S8, true>(left, right, tile.top, tile.side, g.features, columns, {0, inner}, Bytes{weights + first * inner, inner, 1, inner, s.a_flip},
                     GatheredBytes{x, g, w, group, s.b_flip, zero}, [&](int i, int j, int sum, int of_row, int of_column) {
                       int f = (int)(first + i);
                       i64 plane = (i64)(j / pixels) * g.groups * g.features + f;
                       int row_zero = zero_at(weights_zero, (i64)f * s.a_zeros, s.a_flip);
                       put_sum({y, weights_scale, x_scale, bias, y_scale, y_zero}, s, end, plane * pixels + j % pixels, f, 0,
                               without_zeros(sum, of_row, of_column, row_zero, zero, inner));
                     });
}

// The same for groups of one channel, where tiles would be almost empty: a thread for each output.
KERNEL(depthwise_integer, const u8* weights, const u8* x, const u8* weights_zero, const u8* x_zero, u8* y, Groups g, Window w, Sides s, const float* weights_scale,
       const float* x_scale, const void* bias, const float* y_scale, const u8* y_zero, Ending end, i64 count) {
  int features = g.groups * g.features;
  FOR_EACH(at, count) {
    int pixel = (int)(at % (w.out_h * w.out_w));
    i64 plane = at / (w.out_h * w.out_w);
    int feature = (int)(plane % features);
    const u8* image = x + (plane / features * g.groups + feature / g.features) * w.in_h * w.in_w;
    int of_weights = zero_at(weights_zero, (i64)feature * s.a_zeros, s.a_flip);
    int of_x = zero_at(x_zero, 0, s.b_flip);
    int sum = 0;
    for (int tap = 0; tap < w.kernel_h * w.kernel_w; tap++) {
      int row = first_row(w, pixel / w.out_w) + tap / w.kernel_w * w.dilation_h;
      int column = first_column(w, pixel % w.out_w) + tap % w.kernel_w * w.dilation_w;
      if (!is_inside(w, row, column)) continue;
      int weight = byte_at(weights + (i64)feature * w.kernel_h * w.kernel_w + tap, s.a_flip) - of_weights;
      sum += weight * (byte_at(image + (i64)row * w.in_w + column, s.b_flip) - of_x);
    }
    put_sum({y, weights_scale, x_scale, bias, y_scale, y_zero}, s, end, at, feature, 0, sum);
  }
}
