// Resizes images of FP32 along height and width. Formula: y[r, c] = sum over i, j of w[r, i] v[c, j] x[t[r, i], s[c, j]], with the
// taps t, s and their weights w, v in tables. A thread for each output.
#include "dwindle.cuh"

struct Resize {
  int in_h, in_w, out_h, out_w;
  int taps_h, taps_w;
};

KERNEL(resize, const Real* x, const int* rows, const float* row_weights, const int* columns, const float* column_weights,
       Real* y, i64 count, Resize r) {
  FOR_EACH(i, count) {
    int column = (int)(i % r.out_w);
    int row = (int)(i / r.out_w % r.out_h);
    const Real* image = x + i / r.out_w / r.out_h * r.in_h * r.in_w;
    float sum = 0;
    for (int p = 0; p < r.taps_h; p++) {
      const Real* line = image + (i64)rows[row * r.taps_h + p] * r.in_w;
      float mixed = 0;
      for (int q = 0; q < r.taps_w; q++) {
        mixed += line[columns[column * r.taps_w + q]] * column_weights[column * r.taps_w + q];
      }
      sum += mixed * row_weights[row * r.taps_h + p];
    }
    y[i] = sum;
  }
}
