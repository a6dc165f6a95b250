// The images and channels of a convolution, and its products of matrices.
#pragma once
#include "tile.cuh"
#include "window.cuh"

struct Groups {
  int batch, groups;
  int channels, features;  // of a group
};

// Where one output of a group begins to read, counted over images and their places; the corner may lie in the padding.
struct Corner {
  i64 at;
  int row, column;
};

__device__ Corner corner_of(const Groups& g, const Window& w, int group, int output) {
  int pixels = w.out_h * w.out_w;
  int row = first_row(w, output % pixels / w.out_w);
  int column = first_column(w, output % w.out_w);
  i64 plane = ((i64)(output / pixels) * g.groups + group) * g.channels;
  return {(plane * w.in_h + row) * w.in_w + column, row, column};
}

// How far from there a tap lies, counted over channels and their places.
struct Tap {
  i64 at;
  int down, along;
};

__device__ Tap tap_of(const Window& w, int tap) {
  int kernel = w.kernel_h * w.kernel_w;
  int down = tap % kernel / w.kernel_w * w.dilation_h;
  int along = tap % w.kernel_w * w.dilation_w;
  return {((i64)(tap / kernel) * w.in_h + down) * w.in_w + along, down, along};
}

// Where an output reads by a tap, negative in the padding.
__device__ i64 place(const Window& w, const Corner& corner, const Tap& tap) {
  return is_inside(w, corner.row + tap.down, corner.column + tap.along) ? corner.at + tap.at : -1;
}
