// A tile of a matrix product on tensor cores: numbers are rounded to FP16, BF16 or TF32 as they come into shared memory, products are summed in FP32. A block of 256 threads,
// eight warps, makes SIZE x SIZE numbers, a warp SIZE/2 x SIZE/4 of them, in parts of 16 x 8 (PTX ISA, "Warp Level Matrix Instructions", mma.sync).
#pragma once
#include "parts.cuh"

// Numbers of which so many neighbours along the inner dimension make a word, the first in its low bits.
struct F16 {
  static constexpr int EACH = 2;
};
struct Bf16 {
  static constexpr int EACH = 2;
};
struct Tf32 {
  static constexpr int EACH = 1;
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
__device__ unsigned word_of(F16, float low, float high) { return half_of(low) | half_of(high) << 16; }

__device__ unsigned word_of(Bf16, float low, float high) { return bf16_of(low) | bf16_of(high) << 16; }

// Halfway away from zero, as the instruction does.
__device__ unsigned word_of(Tf32, float low, float) { return (unsigned)(__float_as_int(low) + 0x1000) & 0xffffe000; }

__device__ float dot(F16, unsigned a, unsigned b) {
  return emulator::of_half(a & 0xffff) * emulator::of_half(b & 0xffff) + emulator::of_half(a >> 16) * emulator::of_half(b >> 16);
}

__device__ float dot(Bf16, unsigned a, unsigned b) {
  return __int_as_float(a << 16) * __int_as_float(b << 16) + __int_as_float(a & 0xffff0000) * __int_as_float(b & 0xffff0000);
}

__device__ float dot(Tf32, unsigned a, unsigned b) { return __int_as_float(a) * __int_as_float(b); }

template <class Any>
void multiply(Any number, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], const emulator::Site& site = emulator::Site::current()) {
  emulator::multiply(d, a, b, [=](unsigned x, unsigned y) { return dot(number, x, y); }, site);
}
#else
#define MMA(shape, type, registers_a, registers_b, ...)                                                                                                   \
  asm volatile("mma.sync.aligned." shape ".row.col.f32." type "." type ".f32 {%0, %1, %2, %3}, " registers_a ", " registers_b ", {%0, %1, %2, %3};" \
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                                                                         \
               : __VA_ARGS__)

#if __CUDA_ARCH__ >= 800
__device__ unsigned word_of(F16, float low, float high) {
  unsigned word;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
  return word;
}

__device__ unsigned word_of(Bf16, float low, float high) {
  unsigned word;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
  return word;
}

__device__ unsigned word_of(Tf32, float low, float) {
  unsigned word;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(low));
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
__device__ unsigned word_of(F16, float low, float high) { return half_of(low) | half_of(high) << 16; }

__device__ void multiply(F16, float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  MMA("m16n8k8", "f16", "{%4, %5}", "{%6}", "r"(a[0]), "r"(a[1]), "r"(b[0]));
  MMA("m16n8k8", "f16", "{%4, %5}", "{%6}", "r"(a[2]), "r"(a[3]), "r"(b[1]));
}

// Turing's tensor cores know neither: the backend does not offer them there.
template <class Any>
__device__ unsigned word_of(Any, float, float) {
  __trap();
  return 0;
}

template <class Any>
__device__ void multiply(Any, float (&)[4], const unsigned (&)[4], const unsigned (&)[2]) {
  __trap();
}
#endif
#endif

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

// A matrix whose numbers lie at line * along_line + k * along_inner.
struct Strided {
  typedef i64 Line;
  typedef i64 Step;
  const Real* numbers;
  int along_line, along_inner;

  MEMBER Line line(int i) const { return (i64)i * along_line; }

  MEMBER Step step(int k) const { return (i64)k * along_inner; }

  MEMBER float at(Line line, Step step) const { return numbers[line + step]; }
};

// What a thread reads of a matrix while a tile is made, a word of each of its lines at a time.
template <int LOADS, class Matrix>
struct Fetching {
  Hand hand;
  int first, lines;
  typename Matrix::Line line[LOADS];
  unsigned words[LOADS];

  MEMBER Fetching(const Matrix& matrix, Hand own, int from, int count) : hand(own), first(from + own.line), lines(count) {
    for (int i = 0; i < LOADS; i++) line[i] = matrix.line(first + i * APART);
  }

  MEMBER void fetch(const Matrix& matrix, int from, int to) {
    int k = (from + hand.word) * Number::EACH;
    typename Matrix::Step step = matrix.step(k);
    typename Matrix::Step next = Number::EACH > 1 ? matrix.step(k + 1) : step;
    for (int i = 0; i < LOADS; i++) {
      bool is_there = first + i * APART < lines;
      float low = is_there && k < to ? matrix.at(line[i], step) : 0;
      float high = Number::EACH > 1 && is_there && k + 1 < to ? matrix.at(line[i], next) : 0;
      words[i] = word_of(Number(), low, high);
    }
  }

  template <int SIZE>
  MEMBER void store(unsigned (&panel)[SIZE][ROW]) const {
    for (int i = 0; i < LOADS; i++) panel[hand.line + i * APART][hand.word] = words[i];
  }
};

// y(i, j) = sum over the share's k of a(i, k) b(j, k), whose lines are i and j, the tile from row `top` and column `side` on; put(i, j, sum) takes what comes out.
template <int SIZE, class A, class B, class Put>
__device__ void mma_tile(Side<SIZE>& left, Side<SIZE>& right, int top, int side, int rows, int columns, Share share, const A& a, const B& b, Put put) {
  constexpr int LOADS = SIZE * DEEP / (32 * WARPS);
  constexpr int DOWN = SIZE / 2 / 16;
  constexpr int ACROSS = SIZE / 4 / 8;
  int warp = threadIdx.x / 32;
  int row = warp / 4 * (SIZE / 2) + threadIdx.x % 32 / 4;
  int column = warp % 4 * (SIZE / 4) + threadIdx.x % 32 / 4;
  int word = threadIdx.x % 4;

  Fetching<LOADS, A> of_left(a, left_hand(), top, rows);
  Fetching<LOADS, B> of_right(b, right_hand(), side, columns);
  auto fetch = [&](int from) {
    of_left.fetch(a, from, share.to);
    of_right.fetch(b, from, share.to);
  };
  auto store = [&](int turn) {
    of_left.store(left.words[turn]);
    of_right.store(right.words[turn]);
  };

  float sums[DOWN][ACROSS][4] = {};
  int first = share.from / Number::EACH;
  int words = (share.to + Number::EACH - 1) / Number::EACH;
  fetch(first);
  store(0);
  __syncthreads();
  for (int from = first, turn = 0; from < words; from += DEEP, turn ^= 1) {
    // What comes next is on its way while this is multiplied.
    bool more = from + DEEP < words;
    if (more) fetch(from + DEEP);
    for (int k = word; k < DEEP; k += STEP) {
      unsigned r[ACROSS][2];
      for (int j = 0; j < ACROSS; j++) {
        for (int i = 0; i < 2; i++) r[j][i] = right.words[turn][column + 8 * j][k + 4 * i];
      }
      for (int m = 0; m < DOWN; m++) {
        unsigned l[4];
        for (int i = 0; i < 4; i++) l[i] = left.words[turn][row + 16 * m + i % 2 * 8][k + i / 2 * 4];
        for (int j = 0; j < ACROSS; j++) multiply(Number(), sums[m][j], l, r[j]);
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
        if (y < rows && x < columns) put(y, x, sums[m][j][i]);
      }
    }
  }
}
