package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * ArgMax and ArgMin: the index of the extreme element along an axis; of equal ones the first, or the last where {@code
 * select_last_index} asks for it.
 */
record ArgReduction(String name, boolean largest) implements Operator {
  @Override
  public List<ValueType> infer(Inference call) {
    boolean keep = call.flag("keepdims", true);
    if (!call.hasRank(0)) {
      return Inference.one(DType.INT64, (List<Dim>) null);
    }
    List<Dim> dims = new ArrayList<>(call.dims(0));
    int axis = call.axis(call.integer("axis", 0), dims.size());
    if (keep) {
      dims.set(axis, Dim.of(1));
    } else {
      dims.remove(axis);
    }
    return Inference.one(DType.INT64, dims);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    int axis = call.axis(call.integer("axis", 0), shape.rank());
    boolean last = call.flag("select_last_index", false);
    if (shape.dim(axis) == 0) {
      throw call.invalid("axis " + axis + " of " + shape + " is empty, expected an element to choose");
    }
    long[] keys = SortKeys.keys(call.required(0));
    int inner = (int) shape.product(axis + 1, shape.rank());
    int count = shape.intDim(axis);
    long[] best = new long[keys.length / count];
    for (int i = 0; i < best.length; i++) {
      int start = i / inner * inner * count + i % inner;
      for (int k = 1; k < count; k++) {
        int order = Long.compare(keys[start + k * inner], keys[start + (int) best[i] * inner]);
        if ((largest ? order > 0 : order < 0) || (last && order == 0)) {
          best[i] = k;
        }
      }
    }
    long[] dims = shape.with(axis, 1).dims();
    Tensor kept = Tensor.of(Shape.of(dims), best);
    if (call.flag("keepdims", true)) {
      return List.of(kept);
    }
    long[] dropped = new long[dims.length - 1];
    System.arraycopy(dims, 0, dropped, 0, axis);
    System.arraycopy(dims, axis + 1, dropped, axis, dropped.length - axis);
    return List.of(kept.reshape(Shape.of(dropped)));
  }
}
