package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Batch normalization by the statistics of the batch itself, and its gradient: one channel after the other, each in two or three passes. */
public final class BatchNorm {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** Running statistics: {@code new = momentum * old + (1 - momentum) * batch's}. The new ones may be null. */
  public record Running(float momentum, Slice mean, Slice variance, Slice newMean, Slice newVariance) {}

  private final int batch;
  private final int channels;
  private final int plane;
  private final float epsilon;

  /** For images {@code [batch, channels, plane]}. */
  public BatchNorm(int batch, int channels, int plane, float epsilon) {
    this.batch = batch;
    this.channels = channels;
    this.plane = plane;
    this.epsilon = epsilon;
  }

  /** {@code y = (x - mean) / sqrt(variance + epsilon) * scale + bias}. */
  public Step forward(Slice x, Slice scale, Slice bias, Slice y, Running running) {
    Workers.Task channel = (c, local) -> {
      double mean = mean(x, c);
      double variance = variance(x, c, (float) mean);
      double factor = scale.array()[scale.offset() + c] / Math.sqrt(variance + epsilon);
      float shift = bias.array()[bias.offset() + c];
      for (int n = 0; n < batch; n++) {
        int at = (n * channels + c) * plane;
        line(x.array(), x.offset() + at, (float) mean, (float) factor, shift, y.array(), y.offset() + at, plane);
      }
      keep(running.momentum(), running.mean(), mean, running.newMean(), c);
      keep(running.momentum(), running.variance(), variance, running.newVariance(), c);
    };
    return workers -> workers.run(channels, channel);
  }

  /** The gradients of x, scale and bias, from x, scale and the gradient of y; those of scale and bias may be null. */
  public Step gradient(Slice x, Slice scale, Slice g, Slice ofX, Slice ofScale, Slice ofBias) {
    Workers.Task channel = (c, local) -> {
      double count = (double) batch * plane;
      double mean = mean(x, c);
      double deviation = Math.sqrt(variance(x, c, (float) mean) + epsilon);
      double sum = 0;
      double product = 0;
      for (int n = 0; n < batch; n++) {
        int at = (n * channels + c) * plane;
        sum += Reductions.sum(g.array(), g.offset() + at, plane);
        product += Reductions.productsFrom(x.array(), x.offset() + at, (float) mean, g.array(), g.offset() + at, plane);
      }
      product += sum * ((float) mean - mean);
      if (ofScale != null) ofScale.array()[ofScale.offset() + c] = (float) (product / deviation);
      if (ofBias != null) ofBias.array()[ofBias.offset() + c] = (float) sum;
      double factor = scale.array()[scale.offset() + c] / deviation;
      double slope = -factor * product / (deviation * deviation * count);
      double shift = -factor * sum / count;
      for (int n = 0; n < batch; n++) {
        int at = (n * channels + c) * plane;
        plane(g.array(), g.offset() + at, (float) factor, x.array(), x.offset() + at, (float) mean, (float) slope,
            (float) shift,
            ofX.array(), ofX.offset() + at, plane);
      }
    };
    return workers -> workers.run(channels, channel);
  }

  private double mean(Slice x, int c) {
    double sum = 0;
    for (int n = 0; n < batch; n++) {
      sum += Reductions.sum(x.array(), x.offset() + (n * channels + c) * plane, plane);
    }
    return sum / ((double) batch * plane);
  }

  private double variance(Slice x, int c, float mean) {
    double sum = 0;
    for (int n = 0; n < batch; n++) {
      sum += Reductions.squaresFrom(x.array(), x.offset() + (n * channels + c) * plane, plane, mean);
    }
    return sum / ((double) batch * plane);
  }

  private static void keep(float momentum, Slice old, double current, Slice to, int c) {
    if (to == null) return;
    to.array()[to.offset() + c] = (float) (momentum * (double) old.array()[old.offset() + c]
        + (1 - (double) momentum) * current);
  }

  /** y = a (x - from) + b. */
  private static void line(float[] x, int xo, float from, float a, float b, float[] y, int yo, int n) {
    FloatVector factor = FloatVector.broadcast(SPECIES, a);
    FloatVector shift = FloatVector.broadcast(SPECIES, b);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i).sub(from).fma(factor, shift).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.fma(x[xo + i] - from, a, b);
    }
  }

  /** y = a g + b (x - from) + c. */
  private static void plane(float[] g, int go, float a, float[] x, int xo, float from, float b, float c, float[] y,
      int yo, int n) {
    FloatVector ofG = FloatVector.broadcast(SPECIES, a);
    FloatVector ofX = FloatVector.broadcast(SPECIES, b);
    FloatVector shift = FloatVector.broadcast(SPECIES, c);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector line = FloatVector.fromArray(SPECIES, x, xo + i).sub(from).fma(ofX, shift);
      FloatVector.fromArray(SPECIES, g, go + i).fma(ofG, line).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.fma(g[go + i], a, Math.fma(x[xo + i] - from, b, c));
    }
  }
}
