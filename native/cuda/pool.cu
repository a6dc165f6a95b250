// The largest and the mean of each window of each plane. A thread for each output.
#include "window.cuh"

KERNEL(pool_max, const float* x, float* y, Window w, i64 count) {
  FOR_EACH(i, count) {
    const float* image = x + i / w.out_w / w.out_h * w.in_h * w.in_w;
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
KERNEL(pool_mean, const float* x, float* y, Window w, i64 count, int padding, int end_h, int end_w) {
  FOR_EACH(i, count) {
    const float* image = x + i / w.out_w / w.out_h * w.in_h * w.in_w;
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
