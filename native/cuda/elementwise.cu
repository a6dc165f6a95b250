// Functions of one number, and of two that broadcast. Formula: y[i] = f(x[i]), and y[i] = f(a[i'], b[i'']). A thread for four
// neighbours, as far as there are threads; for each element where two broadcast along axes.
#include "chain.cuh"

// p and q are what attributes say.
#define UNARY(name, expression)                                         \
  KERNEL(name, const Real* in, Real* out, i64 n, float p, float q) {    \
    map(in, out, n, [=](i64, float x) -> float { return expression; }); \
  }

// What takes longer to compute than to move goes one by one: four times the code would win nothing.
#define UNARY_LONG(name, expression)                                 \
  KERNEL(name, const Real* in, Real* out, i64 n, float p, float q) { \
    FOR_EACH(i, n) {                                                 \
      float x = in[i];                                               \
      out[i] = expression;                                           \
    }                                                                \
  }

__device__ float softplus(float x) { return larger(x, 0) + log1pf(expf(-fabsf(x))); }

UNARY(unary_abs, fabsf(x))
UNARY_LONG(unary_acos, acosf(x))
UNARY_LONG(unary_acosh, acoshf(x))
UNARY_LONG(unary_asin, asinf(x))
UNARY_LONG(unary_asinh, asinhf(x))
UNARY_LONG(unary_atan, atanf(x))
UNARY_LONG(unary_atanh, atanhf(x))
UNARY(unary_ceil, ceilf(x))
UNARY_LONG(unary_celu, larger(0, x) + smaller(0, p * expm1f(x / p)))
UNARY(unary_clip, limited(x, p, q))
UNARY_LONG(unary_cos, cosf(x))
UNARY_LONG(unary_cosh, coshf(x))
UNARY_LONG(unary_elu, x < 0 ? p * expm1f(x) : x)
UNARY_LONG(unary_erf, erff(x))
UNARY(unary_exp, expf(x))
UNARY(unary_floor, floorf(x))
UNARY_LONG(unary_gelu, 0.5f * x * (1 + erff(x * 0.70710678f)))
UNARY_LONG(unary_gelu_tanh, 0.5f * x * (1 + tanhf(0.79788456f * (x + 0.044715f * x * x * x))))
UNARY(unary_hard_sigmoid, limited(p * x + q, 0, 1))
UNARY(unary_hard_swish, x* limited(x / 6 + 0.5f, 0, 1))
UNARY(unary_leaky_relu, x >= 0 ? x : p * x)
UNARY_LONG(unary_log, logf(x))
UNARY_LONG(unary_mish, x* tanhf(softplus(x)))
UNARY(unary_neg, -x)
UNARY(unary_reciprocal, 1 / x)
UNARY(unary_relu, larger(x, 0))
UNARY(unary_round, rintf(x))
UNARY_LONG(unary_selu, q * (x > 0 ? x : p * expm1f(x)))
UNARY(unary_sigmoid, logistic(x))
UNARY(unary_sign, is_nan(x) ? x : x > 0 ? 1.f : x < 0 ? -1.f : 0.f)
UNARY_LONG(unary_sin, sinf(x))
UNARY_LONG(unary_sinh, sinhf(x))
UNARY_LONG(unary_softplus, softplus(x))
UNARY(unary_softsign, x / (1 + fabsf(x)))
UNARY(unary_sqrt, sqrtf(x))
UNARY_LONG(unary_swish, x* logistic(p* x))
UNARY_LONG(unary_tan, tanf(x))
UNARY_LONG(unary_tanh, tanhf(x))
UNARY(unary_thresholded_relu, x > p ? x : 0)

#define BINARY_LONG(name, expression)                                                       \
  KERNEL(name, const Real* left, const Real* right, Real* out, i64 n, ARGUMENT Axes axes) { \
    FOR_EACH(i, n) {                                                                        \
      Offsets at = offsets(axes, i);                                                        \
      float a = left[at.a];                                                                 \
      float b = right[at.b];                                                                \
      out[i] = expression;                                                                  \
    }                                                                                       \
  }

#define BINARY(name, expression)                                                            \
  __device__ float of_##name(float a, float b) { return expression; }                       \
  KERNEL(name, const Real* left, const Real* right, Real* out, i64 n, ARGUMENT Axes axes) { \
    if (axes.rank == 1 && axes.a[0] == 1 && axes.b[0] == 1) {                               \
      map_pairs(left, right, out, n, of_##name);                                            \
    } else if (axes.rank == 1 && axes.a[0] == 1) {                                          \
      float b = *right;                                                                     \
      map(left, out, n, [=](i64, float a) -> float { return of_##name(a, b); });            \
    } else {                                                                                \
      FOR_EACH(i, n) {                                                                      \
        Offsets at = offsets(axes, i);                                                      \
        out[i] = of_##name(left[at.a], right[at.b]);                                        \
      }                                                                                     \
    }                                                                                       \
  }

BINARY(binary_add, a + b)
BINARY(binary_div, a / b)
BINARY(binary_max, larger(a, b))
BINARY(binary_min, smaller(a, b))
BINARY(binary_mul, a* b)
BINARY_LONG(binary_pow, powf(a, b))
BINARY(binary_prelu, a < 0 ? b * a : a)
BINARY(binary_sub, a - b)

// Several functions one after the other.
KERNEL(chain, const Real* in, Real* out, i64 n, const Real* o1, const Real* o2, const Real* o3, ARGUMENT Chain links) {
  Operands operands = {{o1, o2, o3}};
  map(in, out, n, [&](i64 i, float x) -> float { return chained(links, operands, i, x); });
}
