package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToLongFunction;

/** TopK: the k largest or smallest elements along an axis, in order, with their indices; of equal ones the first. */
final class TopK implements Operator {
  @Override
  public String name() {
    return "TopK";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    List<Dim> dims = null;
    if (call.hasRank(0)) {
      dims = new ArrayList<>(call.dims(0));
      List<Dim> k = call.version() < 10 ? List.of(Dim.of(call.integer("k"))) : call.content(1);
      dims.set(call.axis(call.integer("axis", -1), dims.size()),
          k == null || k.size() != 1 ? Dim.unknown() : k.getFirst());
    }
    return List.of(new TensorType(call.dtype(0), dims), new TensorType(DType.INT64, dims));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Tensor input = call.required(0);
    Shape shape = input.shape();
    int axis = call.axis(call.integer("axis", -1), shape.rank());
    long k = call.version() < 10 ? call.integer("k") : call.scalarLong(1);
    if (k < 0 || k > shape.dim(axis)) {
      throw call.invalid("k is " + k + ", expected 0 to " + shape.dim(axis) + " for axis " + axis + " of " + shape);
    }
    long[] keys = SortKeys.keys(input);
    int inner = (int) shape.product(axis + 1, shape.rank());
    int count = shape.intDim(axis);
    Shape result = shape.with(axis, k);
    long[] places = new long[result.intSize()];
    ElementBuffer values = new ElementBuffer(input.dtype(), result);
    int lanes = shape.size() == 0 ? 0 : shape.intSize() / count;
    for (int lane = 0; lane < lanes; lane++) {
      int start = lane / inner * inner * count + lane % inner;
      int to = (int) (lane / inner * inner * k + lane % inner);
      int[] order = order(i -> keys[start + i * inner], count, (int) k, call.flag("largest", true));
      for (int i = 0; i < k; i++) {
        places[to + i * inner] = order[i];
        values.copy(input, start + (long) order[i] * inner, to + (long) i * inner, 1);
      }
    }
    return List.of(values.tensor(), Tensor.of(result, places));
  }

  /** The places of the first k elements in order, of equal ones the first. */
  private static int[] order(ToLongFunction<Integer> key, int count, int k, boolean largest) {
    Comparator<Integer> ascending = Comparator.comparingLong(key);
    Comparator<Integer> order = (largest ? ascending.reversed() : ascending).thenComparing(Comparator.naturalOrder());
    PriorityQueue<Integer> worstFirst = new PriorityQueue<>(order.reversed());
    for (int i = 0; i < count; i++) {
      if (worstFirst.size() < k) {
        worstFirst.add(i);
      } else if (k > 0 && order.compare(i, worstFirst.peek()) < 0) {
        worstFirst.poll();
        worstFirst.add(i);
      }
    }
    int[] places = new int[k];
    for (int i = k - 1; i >= 0; i--) {
      places[i] = worstFirst.poll();
    }
    return places;
  }
}
