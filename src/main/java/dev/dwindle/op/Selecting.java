package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Operators that pick or place elements by conditions, positions and lengths. */
final class Selecting {
  private Selecting() {}

  /** Compress: the slices of an axis (or the elements) for which a condition holds. */
  static final class Compress implements Operator {
    @Override
    public String name() {
      return "Compress";
    }

    @Override
    public int since() {
      return 9;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (!call.hasAttribute("axis")) {
        return Inference.one(call.dtype(0), Inference.unknownDims(1));
      }
      if (!call.hasRank(0)) {
        return call.same(0);
      }
      List<Dim> dims = new ArrayList<>(call.dims(0));
      dims.set(call.axis(call.integer("axis"), dims.size()), Dim.unknown());
      return Inference.one(call.dtype(0), dims);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      boolean flat = !call.hasAttribute("axis");
      Tensor input = flat ? call.required(0).reshape(Shape.of(call.required(0).size())) : call.required(0);
      int axis = flat ? 0 : call.axis(call.integer("axis"), input.shape().rank());
      long[] condition = call.longs(1);
      long[] picked = new long[condition.length];
      int count = 0;
      for (int i = 0; i < condition.length && i < input.shape().dim(axis); i++) {
        if (condition[i] != 0) {
          picked[count++] = i;
        }
      }
      return List.of(Gathering.take(input, axis, Arrays.copyOf(picked, count)));
    }
  }

  /** NonZero: the indices of the elements that are not zero, one row for each axis. */
  static final class NonZero implements Operator {
    @Override
    public String name() {
      return "NonZero";
    }

    @Override
    public int since() {
      return 9;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      Dim rank = call.hasRank(0) ? Dim.of(call.tensor(0).rank()) : Dim.unknown();
      return Inference.one(DType.INT64, List.of(rank, Dim.unknown()));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      boolean[] nonZero = nonZero(call.required(0));
      int count = 0;
      for (boolean found : nonZero) {
        count += found ? 1 : 0;
      }
      Shape shape = call.shape(0);
      int rank = shape.rank();
      long[] rows = new long[rank * count];
      long[] index = new long[rank];
      int next = 0;
      for (boolean found : nonZero) {
        for (int axis = 0; axis < rank && found; axis++) {
          rows[axis * count + next] = index[axis];
        }
        next += found ? 1 : 0;
        for (int axis = rank - 1; axis >= 0 && ++index[axis] == shape.dim(axis); axis--) {
          index[axis] = 0;
        }
      }
      return List.of(Tensor.of(Shape.of(rank, count), rows));
    }

    private static boolean[] nonZero(Tensor input) {
      boolean[] nonZero = new boolean[input.shape().intSize()];
      if (input.dtype().isFloating()) {
        double[] values = Elements.doubles(input);
        for (int i = 0; i < values.length; i++) {
          nonZero[i] = values[i] != 0;
        }
      } else {
        long[] values = Elements.longs(input);
        for (int i = 0; i < values.length; i++) {
          nonZero[i] = values[i] != 0;
        }
      }
      return nonZero;
    }
  }

  /** OneHot: each index as a row of off values with one on value. */
  static final class OneHot implements Operator {
    @Override
    public String name() {
      return "OneHot";
    }

    @Override
    public int since() {
      return 9;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (!call.hasRank(0)) {
        return Inference.one(call.dtype(2), (List<Dim>) null);
      }
      List<Dim> dims = new ArrayList<>(call.dims(0));
      List<Dim> content = call.content(1);
      boolean known = call.known(1) != null && call.known(1).size() == 1;
      Dim depth = known ? Dim.of(truncated(call.known(1))[0])
          : content != null && content.size() == 1 ? content.getFirst() : Dim.unknown();
      dims.add(call.axis(call.integer("axis", -1), dims.size() + 1), depth);
      return Inference.one(call.dtype(2), dims);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape indices = call.shape(0);
      int axis = call.axis(call.integer("axis", -1), indices.rank() + 1);
      if (call.required(1).size() != 1 || call.required(2).size() != 2) {
        throw call.invalid("depth has shape " + call.shape(1) + " and values " + call.shape(2)
            + ", expected one and two elements");
      }
      long depth = truncated(call.required(1))[0];
      long inner = indices.product(axis, indices.rank());
      long[] dims = new long[indices.rank() + 1];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = i == axis ? depth : indices.dim(i < axis ? i : i - 1);
      }
      ElementBuffer buffer = new ElementBuffer(call.dtype(2), Shape.of(dims));
      buffer.fill(call.required(2), 0);
      long[] hot = truncated(call.required(0));
      for (int i = 0; i < hot.length; i++) {
        long at = hot[i] < 0 ? hot[i] + depth : hot[i];
        if (at >= 0 && at < depth) {
          buffer.copy(call.required(2), 1, (i / inner * depth + at) * inner + i % inner, 1);
        }
      }
      return List.of(buffer.tensor());
    }

    private static long[] truncated(Tensor numbers) {
      return numbers.dtype().isFloating() ? Arrays.stream(Elements.doubles(numbers)).mapToLong(v -> (long) v).toArray()
          : Elements.longs(numbers);
    }
  }

  /** Trilu: the upper or lower triangle of each matrix, zeros elsewhere. */
  static final class Trilu implements Operator {
    @Override
    public String name() {
      return "Trilu";
    }

    @Override
    public int since() {
      return 14;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return call.same(0);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape shape = call.shape(0);
      if (shape.rank() < 2) {
        throw call.invalid("input has shape " + shape + ", expected matrices");
      }
      boolean upper = call.flag("upper", true);
      long diagonal = call.has(1) ? call.scalarLong(1) : 0;
      long rows = shape.dim(-2);
      long columns = shape.dim(-1);
      ElementBuffer buffer = new ElementBuffer(call.dtype(0), shape);
      for (long row = 0; columns > 0 && row < shape.size() / columns; row++) {
        long from = Math.clamp(row % rows + (upper ? diagonal : diagonal + 1), 0, columns);
        long at = row * columns;
        if (upper) {
          buffer.copy(call.required(0), at + from, at + from, columns - from);
        } else {
          buffer.copy(call.required(0), at, at, from);
        }
      }
      return List.of(buffer.tensor());
    }
  }

  /** ReverseSequence: the first steps of each sequence of a batch in reverse. */
  static final class ReverseSequence implements Operator {
    @Override
    public String name() {
      return "ReverseSequence";
    }

    @Override
    public int since() {
      return 10;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return call.same(0);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape shape = call.shape(0);
      int batchAxis = call.int32("batch_axis", 1);
      int timeAxis = call.int32("time_axis", 0);
      if (shape.rank() < 2 || Math.min(batchAxis, timeAxis) != 0 || Math.max(batchAxis, timeAxis) != 1) {
        throw call.invalid("found shape " + shape + ", batch_axis " + batchAxis + " and time_axis " + timeAxis
            + ", expected 2 or more axes of which these are 0 and 1");
      }
      long[] strides = shape.strides();
      long[] lengths = call.longs(1);
      if (lengths.length != shape.dim(batchAxis)) {
        throw call.invalid("found " + lengths.length + " lengths, expected one for each of " + shape.dim(batchAxis)
            + " sequences");
      }
      ElementBuffer buffer = new ElementBuffer(call.dtype(0), shape);
      for (int b = 0; b < shape.dim(batchAxis); b++) {
        for (long t = 0; t < shape.dim(timeAxis); t++) {
          long from = t < lengths[b] ? lengths[b] - 1 - t : t;
          long sample = b * strides[batchAxis];
          Gathering.index(call, from, shape.dim(timeAxis));
          buffer.copy(call.required(0), sample + from * strides[timeAxis], sample + t * strides[timeAxis],
              shape.product(2, shape.rank()));
        }
      }
      return List.of(buffer.tensor());
    }
  }

  /** Unique: the different elements, or slices of an axis, with first places, inverse and counts. */
  static final class Unique implements Operator {
    @Override
    public String name() {
      return "Unique";
    }

    @Override
    public int since() {
      return 11;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      List<Dim> dims = Inference.unknownDims(1);
      Dim count = dims.getFirst();
      if (call.hasAttribute("axis")) {
        dims = call.hasRank(0) ? new ArrayList<>(call.dims(0)) : null;
        if (dims != null) {
          dims.set(call.axis(call.integer("axis"), dims.size()), count);
        }
      }
      ValueType counted = Inference.one(DType.INT64, List.of(count)).getFirst();
      return List.of(Inference.one(call.dtype(0), dims).getFirst(), counted,
          Inference.one(DType.INT64, Inference.unknownDims(1)).getFirst(), counted);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      boolean flat = !call.hasAttribute("axis");
      Tensor input = flat ? call.required(0).reshape(Shape.of(call.required(0).size())) : call.required(0);
      int axis = flat ? 0 : call.axis(call.integer("axis"), input.shape().rank());
      int n = input.shape().intDim(axis);
      SortKeys keys = SortKeys.of(input, axis);
      List<Integer> order = new ArrayList<>(n);
      for (int i = 0; i < n; i++) {
        order.add(i);
      }
      order.sort(keys);
      List<List<Integer>> groups = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        if (i == 0 || keys.compare(order.get(i - 1), order.get(i)) != 0) {
          groups.add(new ArrayList<>());
        }
        groups.getLast().add(order.get(i));
      }
      if (!call.flag("sorted", true)) {
        groups.sort(java.util.Comparator.comparing(List::getFirst));
      }
      long[] first = groups.stream().mapToLong(List::getFirst).toArray();
      long[] counts = groups.stream().mapToLong(List::size).toArray();
      long[] inverse = new long[n];
      for (int g = 0; g < first.length; g++) {
        for (int member : groups.get(g)) {
          inverse[member] = g;
        }
      }
      return List.of(Gathering.take(input, axis, first), vector(first), vector(inverse), vector(counts));
    }

    private static Tensor vector(long[] values) {
      return Tensor.of(Shape.of(values.length), values);
    }
  }
}
