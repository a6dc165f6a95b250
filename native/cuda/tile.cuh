// The tile of a matrix product that a block of 256 threads makes: 64 x 64 numbers, 4 x 4 of them a thread's. The inner
// dimension goes through shared memory, 16 at a time, in ascending order.
#pragma once
#include "dwindle.cuh"

constexpr int TILE = 64;
constexpr int DEPTH = 16;
constexpr int EACH = 4;
constexpr int SIDE = TILE / EACH;
// How many numbers of a panel each thread brings.
constexpr int BROUGHT = DEPTH * TILE / (SIDE * SIDE);

// The tile of a block among those of several matrices of one size.
struct Tile {
  int matrix, top, side;
};

__device__ Tile tile_of_block(int rows, int columns, int size = TILE) {
  int across = (columns + size - 1) / size;
  int tiles = (rows + size - 1) / size * across;
  int tile = blockIdx.x % tiles;
  return {(int)(blockIdx.x / tiles), tile / across * size, tile % across * size};
}

typedef float Panel[DEPTH][TILE + 1];
typedef float Sums[EACH][EACH];

__device__ int tile_row(int i) { return threadIdx.x / SIDE + SIDE * i; }

__device__ int tile_column(int j) { return threadIdx.x % SIDE + SIDE * j; }

// Adds the products of a panel's columns with those of another: sums += left^T right.
__device__ void accumulate(Sums& sums, const Panel& left, const Panel& right) {
  for (int k = 0; k < DEPTH; k++) {
    for (int i = 0; i < EACH; i++) {
      for (int j = 0; j < EACH; j++) sums[i][j] = multiply_add(left[k][tile_row(i)], right[k][tile_column(j)], sums[i][j]);
    }
  }
}
