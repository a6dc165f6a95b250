// LSTM over whole sequences (Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997, with peepholes as ONNX has them). Formulas, for gates
// input, output, forget and candidate in this order: i = s(Wi x + Ri h + bi + pi c), f = s(Wf x + Rf h + bf + pf c),
// c' = f c + i tanh(Wc x + Rc h + bc), o = s(Wo x + Ro h + bo + po c'), h' = o tanh(c').
#include "dwindle.cuh"

struct Sequences {
  int steps, batch, hidden, directions;
  int reversed;  // a bit for each direction
};

constexpr int GATES = 4;
constexpr int MOST_HIDDEN = 2048;
enum Gate { INPUT, OUTPUT, FORGET, CANDIDATE };

__device__ float gate(float x) { return 1 / (1 + expf(-x)); }

// A block for each sequence of each direction, a warp for each unit, as far as there are warps. What W makes of all inputs is there
// already: directions x steps x batch x gates x hidden.
KERNEL(lstm, const float* of_inputs, const float* recurrent, const float* biases, const float* first_h, const float* first_c,
       const float* peepholes, float* y, float* last_h, float* last_c, Sequences s) {
  __shared__ float h[MOST_HIDDEN];
  __shared__ float next[MOST_HIDDEN];
  __shared__ float c[MOST_HIDDEN];
  int sequence = blockIdx.x % s.batch;
  int direction = blockIdx.x / s.batch;
  int lane = threadIdx.x % 32;
  i64 state = (i64)blockIdx.x * s.hidden;
  const float* r = recurrent + (i64)direction * GATES * s.hidden * s.hidden;
  const float* b = biases ? biases + (i64)direction * 2 * GATES * s.hidden : 0;
  const float* p = peepholes ? peepholes + (i64)direction * 3 * s.hidden : 0;
  for (int u = threadIdx.x; u < s.hidden; u += blockDim.x) {
    h[u] = first_h ? first_h[state + u] : 0;
    c[u] = first_c ? first_c[state + u] : 0;
  }
  __syncthreads();
  for (int t = 0; t < s.steps; t++) {
    int step = s.reversed >> direction & 1 ? s.steps - 1 - t : t;
    const float* x = of_inputs + (((i64)direction * s.steps + step) * s.batch + sequence) * GATES * s.hidden;
    for (int u = threadIdx.x / 32; u < s.hidden; u += blockDim.x / 32) {
      float sums[GATES];
      for (int g = 0; g < GATES; g++) {
        const float* row = r + ((i64)g * s.hidden + u) * s.hidden;
        float sum = 0;
        for (int k = lane; k < s.hidden; k += 32) sum = multiply_add(row[k], h[k], sum);
        for (int mask = 16; mask > 0; mask /= 2) sum += __shfl_xor_sync(~0u, sum, mask);
        int at = g * s.hidden + u;
        sums[g] = sum + x[at] + (b ? b[at] + b[GATES * s.hidden + at] : 0);
      }
      if (lane != 0) continue;
      float before = c[u];
      float in = gate(sums[INPUT] + (p ? p[u] * before : 0));
      float kept = gate(sums[FORGET] + (p ? p[2 * s.hidden + u] * before : 0));
      float cell = kept * before + in * tanhf(sums[CANDIDATE]);
      float out = gate(sums[OUTPUT] + (p ? p[s.hidden + u] * cell : 0));
      c[u] = cell;
      next[u] = out * tanhf(cell);
    }
    __syncthreads();
    for (int u = threadIdx.x; u < s.hidden; u += blockDim.x) {
      h[u] = next[u];
      if (y) y[(((i64)step * s.directions + direction) * s.batch + sequence) * s.hidden + u] = next[u];
    }
    __syncthreads();
  }
  for (int u = threadIdx.x; u < s.hidden; u += blockDim.x) {
    if (last_h) last_h[state + u] = h[u];
    if (last_c) last_c[state + u] = c[u];
  }
}
