package dev.dwindle.rewrite;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.LongStream;

/** The rule that cuts along several axes in one Slice. */
final class Slices {
  /** Starts, ends, axes and steps of one Slice, all known, the axes not negative. */
  private record Cut(long[] starts, long[] ends, long[] axes, long[] steps) {
    Cut and(Cut other) {
      return new Cut(join(starts, other.starts), join(ends, other.ends), join(axes, other.axes),
          join(steps, other.steps));
    }

    private static long[] join(long[] a, long[] b) {
      return LongStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
    }
  }

  private Slices() {}

  /** A Slice of a Slice along other axes is one Slice. */
  static boolean join(Node node, Types types) {
    Node inner = node.is("Slice") ? node.producer(0) : null;
    if (inner == null || !inner.is("Slice") || node.version() < 10 || inner.output().uses().size() != 1
        || inner.output().isGraphOutput() || inner.graph() != node.graph()) {
      return false;
    }
    Cut first = cut(inner, types);
    Cut second = cut(node, types);
    if (first == null || second == null
        || Arrays.stream(first.axes).anyMatch(a -> Arrays.stream(second.axes).anyMatch(b -> a == b))) {
      return false;
    }
    Cut both = first.and(second);
    node.setInput(0, inner.input(0));
    node.setInput(1, constant(node, "starts", both.starts));
    node.setInput(2, constant(node, "ends", both.ends));
    node.setInput(3, constant(node, "axes", both.axes));
    node.setInput(4, constant(node, "steps", both.steps));
    return true;
  }

  private static Value constant(Node node, String what, long[] values) {
    return node.graph().addConstant(node.output().name() + "_" + what, Tensor.of(Shape.of(values.length), values));
  }

  private static Cut cut(Node node, Types types) {
    long[] starts = known(node, 1, types);
    long[] ends = known(node, 2, types);
    if (starts == null || ends == null || !types.tensorType(node.input(0)).hasRank()) {
      return null;
    }
    int rank = types.tensorType(node.input(0)).rank();
    long[] axes = node.input(3) == null ? LongStream.range(0, starts.length).toArray() : known(node, 3, types);
    long[] steps = node.input(4) == null ? LongStream.generate(() -> 1).limit(starts.length).toArray()
        : known(node, 4, types);
    return axes == null || steps == null ? null
        : new Cut(starts, ends, Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).toArray(), steps);
  }

  private static long[] known(Node node, int input, Types types) {
    Tensor tensor = types.tensor(node.input(input));
    return tensor == null ? null : Elements.longs(tensor);
  }
}
