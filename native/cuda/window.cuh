// A window that slides over images of one or two axes; of one axis, the first has size 1.
#pragma once
#include "dwindle.cuh"

struct Window {
  int in_h, in_w;
  int kernel_h, kernel_w;
  int stride_h, stride_w;
  int dilation_h, dilation_w;
  int pad_h, pad_w;
  int out_h, out_w;
};

// The first row and column of the input that an output's window covers, which may lie in the padding.
__device__ int first_row(const Window& w, int out) { return out * w.stride_h - w.pad_h; }

__device__ int first_column(const Window& w, int out) { return out * w.stride_w - w.pad_w; }

__device__ bool is_inside(const Window& w, int row, int column) {
  return row >= 0 && row < w.in_h && column >= 0 && column < w.in_w;
}
