package dev.dwindle.op;

import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * Softmax and LogSoftmax: exponentials that sum to one, or their logarithms. From version 13 along one axis (the last
 * unless given); before, along all axes from the given one (1 unless given) together.
 */
final class Softmax implements Operator {
  private final boolean logarithm;

  Softmax(boolean logarithm) {
    this.logarithm = logarithm;
  }

  @Override
  public String name() {
    return logarithm ? "LogSoftmax" : "Softmax";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    if (call.hasRank(0)) {
      axis(call, call.dims(0).size());
    }
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    int axis = axis(call, shape.rank());
    boolean single = call.version() >= 13;
    int count = (int) (single ? shape.rank() == 0 ? 1 : shape.dim(axis) : shape.product(axis, shape.rank()));
    int step = (int) (single && shape.rank() > 0 ? shape.product(axis + 1, shape.rank()) : 1);
    double[] x = call.doubles(0);
    for (int outer = 0; outer < x.length; outer += count * step) {
      for (int first = outer; first < outer + step; first++) {
        if (logarithm) {
          logSoftmax(x, first, count, step);
        } else {
          softmax(x, first, count, step);
        }
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), shape, x));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    if (!logarithm || call.version() < 13) {
      return null;
    }
    long axis = call.integer("axis", -1);
    Value centred = call.op("Sub", call.input(0), call.reduce("ReduceMax", call.input(0), axis));
    Value sum = call.reduce("ReduceSum", call.op("Exp", centred), axis);
    return List.of(call.op("Sub", centred, call.op("Log", sum)));
  }

  /** Replaces {@code count} elements, {@code step} apart, by their softmax; all minus infinity gives NaN. */
  static void softmax(double[] x, int first, int count, int step) {
    double max = max(x, first, count, step);
    double sum = 0;
    for (int i = 0, at = first; i < count; i++, at += step) {
      x[at] = Math.exp(x[at] - max);
      sum += x[at];
    }
    for (int i = 0, at = first; i < count; i++, at += step) {
      x[at] /= sum;
    }
  }

  /** Replaces {@code count} elements, {@code step} apart, by the logarithm of their softmax. */
  static void logSoftmax(double[] x, int first, int count, int step) {
    double max = max(x, first, count, step);
    double sum = 0;
    for (int i = 0, at = first; i < count; i++, at += step) {
      x[at] -= max;
      sum += Math.exp(x[at]);
    }
    double log = Math.log(sum);
    for (int i = 0, at = first; i < count; i++, at += step) {
      x[at] -= log;
    }
  }

  private static double max(double[] x, int first, int count, int step) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0, at = first; i < count; i++, at += step) {
      max = Math.max(max, x[at]);
    }
    return max;
  }

  private int axis(Call call, int rank) {
    long axis = call.integer("axis", call.version() >= 13 ? -1 : 1);
    return rank == 0 ? 0 : call.version() < 13 && axis == rank ? rank : call.axis(axis, rank);
  }
}
