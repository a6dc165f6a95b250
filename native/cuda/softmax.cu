// Softmax and its logarithm over one axis. Formula: y = exp(x - m) / sum exp(x - m), m the largest of a row. A block for each
// row; row i begins at i / inner * columns * inner + i % inner, and its elements lie inner apart.
#include "dwindle.cuh"

#define SOFTMAX(name, finished)                                                                        \
  KERNEL(name, const Real* x, Real* y, int columns, i64 inner) {                                       \
    i64 start = blockIdx.x / inner * columns * inner + blockIdx.x % inner;                             \
    float most = -infinity();                                                                          \
    for (int i = threadIdx.x; i < columns; i += blockDim.x) most = larger(most, x[start + i * inner]); \
    most = block_max(most);                                                                            \
    float sum = 0;                                                                                     \
    for (int i = threadIdx.x; i < columns; i += blockDim.x) sum += expf(x[start + i * inner] - most);  \
    sum = block_sum(sum);                                                                              \
    for (int i = threadIdx.x; i < columns; i += blockDim.x) {                                          \
      float less = x[start + i * inner] - most;                                                        \
      y[start + i * inner] = finished;                                                                 \
    }                                                                                                  \
  }

SOFTMAX(softmax, expf(less) / sum)
SOFTMAX(log_softmax, less - logf(sum))
