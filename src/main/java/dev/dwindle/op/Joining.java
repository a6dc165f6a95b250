package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.op.ElementBuffer.Layout;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Operators that put tensors side by side, or one tensor many times. */
final class Joining {
  private Joining() {}

  /** Concat: along an axis. */
  static final class Concat implements Operator {
    @Override
    public String name() {
      return "Concat";
    }

    @Override
    public int since() {
      return 4;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      List<Dim> dims = null;
      for (int i = 0; i < call.inputCount(); i++) {
        if (!call.hasRank(i)) {
          return Inference.one(call.dtype(0), (List<Dim>) null);
        }
        dims = i == 0 ? new ArrayList<>(call.dims(0)) : joined(call, dims, call.dims(i));
      }
      return Inference.one(call.dtype(0), dims);
    }

    private static List<Dim> joined(Inference call, List<Dim> a, List<Dim> b) {
      if (a.size() != b.size()) {
        throw call.invalid("inputs have shapes " + a + " and " + b + ", expected as many axes");
      }
      int axis = call.axis(call.integer("axis"), a.size());
      for (int i = 0; i < a.size(); i++) {
        a.set(i, i == axis ? a.get(i).plus(b.get(i)) : Axes.same(call, a.get(i), b.get(i), "inputs on axis " + i));
      }
      return a;
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape first = call.shape(0);
      int axis = call.axis(call.integer("axis"), first.rank());
      long total = 0;
      for (int i = 0; i < call.inputCount(); i++) {
        Shape shape = call.shape(i);
        if (shape.rank() != first.rank() || !shape.with(axis, 0).equals(first.with(axis, 0))) {
          throw call
              .invalid("inputs have shapes " + first + " and " + shape + ", expected equal ones but on axis " + axis);
        }
        total += shape.dim(axis);
      }
      ElementBuffer buffer = new ElementBuffer(call.dtype(0), first.with(axis, total));
      long[] strides = first.with(axis, total).strides();
      long start = 0;
      for (int i = 0; i < call.inputCount(); i++) {
        Shape shape = call.shape(i);
        buffer.copy(call.required(i), new Layout(0, shape.strides()), new Layout(start * strides[axis], strides),
            shape.dims());
        start += shape.dim(axis);
      }
      return List.of(buffer.tensor());
    }

    @Override
    public List<Dim> content(Inference call) {
      List<Dim> content = new ArrayList<>();
      for (int i = 0; i < call.inputCount(); i++) {
        List<Dim> part = call.content(i);
        if (part == null) {
          return null;
        }
        content.addAll(part);
      }
      return content;
    }
  }

  /** Expand: broadcast to a shape, in both directions. */
  static final class Expand implements Operator {
    @Override
    public String name() {
      return "Expand";
    }

    @Override
    public int since() {
      return 8;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      List<Dim> target = call.content(1);
      if (target == null) {
        target = call.dimsCountedBy(1);
      }
      return Inference.one(
          call.dtype(0), target == null || !call.hasRank(0) ? null : call.broadcast(call.dims(0), target));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Tensor input = call.required(0);
      Shape to = Shape.broadcast(input.shape(), Shape.of(call.longs(1)));
      long[] from = input.shape().strides();
      long[] strides = new long[to.rank()];
      int missing = to.rank() - from.length;
      for (int i = missing; i < strides.length; i++) {
        strides[i] = input.shape().dim(i - missing) == 1 ? 0 : from[i - missing];
      }
      return List.of(ElementBuffer.view(input, to, 0, strides));
    }

    @Override
    public List<Dim> content(Inference call) {
      List<Dim> input = call.content(0);
      List<Dim> target = call.content(1);
      if (input == null || target == null || target.size() > 1 || target.stream().anyMatch(d -> !d.isKnown())) {
        return null;
      }
      long count = target.isEmpty() ? 1 : target.getFirst().size();
      return input.size() != 1 || count == 1 ? input
          : count < 0 || count > 64 ? null : java.util.Collections.nCopies((int) count, input.getFirst());
    }
  }

  /** Tile: each axis repeated. */
  static final class Tile implements Operator {
    @Override
    public String name() {
      return "Tile";
    }

    @Override
    public int since() {
      return 6;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      List<Dim> repeats = call.content(1);
      if (!call.hasRank(0)) {
        return call.same(0);
      }
      List<Dim> dims = new ArrayList<>();
      requireLength(call, repeats == null ? call.tensor(0).rank() : repeats.size(), call.tensor(0).rank());
      for (int i = 0; i < call.tensor(0).rank(); i++) {
        dims.add(repeats == null ? Dim.unknown() : call.dims(0).get(i).times(repeats.get(i)));
      }
      return Inference.one(call.dtype(0), dims);
    }

    private static void requireLength(Call call, int repeats, int rank) {
      if (repeats != rank) {
        throw call.invalid("repeats has " + repeats + " numbers, expected one for each of " + rank + " axes");
      }
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Tensor input = call.required(0);
      Shape shape = input.shape();
      long[] repeats = call.longs(1);
      int rank = shape.rank();
      requireLength(call, repeats.length, rank);
      long[] parts = new long[2 * rank];
      long[] strides = new long[2 * rank];
      long[] whole = new long[rank];
      for (int i = 0; i < rank; i++) {
        parts[2 * i] = repeats[i];
        parts[2 * i + 1] = shape.dim(i);
        strides[2 * i + 1] = shape.strides()[i];
        whole[i] = repeats[i] * shape.dim(i);
      }
      return List.of(ElementBuffer.view(input, Shape.of(parts), 0, strides).reshape(Shape.of(whole)));
    }
  }
}
