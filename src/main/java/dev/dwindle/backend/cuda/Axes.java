package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** The kernels' struct of that name: axes of a tensor, and for each how far neighbours lie apart in two others. */
final class Axes {
  /** As in {@code dwindle.cuh}. */
  private static final int MOST = 8;

  private final List<int[]> axes = new ArrayList<>();

  /** How two inputs broadcast to an output (ONNX, "Multidirectional Broadcasting"). */
  static Axes broadcast(Shape a, Shape b, Shape output) {
    long[] stepsA = steps(a, output.rank());
    long[] stepsB = steps(b, output.rank());
    Axes axes = new Axes();
    for (int i = 0; i < output.rank(); i++)
      axes.add(output.intDim(i), Math.toIntExact(stepsA[i]), Math.toIntExact(stepsB[i]));
    return axes;
  }

  private static long[] steps(Shape shape, int rank) {
    long[] own = shape.strides();
    long[] steps = new long[rank];
    int missing = rank - shape.rank();
    for (int i = 0; i < shape.rank(); i++) steps[missing + i] = shape.dim(i) == 1 ? 0 : own[i];
    return steps;
  }

  /** Adds an axis within the others: one of a single element has no say, and what lies like one axis is one. */
  Axes add(int size, int a, int b) {
    int[] last = axes.isEmpty() ? null : axes.getLast();
    if (size == 1) return this;
    if (last != null && last[1] == size * a && last[2] == size * b) {
      last[0] *= size;
      last[1] = a;
      last[2] = b;
    } else {
      axes.add(new int[] {size, a, b});
    }
    return this;
  }

  /** How far the neighbours of the only axis lie apart in both, or {@code {0, 0}} where there is no axis; null where there are more. */
  int[] steps() {
    if (axes.size() > 1) return null;
    return axes.isEmpty() ? new int[] {0, 0} : new int[] {axes.getFirst()[1], axes.getFirst()[2]};
  }

  /**
   * The struct's words.
   *
   * @throws RefusedException where it has no room for all
   */
  int[] struct() {
    if (axes.size() > MOST) {
      throw new RefusedException("found " + axes.size() + " axes that lie apart, expected at most " + MOST);
    }
    int[] words = new int[1 + 3 * MOST];
    words[0] = axes.size();
    for (int i = 0; i < axes.size(); i++) {
      for (int k = 0; k < 3; k++) words[1 + k * MOST + i] = axes.get(i)[k];
    }
    return words;
  }
}
