// The largest and the mean of each window of each plane. A thread for each output.
#include "window.cuh"

KERNEL(pool_max, const Real* x, Real* y, Window w, i64 count) {
  FOR_EACH(i, count) {
    const Real* image = x + i / w.out_w / w.out_h * w.in_h * w.in_w;
    float most = -infinity();
    for (int p = 0; p < w.kernel_h; p++) {
      for (int q = 0; q < w.kernel_w; q++) {
        int row = first_row(w, (int)(i / w.out_w % w.out_h)) + p * w.dilation_h;
        int column = first_column(w, (int)(i % w.out_w)) + q * w.dilation_w;
        if (is_inside(w, row, column)) most = larger(most, image[(i64)row * w.in_w + column]);
      }
    }
    y[i] = most;
  }
}

// The end of the padding says what counts where padding does: beyond it nothing does.
KERNEL(pool_mean, const Real* x, Real* y, Window w, i64 count, int padding, int end_h, int end_w) {
  FOR_EACH(i, count) {
    const Real* image = x + i / w.out_w / w.out_h * w.in_h * w.in_w;
    float sum = 0;
    int taken = 0;
    for (int p = 0; p < w.kernel_h; p++) {
      for (int q = 0; q < w.kernel_w; q++) {
        int row = first_row(w, (int)(i / w.out_w % w.out_h)) + p * w.dilation_h;
        int column = first_column(w, (int)(i % w.out_w)) + q * w.dilation_w;
        bool inside = is_inside(w, row, column);
        if (inside) sum += image[(i64)row * w.in_w + column];
        if (inside || (padding && row < w.in_h + end_h && column < w.in_w + end_w)) taken++;
      }
    }
    y[i] = sum / taken;
  }
}

// Where the largest element of a window stands, the first of several, NaN being the largest of all; -1 where all of it is padding.
__device__ i64 greatest(const Real* image, const Window& w, int out_row, int out_column) {
  i64 best = -1;
  for (int p = 0; p < w.kernel_h; p++) {
    for (int q = 0; q < w.kernel_w; q++) {
      int row = first_row(w, out_row) + p * w.dilation_h;
      int column = first_column(w, out_column) + q * w.dilation_w;
      if (!is_inside(w, row, column)) continue;
      i64 at = (i64)row * w.in_w + column;
      if (best >= 0 && is_nan(image[best])) return best;
      if (best < 0 || image[at] > image[best] || is_nan(image[at])) best = at;
    }
  }
  return best;
}

// The gradient of the largest: each element of the input gathers the slopes of those windows in which it is the greatest.
KERNEL(pool_max_gradient, const Real* x, const Real* slopes, Real* y, Window w, i64 count) {
  FOR_EACH(i, count) {
    int column = (int)(i % w.in_w);
    int row = (int)(i / w.in_w % w.in_h);
    i64 plane = i / w.in_w / w.in_h;
    float sum = 0;
    for (int p = w.kernel_h - 1; p >= 0; p--) {
      int down = row + w.pad_h - p * w.dilation_h;
      if (down < 0 || down % w.stride_h != 0 || down / w.stride_h >= w.out_h) continue;
      for (int q = w.kernel_w - 1; q >= 0; q--) {
        int along = column + w.pad_w - q * w.dilation_w;
        if (along < 0 || along % w.stride_w != 0 || along / w.stride_w >= w.out_w) continue;
        int out_row = down / w.stride_h;
        int out_column = along / w.stride_w;
        i64 at = greatest(x + plane * w.in_h * w.in_w, w, out_row, out_column);
        if (at == (i64)row * w.in_w + column) sum += slopes[(plane * w.out_h + out_row) * w.out_w + out_column];
      }
    }
    y[i] = sum;
  }
}
