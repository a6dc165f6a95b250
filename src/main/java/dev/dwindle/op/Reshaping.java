package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Operators that keep the elements in their order and change only the shape. */
final class Reshaping {
  private Reshaping() {}

  /** Reshape: to given dimensions, where 0 copies a dimension and one -1 takes what is left. */
  static final class Reshape implements Operator {
    @Override
    public String name() {
      return "Reshape";
    }

    @Override
    public int since() {
      return 5;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      List<Dim> target = call.content(1);
      if (target != null) {
        return Inference.one(call.dtype(0), resolve(call, call.dims(0), target));
      }
      return Inference.one(call.dtype(0), call.dimsCountedBy(1));
    }

    private static List<Dim> resolve(Inference call, List<Dim> from, List<Dim> target) {
      boolean allowZero = call.flag("allowzero", false);
      List<Dim> dims = new ArrayList<>();
      int open = -1;
      for (int i = 0; i < target.size(); i++) {
        Dim wanted = target.get(i);
        if (wanted.is(-1)) {
          if (open >= 0) {
            throw call.invalid("shape is " + target + ", expected at most one -1");
          }
          open = i;
          dims.add(Dim.of(1));
        } else if (wanted.is(0) && !allowZero) {
          if (from != null && i >= from.size()) {
            throw call.invalid("shape is " + target + ", expected no 0 beyond the axes of the input " + from);
          }
          dims.add(from == null ? Dim.unknown() : from.get(i));
        } else {
          dims.add(wanted);
        }
      }
      if (open >= 0) {
        dims.set(open, from == null ? Dim.unknown() : rest(call, from, dims));
      } else if (from != null) {
        Dim before = Axes.product(from, 0, from.size());
        Dim after = Axes.product(dims, 0, dims.size());
        if (before.isKnown() && after.isKnown() && !before.equals(after)) {
          throw call.invalid("input " + from + " has " + before + " elements, expected " + after + " for " + target);
        }
      }
      return dims;
    }

    /** What is left of {@code from} when the dims of {@code taken} are divided out; equal dims cancel first. */
    private static Dim rest(Inference call, List<Dim> from, List<Dim> taken) {
      List<Dim> left = new ArrayList<>(from);
      Dim divisor = Dim.of(1);
      for (Dim dim : taken) {
        if (dim.is(0) || !left.remove(dim)) {
          divisor = divisor.times(dim);
        }
      }
      Dim total = Axes.product(left, 0, left.size());
      if (total.isKnown() && divisor.isKnown() && (divisor.is(0) || total.size() % divisor.size() != 0)) {
        throw call.invalid("shape has -1 beside " + divisor + ", expected a divisor of " + total + " elements");
      }
      Dim quotient = total.dividedBy(divisor);
      return quotient == null ? Dim.unknown() : quotient;
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape from = call.shape(0);
      long[] target = call.longs(1);
      long[] dims = target.clone();
      boolean allowZero = call.flag("allowzero", false);
      long others = 1;
      int open = -1;
      for (int i = 0; i < dims.length; i++) {
        if (dims[i] == 0 && !allowZero && i < from.rank()) {
          dims[i] = from.dim(i);
        }
        if (dims[i] == -1 && open < 0) {
          open = i;
        } else if (dims[i] < 0 || (dims[i] == 0 && !allowZero && i >= from.rank())) {
          throw call
              .invalid("shape is " + Arrays.toString(target) + ", expected sizes, one -1, or 0 for an input axis");
        } else {
          others *= dims[i];
        }
      }
      if (open >= 0) {
        if (others == 0 || from.size() % others != 0) {
          throw call.invalid("shape is " + Arrays.toString(target) + ", expected a divisor of the elements of " + from);
        }
        dims[open] = from.size() / others;
      }
      Shape to = Shape.of(dims);
      if (to.size() != from.size()) {
        throw call.invalid("input " + from + " has " + from.size() + " elements, expected " + to.size() + " for " + to);
      }
      return List.of(call.required(0).reshape(to));
    }

    @Override
    public List<Dim> content(Inference call) {
      List<Dim> target = call.content(1);
      return target != null && target.size() <= 1 ? call.content(0) : null;
    }
  }

  /** Flatten: to a matrix, split before an axis. */
  static final class Flatten implements Operator {
    @Override
    public String name() {
      return "Flatten";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (!call.hasRank(0)) {
        return Inference.one(call.dtype(0), Inference.unknownDims(2));
      }
      List<Dim> dims = call.dims(0);
      int axis = axis(call, dims.size());
      return Inference.one(
          call.dtype(0), List.of(Axes.product(dims, 0, axis), Axes.product(dims, axis, dims.size())));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape shape = call.shape(0);
      int axis = axis(call, shape.rank());
      return List.of(call.required(0).reshape(Shape.of(shape.product(0, axis), shape.product(axis, shape.rank()))));
    }

    private static int axis(Call call, int rank) {
      long axis = call.integer("axis", 1);
      return axis == rank ? rank : call.axis(axis, rank);
    }
  }

  /** Squeeze: without given axes of size 1, or without all of them. */
  static final class Squeeze implements Operator {
    @Override
    public String name() {
      return "Squeeze";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      long[] axes = Axes.of(call, 1, 13);
      List<Dim> dims = call.dims(0);
      boolean guess = axes == null && dims != null && !dims.stream().allMatch(Dim::isKnown);
      if (dims == null || guess || Axes.unknown(call, 1, 13)) {
        return Inference.one(call.dtype(0), (List<Dim>) null);
      }
      boolean[] dropped = axes == null ? null : Axes.marked(call, axes, dims.size());
      List<Dim> kept = new ArrayList<>();
      for (int i = 0; i < dims.size(); i++) {
        if (dropped != null && dropped[i] && dims.get(i).isKnown() && !dims.get(i).is(1)) {
          throw call.invalid("axis " + i + " of " + dims + " is squeezed, expected dimension 1");
        }
        if (dropped == null ? !dims.get(i).is(1) : !dropped[i]) {
          kept.add(dims.get(i));
        }
      }
      return Inference.one(call.dtype(0), kept);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape shape = call.shape(0);
      long[] axes = Axes.of(call, 1, 13);
      boolean[] dropped = axes == null ? null : Axes.marked(call, axes, shape.rank());
      long[] kept = new long[shape.rank()];
      int count = 0;
      for (int i = 0; i < shape.rank(); i++) {
        if (dropped != null && dropped[i] && shape.dim(i) != 1) {
          throw call.invalid("axis " + i + " of " + shape + " is squeezed, expected dimension 1");
        }
        if (dropped == null ? shape.dim(i) != 1 : !dropped[i]) {
          kept[count++] = shape.dim(i);
        }
      }
      return List.of(call.required(0).reshape(Shape.of(Arrays.copyOf(kept, count))));
    }

    @Override
    public List<Dim> content(Inference call) {
      return call.content(0);
    }
  }

  /** Unsqueeze: with new axes of size 1. */
  static final class Unsqueeze implements Operator {
    @Override
    public String name() {
      return "Unsqueeze";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      long[] axes = Axes.of(call, 1, 13);
      if (axes == null || !call.hasRank(0)) {
        return Inference.one(call.dtype(0), (List<Dim>) null);
      }
      boolean[] added = Axes.marked(call, axes, call.tensor(0).rank() + axes.length);
      List<Dim> dims = new ArrayList<>();
      int next = 0;
      for (boolean isNew : added) {
        dims.add(isNew ? Dim.of(1) : call.dims(0).get(next++));
      }
      return Inference.one(call.dtype(0), dims);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      long[] axes = Axes.of(call, 1, 13);
      if (axes == null) {
        throw call.invalid("axes are missing, expected a list of axes");
      }
      boolean[] added = Axes.marked(call, axes, call.shape(0).rank() + axes.length);
      long[] dims = new long[added.length];
      int next = 0;
      for (int i = 0; i < dims.length; i++) {
        dims[i] = added[i] ? 1 : call.shape(0).dim(next++);
      }
      return List.of(call.required(0).reshape(Shape.of(dims)));
    }

    @Override
    public List<Dim> content(Inference call) {
      return call.hasRank(0) && call.tensor(0).rank() == 0 ? call.content(0) : null;
    }
  }
}
