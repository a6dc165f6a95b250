// The images and channels of a convolution, and its products of matrices.
#pragma once
#include "tile.cuh"
#include "window.cuh"

struct Groups {
  int batch, groups;
  int channels, features;  // of a group
};

// Where one output of a group reads by one tap, negative in the padding: outputs are counted over images and their places, and taps over
// channels and their places.
__device__ i64 place(const Groups& g, const Window& w, int group, int output, int tap) {
  int pixel = output % (w.out_h * w.out_w);
  int kernel = w.kernel_h * w.kernel_w;
  int row = first_row(w, pixel / w.out_w) + tap % kernel / w.kernel_w * w.dilation_h;
  int column = first_column(w, pixel % w.out_w) + tap % w.kernel_w * w.dilation_w;
  i64 plane = ((i64)(output / (w.out_h * w.out_w)) * g.groups + group) * g.channels + tap / kernel;
  return is_inside(w, row, column) ? (plane * w.in_h + row) * w.in_w + column : -1;
}

// What stands there, 0 in the padding.
__device__ float gathered(const Real* x, const Groups& g, const Window& w, int group, int output, int tap) {
  i64 at = place(g, w, group, output, tap);
  return at < 0 ? 0.f : x[at];
}
