// A tile of a matrix product on tensor cores: of numbers that are FP16 or BF16 in memory, or FP32 and rounded to TF32 on their way into shared memory, whose products are summed in FP32; or
// of bytes, whose products are summed in 32 bits that wrap around. A block of 256 threads, eight warps, makes SIZE x SIZE numbers, a warp SIZE/2 x SIZE/4 of them, in parts of 16 x 8 (PTX ISA, "Warp Level Matrix Instructions", mma.sync).
#pragma once
#include "parts.cuh"

// Numbers of which so many neighbours along the inner dimension make a word, the first in its low bits.
struct F16 {
  static constexpr int EACH = 2;
  typedef float Sum;
};
struct Bf16 {
  static constexpr int EACH = 2;
  typedef float Sum;
};
struct Tf32 {
  static constexpr int EACH = 1;
  typedef float Sum;
};
struct S8 {
  static constexpr int EACH = 4;
  typedef int Sum;
};

// What numbers of this file's memory are on tensor cores.
#if defined(DWINDLE_F16)
typedef F16 Number;
#elif defined(DWINDLE_BF16)
typedef Bf16 Number;
#else
typedef Tf32 Number;
#endif

#ifdef DWINDLE_EMULATED
// Halfway away from zero, as the instruction does.
__device__ unsigned word_of(Tf32, float x) { return (unsigned)(__float_as_int(x) + 0x1000) & 0xffffe000; }

__device__ float dot(F16, unsigned a, unsigned b) {
  return emulator::of_half(a & 0xffff) * emulator::of_half(b & 0xffff) + emulator::of_half(a >> 16) * emulator::of_half(b >> 16);
}

__device__ float dot(Bf16, unsigned a, unsigned b) {
  return __int_as_float(a << 16) * __int_as_float(b << 16) + __int_as_float(a & 0xffff0000) * __int_as_float(b & 0xffff0000);
}

__device__ float dot(Tf32, unsigned a, unsigned b) { return __int_as_float(a) * __int_as_float(b); }

template <class Any>
void multiply(Any number, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], const emulator::Site& site = emulator::Site::current()) {
  emulator::multiply(d, a, b, [=](unsigned x, unsigned y, float sum) { return sum + dot(number, x, y); }, site);
}

__device__ void multiply(S8, int (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], const emulator::Site& site = emulator::Site::current()) {
  emulator::multiply(d, a, b, [](unsigned x, unsigned y, int sum) { return __dp4a((int)x, (int)y, sum); }, site);
}
#else
#define MMA(shape, type, registers_a, registers_b, ...)                                                                                                   \
  asm volatile("mma.sync.aligned." shape ".row.col.f32." type "." type ".f32 {%0, %1, %2, %3}, " registers_a ", " registers_b ", {%0, %1, %2, %3};" \
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                                                                         \
               : __VA_ARGS__)

#if __CUDA_ARCH__ >= 800
__device__ void multiply(S8, int (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ unsigned word_of(Tf32, float x) {
  unsigned word;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(x));
  return word;
}

__device__ void multiply(F16, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  MMA("m16n8k16", "f16", "{%4, %5, %6, %7}", "{%8, %9}", "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ void multiply(Bf16, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  MMA("m16n8k16", "bf16", "{%4, %5, %6, %7}", "{%8, %9}", "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ void multiply(Tf32, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  MMA("m16n8k8", "tf32", "{%4, %5, %6, %7}", "{%8, %9}", "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#else
// Eight rows and half of the inner dimension at a time.
__device__ void multiply(S8, int& low, int& high, unsigned a, unsigned b) {
  asm volatile("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};" : "+r"(low), "+r"(high) : "r"(a), "r"(b));
}

__device__ void multiply(S8 number, int (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  for (int i = 0; i < 4; i++) multiply(number, d[i % 2 * 2], d[i % 2 * 2 + 1], a[i], b[i / 2]);
}

__device__ void multiply(F16, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  MMA("m16n8k8", "f16", "{%4, %5}", "{%6}", "r"(a[0]), "r"(a[1]), "r"(b[0]));
  MMA("m16n8k8", "f16", "{%4, %5}", "{%6}", "r"(a[2]), "r"(a[3]), "r"(b[1]));
}

// Turing's tensor cores know neither: the backend does not offer them there.
__device__ unsigned word_of(Tf32, float) {
  __trap();
  return 0;
}

template <class Any>
__device__ void multiply(Any, float (&)[4], const unsigned (&)[4], const unsigned (&)[2]) {
  __trap();
}
#endif
#endif

__device__ unsigned word_of(Tf32 number, const float (&values)[1]) { return word_of(number, values[0]); }

__device__ unsigned word_of(F16, const Half (&values)[2]) { return values[0].bits | (unsigned)values[1].bits << 16; }

__device__ unsigned word_of(Bf16, const BFloat16 (&values)[2]) { return values[0].bits | (unsigned)values[1].bits << 16; }

__device__ unsigned word_of(S8, const int (&values)[4]) {
  return (unsigned)(values[0] & 255 | (values[1] & 255) << 8 | (values[2] & 255) << 16 | values[3] << 24);
}

constexpr int WARPS = 8;
// Words along the inner dimension that are in shared memory at once, in two turns; those of the next row lie in other banks.
constexpr int DEEP = 16;
constexpr int ROW = DEEP + 4;
constexpr int STEP = 8;

template <int SIZE>
struct Side {
  unsigned words[2][SIZE][ROW];
};

// Numbers that a thread brings: of each line, which is a row of the left matrix or a column of the right one, those of one word. On the left neighbours along the inner dimension are
// read together, on the right neighbours in a row.
struct Hand {
  int line, word;
};

__device__ Hand left_hand() { return {(int)threadIdx.x / DEEP, (int)threadIdx.x % DEEP}; }

__device__ Hand right_hand() { return {(int)threadIdx.x / 128 * 8 + (int)threadIdx.x % 8, (int)threadIdx.x / 32 % 4 * 4 + (int)threadIdx.x % 32 / 8}; }

// A thread's lines lie so far apart.
constexpr int APART = 32 * WARPS / DEEP;

// What stands at a place, or zero: something is read in any case, so that threads ask for all that they read before they wait for any of it.
template <class T>
__device__ T read(const T* numbers, i64 place, bool is_there) {
  T number = numbers[is_there ? place : 0];
  if (!is_there) number = T{};
  return number;
}

// A matrix whose numbers lie at line * along_line + k * along_inner.
struct Strided {
  typedef i64 Line;
  typedef i64 Step;
  typedef Real Raw;
  const Real* numbers;
  int along_line, along_inner;

  MEMBER Line line(int i) const { return (i64)i * along_line; }

  MEMBER Step step(int k) const { return (i64)k * along_inner; }

  MEMBER Real at(Line line, Step step, bool is_there) const { return read(numbers, line + step, is_there); }
};

// What a line has at these steps, of which so many are there, and the word that it makes.
template <int EACH, class Matrix>
__device__ void bring(const Matrix& matrix, const typename Matrix::Line& line, const typename Matrix::Step (&steps)[EACH], int there, typename Matrix::Raw (&raw)[EACH]) {
  for (int e = 0; e < EACH; e++) raw[e] = matrix.at(line, steps[e], e < there);
}

template <class Number, class Matrix>
__device__ unsigned word_of(Number number, const Matrix&, const typename Matrix::Raw (&raw)[Number::EACH]) {
  return word_of(number, raw);
}

// What a thread reads of a matrix while a tile is made, a word of each of its lines at a time. It is kept as it comes, and made into words only when it is put into shared memory.
template <class Number, int LOADS, class Matrix>
struct Fetching {
  Hand hand;
  int first, lines;
  typename Matrix::Line line[LOADS];
  typename Matrix::Raw raw[LOADS][Number::EACH];

  MEMBER Fetching(const Matrix& matrix, Hand own, int from, int count) : hand(own), first(from + own.line), lines(count) {
    for (int i = 0; i < LOADS; i++) line[i] = matrix.line(first + i * APART);
  }

  MEMBER void fetch(const Matrix& matrix, int from, int to) {
    int k = (from + hand.word) * Number::EACH;
    typename Matrix::Step steps[Number::EACH];
    for (int e = 0; e < Number::EACH; e++) steps[e] = matrix.step(k + e);
    for (int i = 0; i < LOADS; i++) bring(matrix, line[i], steps, first + i * APART < lines ? to - k : 0, raw[i]);
  }

  template <int SIZE>
  MEMBER void store(const Matrix& matrix, unsigned (&panel)[SIZE][ROW]) const {
    for (int i = 0; i < LOADS; i++) panel[hand.line + i * APART][hand.word] = word_of(Number(), matrix, raw[i]);
  }
};

// y(i, j) = sum over the share's k of a(i, k) b(j, k), whose lines are i and j, the tile from row `top` and column `side` on; put(i, j, sum) takes what comes out. With TOTALS, which is
// for bytes, put(i, j, sum, total of i, total of j) is told what the numbers of either line come to, too: their products with ones.
template <class Number, bool TOTALS, int SIZE, class A, class B, class Put>
__device__ void mma_tile(Side<SIZE>& left, Side<SIZE>& right, int top, int side, int rows, int columns, Share share, const A& a, const B& b, Put put) {
  typedef typename Number::Sum Sum;
  constexpr int LOADS = SIZE * DEEP / (32 * WARPS);
  constexpr int DOWN = SIZE / 2 / 16;
  constexpr int ACROSS = SIZE / 4 / 8;
  constexpr unsigned ONES[4] = {0x01010101, 0x01010101, 0x01010101, 0x01010101};
  int warp = threadIdx.x / 32;
  int row = warp / 4 * (SIZE / 2) + threadIdx.x % 32 / 4;
  int column = warp % 4 * (SIZE / 4) + threadIdx.x % 32 / 4;
  int word = threadIdx.x % 4;

  Fetching<Number, LOADS, A> of_left(a, left_hand(), top, rows);
  Fetching<Number, LOADS, B> of_right(b, right_hand(), side, columns);
  auto fetch = [&](int from) {
    of_left.fetch(a, from, share.to);
    of_right.fetch(b, from, share.to);
  };
  auto store = [&](int turn) {
    of_left.store(a, left.words[turn]);
    of_right.store(b, right.words[turn]);
  };

  Sum sums[DOWN][ACROSS][4] = {};
  Sum of_rows[DOWN][4] = {};
  Sum of_columns[ACROSS][4] = {};
  int first = share.from / Number::EACH;
  int words = (share.to + Number::EACH - 1) / Number::EACH;
  if (first < words) {
    fetch(first);
    store(0);
  }
  __syncthreads();
  for (int from = first, turn = 0; from < words; from += DEEP, turn ^= 1) {
    // What comes next is on its way while this is multiplied.
    bool more = from + DEEP < words;
    if (more) fetch(from + DEEP);
    for (int k = word; k < DEEP; k += STEP) {
      unsigned r[ACROSS][2];
      for (int j = 0; j < ACROSS; j++) {
        for (int i = 0; i < 2; i++) r[j][i] = right.words[turn][column + 8 * j][k + 4 * i];
        if constexpr (TOTALS) multiply(Number(), of_columns[j], ONES, r[j]);
      }
      for (int m = 0; m < DOWN; m++) {
        unsigned l[4];
        for (int i = 0; i < 4; i++) l[i] = left.words[turn][row + 16 * m + i % 2 * 8][k + i / 2 * 4];
        for (int j = 0; j < ACROSS; j++) multiply(Number(), sums[m][j], l, r[j]);
        if constexpr (TOTALS) multiply(Number(), of_rows[m], l, {ONES[0], ONES[1]});
      }
    }
    if (more) store(turn ^ 1);
    __syncthreads();
  }
  for (int m = 0; m < DOWN; m++) {
    for (int j = 0; j < ACROSS; j++) {
      for (int i = 0; i < 4; i++) {
        int y = top + row + 16 * m + i / 2 * 8;
        int x = side + warp % 4 * (SIZE / 4) + 8 * j + word * 2 + i % 2;
        if (y >= rows || x >= columns) continue;
        if constexpr (TOTALS)
          put(y, x, sums[m][j][i], of_rows[m][i], of_columns[j][i]);
        else
          put(y, x, sums[m][j][i]);
      }
    }
  }
}
