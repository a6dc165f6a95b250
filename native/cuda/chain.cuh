// Functions of one number after the other, while it is still in a register: what follows a product, a convolution or another function and reads nothing else, or what is there already.
#pragma once
#include "dwindle.cuh"

__device__ float logistic(float x) { return 1 / (1 + expf(-x)); }

__device__ float limited(float x, float low, float high) { return smaller(high, larger(low, x)); }

// The codes of functions; those of two numbers have the other one on the right, or on the left where they are turned.
enum Function { RELU, CLIP, LEAKY_RELU, HARD_SIGMOID, HARD_SWISH, SIGMOID, NEG, ABS, SQRT, EXP, TANH, ERF, ADD, SUB, MUL, DIV, MAX, MIN, SUB_TURNED, DIV_TURNED };

// p and q are what attributes say. The other number is p where there is no operand; else it stands in an operand of so many numbers, of which each is that of so many neighbours;
// of a size of 0, at the same place.
struct Link {
  int function;
  float p, q;
  int operand, size, inner;
};

constexpr int MOST_LINKS = 6;

struct Chain {
  int count;
  Link links[MOST_LINKS];
};

struct Operands {
  const Real* at[3];
};

// What becomes of the number at a place.
__device__ float chained(const Chain& chain, const Operands& operands, i64 place, float x) {
  for (int i = 0; i < chain.count; i++) {
    const Link& link = chain.links[i];
    float p = link.p;
    float q = link.q;
    float b = p;
    if (link.operand >= 0) {
      const Real* at = link.operand == 0 ? operands.at[0] : link.operand == 1 ? operands.at[1] : operands.at[2];
      b = at[link.size == 0 ? place : place / link.inner % link.size];
    }
    switch (link.function) {
      case RELU: x = larger(x, 0); break;
      case CLIP: x = limited(x, p, q); break;
      case LEAKY_RELU: x = x >= 0 ? x : p * x; break;
      case HARD_SIGMOID: x = limited(p * x + q, 0, 1); break;
      case HARD_SWISH: x = x * limited(x / 6 + 0.5f, 0, 1); break;
      case SIGMOID: x = logistic(x); break;
      case NEG: x = -x; break;
      case ABS: x = fabsf(x); break;
      case SQRT: x = sqrtf(x); break;
      case EXP: x = expf(x); break;
      case TANH: x = tanhf(x); break;
      case ERF: x = erff(x); break;
      case ADD: x = x + b; break;
      case SUB: x = x - b; break;
      case MUL: x = x * b; break;
      case DIV: x = x / b; break;
      case MAX: x = larger(x, b); break;
      case MIN: x = smaller(x, b); break;
      case SUB_TURNED: x = b - x; break;
      case DIV_TURNED: x = b / x; break;
    }
  }
  return x;
}
