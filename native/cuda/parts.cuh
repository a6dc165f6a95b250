// Where there are fewer tiles than a GPU has processors, the grid's layers (blockIdx.y) take a share of the inner dimension each. What they sum goes to memory, a whole result for
// each layer, and is put together by another launch (summed in product.cu), always in the same order.
#pragma once
#include "dwindle.cuh"

// The inner dimension's numbers from one on and up to another.
struct Share {
  int from, to;
};

// Each layer's share is a multiple of 32, but for the last.
__device__ Share share_of_layer(int inner, int share) {
  int from = blockIdx.y * share;
  return {from, inner - from < share ? inner : from + share};
}
