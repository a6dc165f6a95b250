// Steps of optimizers over FP32, as ai.onnx.preview.training says them. A thread for each number. New states may not be asked for.
#include "dwindle.cuh"

// What depends on the number of steps so far is computed once, in FP64: Adam's rate, corrected for its means that begin at 0.
KERNEL(adam_rate, const float* rate, const i64* steps, float* corrected, float alpha, float beta) {
  double t = (double)*steps;
  *corrected = *steps > 0 ? (float)(*rate * sqrt(1 - pow((double)beta, t)) / (1 - pow((double)alpha, t))) : *rate;
}

KERNEL(adam, const float* rate, const float* x, const float* slopes, const float* means, const float* squares, float* y,
       float* new_means, float* new_squares, i64 count, float alpha, float beta, float epsilon, float decay, float after) {
  FOR_EACH(i, count) {
    float g = slopes[i] + decay * x[i];
    float mean = alpha * means[i] + (1 - alpha) * g;
    float square = beta * squares[i] + (1 - beta) * g * g;
    y[i] = after * (x[i] - *rate * mean / (sqrtf(square) + epsilon));
    if (new_means) new_means[i] = mean;
    if (new_squares) new_squares[i] = square;
  }
}

KERNEL(momentum, const float* rate, const i64* steps, const float* x, const float* slopes, const float* speeds, float* y,
       float* new_speeds, i64 count, float alpha, float beta, float decay, int nesterov) {
  FOR_EACH(i, count) {
    float g = slopes[i] + decay * x[i];
    float speed = alpha * speeds[i] + (*steps > 0 ? beta : 1) * g;
    y[i] = x[i] - *rate * (nesterov ? g + alpha * speed : speed);
    if (new_speeds) new_speeds[i] = speed;
  }
}

KERNEL(adagrad, const float* rate, const i64* steps, const float* x, const float* slopes, const float* squares, float* y,
       float* new_squares, i64 count, float factor, float epsilon, float decay) {
  FOR_EACH(i, count) {
    float g = slopes[i] + decay * x[i];
    float square = squares[i] + g * g;
    y[i] = x[i] - *rate / (1 + *steps * factor) * g / (sqrtf(square) + epsilon);
    if (new_squares) new_squares[i] = square;
  }
}
