package dev.dwindle.op;

import dev.dwindle.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Gradients of reductions: of what was folded into one number, each has its share. */
final class ReductionGradients {
  private ReductionGradients() {}

  static List<Value> sum(Backward call) {
    return List.of(call.op("Expand", kept(call, call.gradient()), call.shapeOf(0)));
  }

  static List<Value> mean(Backward call) {
    double count = Arrays.stream(axes(call)).map(axis -> size(call, (int) axis)).reduce(1, Math::multiplyExact);
    Value share = call.mul(kept(call, call.gradient()), call.scalarLike(0, 1 / count));
    return List.of(call.op("Expand", share, call.shapeOf(0)));
  }

  private static long size(Backward call, int axis) {
    if (!call.dims(0).get(axis).isKnown()) {
      throw call
          .invalid("axis " + axis + " has size " + call.dims(0).get(axis) + ", expected a known one for its gradient");
    }
    return call.dims(0).get(axis).size();
  }

  /** In equal parts to all that are as large, or small, as the result. */
  static List<Value> extreme(Backward call) {
    if (axes(call).length == 0 && call.rank(0) > 0) return List.of(call.gradient());
    Value equal = call.op("Equal", call.input(0), kept(call, call.output(0)));
    Value ones = call.masked(call.scalarLike(0, 1), equal, call.dtype(0));
    Value share = call.op("Div", ones, call.reduce("ReduceSum", ones, axes(call)));
    return List.of(call.mul(share, kept(call, call.gradient())));
  }

  /** What has the output's shape, with the folded axes of size 1. */
  private static Value kept(Backward call, Value value) {
    long[] axes = axes(call);
    return call.flag("keepdims", true) || axes.length == 0 ? value : call.op("Unsqueeze", value, call.integers(axes));
  }

  /** The axes that fold, from 0 on. */
  private static long[] axes(Backward call) {
    int since = call.node().is("ReduceSum") ? 13 : 18;
    long[] given = call.version() < since ? call.integers("axes", (long[]) null)
        : call.has(1) ? call.constants(1) : null;
    int rank = call.rank(0);
    if (given != null && given.length > 0)
      return Arrays.stream(given).map(axis -> call.axis(axis, rank)).sorted().toArray();
    return call.flag("noop_with_empty_axes", false) ? new long[0] : IntStream.range(0, rank).asLongStream().toArray();
  }
}
