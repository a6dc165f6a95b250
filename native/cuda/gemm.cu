// Stacks of matrix products on tensor cores, of numbers of 16 bits in memory that lie in whole rows: y = f(alpha a b + beta c), as product.cu has it. A block of 256 threads makes
// 128 x 128 numbers, a warp 64 x 32 of them. Runs of eight neighbours go from memory to shared memory past the registers (cp.async), DEEPER along the inner dimension at a time and
// STAGES such panels at once, so that what is multiplied has been on its way for as long as two panels take (PTX ISA, "cp.async", "ldmatrix", "mma.sync"). Ampere and later.
#if defined(DWINDLE_F16) || defined(DWINDLE_BF16)
#include "chain.cuh"
#include "mma.cuh"
#include "parts.cuh"
#include "product.cuh"
#include "tile.cuh"

constexpr int STAGES = 3;
constexpr int DEEPER = 32;
constexpr int BLOCK = 128;
// Numbers that are brought together: 16 bytes.
constexpr int RUN = 8;

struct alignas(16) Run {
  Real at[RUN];
};

// Where a run of a panel lies: turned around so that the eight runs that ldmatrix reads at once lie in different banks.
struct Stage {
  Run left[BLOCK][DEEPER / RUN];
  Run right[DEEPER][BLOCK / RUN];

  MEMBER Run* of_left(int row, int run) { return &left[row][run ^ (row / 2 % (DEEPER / RUN))]; }

  MEMBER Run* of_right(int k, int run) { return &right[k][run ^ (k % RUN)]; }
};

#ifdef DWINDLE_EMULATED
__device__ void bring(Run* to, const Run* from, bool is_there) {
  emulator::bring_later(to, is_there ? from : nullptr, sizeof(Run));
}

__device__ void end_panel() { emulator::end_batch(); }

template <int PENDING>
__device__ void await_panels() {
  emulator::await_batches(PENDING);
}

template <bool TURNED>
__device__ void load(unsigned (&words)[4], const Run* row, const emulator::Site& site = emulator::Site::current()) {
  emulator::load_matrices(words, row, TURNED, site);
}
#elif __CUDA_ARCH__ >= 800
__device__ unsigned shared_address(const void* at) { return (unsigned)__cvta_generic_to_shared(at); }

// Zeros where nothing is there.
__device__ void bring(Run* to, const Run* from, bool is_there) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(from), "r"(is_there ? 16 : 0) : "memory");
}

__device__ void end_panel() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until all panels but the last so many are there.
template <int PENDING>
__device__ void await_panels() {
  asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
}

// Four matrices of 8 x 8 numbers whose rows begin where the lanes say, eight lanes for each: spread over the lanes as mma.sync wants its left side, or turned as it wants its right one.
template <bool TURNED>
__device__ void load(unsigned (&words)[4], const Run* row) {
  if (TURNED) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "r"(shared_address(row))
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "r"(shared_address(row))
                 : "memory");
  }
}
#else
// Turing cannot: the backend does not ask it to.
__device__ void bring(Run*, const Run*, bool) { __trap(); }

__device__ void end_panel() {}

template <int PENDING>
__device__ void await_panels() {}

template <bool TURNED>
__device__ void load(unsigned (&)[4], const Run*) {}
#endif

// Rows of a, b and y are whole runs, and so are those between matrices of a stack.
KERNEL(gemm, const Real* a, const Real* b, const Real* c, Real* y, float alpha, float beta, Product p, ARGUMENT Axes stack, const Real* o1, const Real* o2, const Real* o3, ARGUMENT Chain then,
       float* parts, i64 total, int share) {
  __shared__ Stage stages[STAGES];
  Operands operands = {{o1, o2, o3}};
  Tile tile = tile_of_block(p.rows, p.columns, BLOCK);
  Offsets at = offsets(stack, tile.matrix);
  a += at.a * p.a_matrix;
  b += at.b * p.b_matrix;
  i64 first = (i64)tile.matrix * p.rows * p.columns;

  Share inner = share_of_layer(p.inner, share);
  int panels = (inner.to - inner.from + DEEPER - 1) / DEEPER;
  auto fetch = [&](int panel) {
    if (panel < panels) {
      Stage& stage = stages[panel % STAGES];
      for (int i = threadIdx.x; i < BLOCK * DEEPER / RUN; i += blockDim.x) {
        int row = i / (DEEPER / RUN);
        int run = i % (DEEPER / RUN);
        int k = inner.from + panel * DEEPER + run * RUN;
        bool is_there = tile.top + row < p.rows && k < inner.to;
        bring(stage.of_left(row, run), is_there ? (const Run*)(a + (i64)(tile.top + row) * p.a_down + k) : (const Run*)a, is_there);
      }
      for (int i = threadIdx.x; i < BLOCK * DEEPER / RUN; i += blockDim.x) {
        int row = i / (BLOCK / RUN);
        int run = i % (BLOCK / RUN);
        int k = inner.from + panel * DEEPER + row;
        int column = tile.side + run * RUN;
        bool is_there = k < inner.to && column < p.columns;
        bring(stage.of_right(row, run), is_there ? (const Run*)(b + (i64)k * p.b_down + column) : (const Run*)b, is_there);
      }
    }
    end_panel();
  };

  int warp = threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  int top = warp / 4 * 64;
  int side = warp % 4 * 32;
  float sums[4][4][4] = {};
  for (int panel = 0; panel < STAGES - 1; panel++) fetch(panel);
  for (int panel = 0; panel < panels; panel++) {
    await_panels<STAGES - 2>();
    // All have their part of this panel, and nobody reads the one any more into whose place the next comes.
    __syncthreads();
    fetch(panel + STAGES - 1);
    Stage& stage = stages[panel % STAGES];
    for (int k = 0; k < DEEPER; k += 16) {
      unsigned right[4][2];
      for (int j = 0; j < 4; j += 2) {
        unsigned words[4];
        load<true>(words, stage.of_right(k + lane % 16, (side + 8 * j) / RUN + lane / 16));
        for (int i = 0; i < 4; i++) right[j + i / 2][i % 2] = words[i];
      }
      for (int m = 0; m < 4; m++) {
        unsigned left[4];
        load<false>(left, stage.of_left(top + 16 * m + lane % 16, k / RUN + lane / 16));
        for (int j = 0; j < 4; j++) multiply(Number(), sums[m][j], left, right[j]);
      }
    }
  }
  for (int m = 0; m < 4; m++) {
    for (int j = 0; j < 4; j++) {
      for (int i = 0; i < 4; i++) {
        int row = tile.top + top + 16 * m + lane / 4 + i / 2 * 8;
        int column = tile.side + side + 8 * j + lane % 4 * 2 + i % 2;
        if (row >= p.rows || column >= p.columns) continue;
        i64 place = first + (i64)row * p.columns + column;
        if (parts) {
          parts[blockIdx.y * total + place] = sums[m][j][i];
          continue;
        }
        float sum = alpha * sums[m][j][i];
        if (c) sum += beta * c[(i64)row * p.c_down + (i64)column * p.c_right];
        y[place] = chained(then, operands, place, sum);
      }
    }
  }
}
#endif
