// A tile of a matrix product on tensor cores: numbers are rounded to FP16, BF16 or TF32 as they come into shared memory, products are summed in FP32. A block of 256 threads,
// eight warps, makes SIZE x SIZE numbers, a warp SIZE/2 x SIZE/4 of them, in parts of 16 x 8 (PTX ISA, "Warp Level Matrix Instructions", mma.sync).
#pragma once
#include "dwindle.cuh"

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

// Where a thread's word of a side lies: on the left neighbours along the inner dimension are read together, on the right neighbours in a row.
struct Spot {
  int line, word;
};

__device__ Spot left_spot(int i) { return {i / DEEP, i % DEEP}; }

__device__ Spot right_spot(int i) {
  int group = i / 32;
  return {group / 4 * 8 + i % 8, group % 4 * 4 + i % 32 / 8};
}

// at(line, k) is the number of a line, which is a row of the left matrix or a column of the right one.
template <class At>
__device__ unsigned fetched(At at, int line, int word, int lines, int inner) {
  int k = word * Number::EACH;
  float low = line < lines && k < inner ? at(line, k) : 0;
  float high = Number::EACH > 1 && line < lines && k + 1 < inner ? at(line, k + 1) : 0;
  return word_of(Number(), low, high);
}

// y(i, j) = sum over k of a(i, k) b(j, k), the tile from row `top` and column `side` on; put(i, j, sum) takes what comes out.
template <int SIZE, class A, class B, class Put>
__device__ void mma_tile(Side<SIZE>& left, Side<SIZE>& right, int top, int side, int rows, int columns, int inner, A a, B b, Put put) {
  constexpr int LOADS = SIZE * DEEP / (32 * WARPS);
  constexpr int DOWN = SIZE / 2 / 16;
  constexpr int ACROSS = SIZE / 4 / 8;
  int warp = threadIdx.x / 32;
  int row = warp / 4 * (SIZE / 2) + threadIdx.x % 32 / 4;
  int column = warp % 4 * (SIZE / 4) + threadIdx.x % 32 / 4;
  int word = threadIdx.x % 4;

  unsigned of_left[LOADS];
  unsigned of_right[LOADS];
  auto fetch = [&](int from) {
    for (int i = 0; i < LOADS; i++) {
      Spot l = left_spot(threadIdx.x + i * 32 * WARPS);
      of_left[i] = fetched(a, top + l.line, from + l.word, rows, inner);
      Spot r = right_spot(threadIdx.x + i * 32 * WARPS);
      of_right[i] = fetched(b, side + r.line, from + r.word, columns, inner);
    }
  };
  auto store = [&](int turn) {
    for (int i = 0; i < LOADS; i++) {
      Spot l = left_spot(threadIdx.x + i * 32 * WARPS);
      left.words[turn][l.line][l.word] = of_left[i];
      Spot r = right_spot(threadIdx.x + i * 32 * WARPS);
      right.words[turn][r.line][r.word] = of_right[i];
    }
  };

  float sums[DOWN][ACROSS][4] = {};
  int words = (inner + Number::EACH - 1) / Number::EACH;
  fetch(0);
  store(0);
  __syncthreads();
  for (int from = 0, turn = 0; from < words; from += DEEP, turn ^= 1) {
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
