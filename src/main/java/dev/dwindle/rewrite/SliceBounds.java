package dev.dwindle.rewrite;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;

/** Where a Slice cuts, for each axis that it names; these count from the front. */
record SliceBounds(int[] axes, long[] starts, long[] ends, long[] steps) {
  /** The bounds of a node; null where they or the rank of its input are not known. */
  static SliceBounds of(Node node, Types types) {
    Call call = new Call(node);
    boolean attributes = node.version() < 10;
    if (!types.tensorType(node.input(0)).hasRank()) return null;
    int rank = types.tensorType(node.input(0)).rank();
    long[] starts = attributes ? call.integers("starts", (long[]) null) : numbers(node.input(1), types);
    long[] ends = attributes ? call.integers("ends", (long[]) null) : numbers(node.input(2), types);
    if (starts == null || ends == null || starts.length != ends.length) return null;
    long[] axes = attributes ? call.integers("axes", (long[]) null) : numbers(node.input(3), types);
    long[] steps = attributes ? null : numbers(node.input(4), types);
    boolean unknown = !attributes && (node.input(3) != null && axes == null || node.input(4) != null && steps == null);
    if (unknown || axes != null && axes.length != starts.length || steps != null && steps.length != starts.length) {
      return null;
    }
    int[] places = new int[starts.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = axes == null ? i : call.axis(axes[i], rank);
    }
    if (steps == null) {
      steps = new long[starts.length];
      Arrays.fill(steps, 1);
    }
    return new SliceBounds(places, starts, ends, steps);
  }

  private static long[] numbers(Value value, Types types) {
    Tensor tensor = value == null ? null : types.tensor(value);
    return tensor == null ? null : Elements.longs(tensor);
  }

  /** Where an axis stands in the lists; -1 where it is not cut. */
  int place(int axis) {
    for (int i = 0; i < axes.length; i++) {
      if (axes[i] == axis) return i;
    }
    return -1;
  }

  /** The first element of a cut by steps of 1 through an axis of this length. */
  long start(int place, long size) {
    long start = starts[place] < 0 ? starts[place] + size : starts[place];
    return Math.clamp(start, 0, size);
  }
}
