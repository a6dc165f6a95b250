package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.op.ElementBuffer.Layout;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Operators that add to the borders of a tensor or take from them. */
final class Padding {
  private Padding() {}

  /** Pad: by a constant, the mirrored or repeated inside, or the edge; negative pads take away. */
  static final class Pad implements Operator {
    @Override
    public String name() {
      return "Pad";
    }

    @Override
    public int since() {
      return 2;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (!call.hasRank(0)) {
        return call.same(0);
      }
      int rank = call.tensor(0).rank();
      long[] pads = call.version() < 11 ? call.integers("pads", (long[]) null) : null;
      List<Dim> given = pads == null ? call.content(1) : java.util.Arrays.stream(pads).mapToObj(Dim::of).toList();
      long[] axes = call.version() < 18 ? null : call.integers(3);
      if (given == null || Axes.unknown(call, 3, 18)) {
        return Inference.one(call.dtype(0), Inference.unknownDims(rank));
      }
      int count = requireLength(call, given.size(), axes, rank);
      List<Dim> dims = new ArrayList<>(call.dims(0));
      for (int i = 0; i < count; i++) {
        int axis = call.axis(axes == null ? i : axes[i], rank);
        dims.set(axis, dims.get(axis).plus(given.get(i)).plus(given.get(i + count)));
      }
      return Inference.one(call.dtype(0), dims);
    }

    private static int requireLength(Call call, int pads, long[] axes, int rank) {
      int count = axes == null ? rank : axes.length;
      if (pads != 2 * count) {
        throw call.invalid("pads has " + pads + " numbers, expected two for each of " + count + " axes");
      }
      return count;
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Tensor tensor = call.required(0);
      int rank = tensor.shape().rank();
      long[] pads = call.version() < 11 ? call.integers("pads") : call.longs(1);
      long[] axes = call.version() >= 18 && call.has(3) ? call.longs(3) : null;
      int count = requireLength(call, pads.length, axes, rank);
      long[] begins = new long[rank];
      long[] ends = new long[rank];
      for (int i = 0; i < count; i++) {
        int axis = call.axis(axes == null ? i : axes[i], rank);
        begins[axis] = call.fitted("a pad", pads[i]);
        ends[axis] = call.fitted("a pad", pads[i + count]);
      }
      String mode = call.text("mode", "constant");
      if (mode.equals("constant")) {
        return List.of(constant(call, tensor, begins, ends));
      }
      for (int axis = 0; axis < rank; axis++) {
        if (begins[axis] != 0 || ends[axis] != 0) {
          tensor = padded(call, tensor, axis, begins[axis], ends[axis]);
        }
      }
      return List.of(tensor);
    }

    private static Tensor constant(Evaluation call, Tensor input, long[] begins, long[] ends) {
      Shape shape = input.shape();
      long[] dims = shape.dims();
      long[] box = shape.dims();
      long from = 0;
      for (int i = 0; i < dims.length; i++) {
        dims[i] = size(call, shape, i, begins[i], ends[i]);
        box[i] = Math.max(0, shape.dim(i) + Math.min(0, begins[i]) + Math.min(0, ends[i]));
        from += Math.max(0, -begins[i]) * shape.strides()[i];
      }
      ElementBuffer buffer = new ElementBuffer(input.dtype(), Shape.of(dims));
      if (call.version() < 11 && call.real("value", 0) != 0) {
        buffer.fill(dev.dwindle.quant.Elements.ofFloats(input.dtype(), Shape.SCALAR,
            new float[] {call.real("value", 0)}), 0);
      } else if (call.version() >= 11 && call.has(2) && call.required(2).size() > 0) {
        buffer.fill(call.required(2), 0);
      }
      long[] strides = Shape.of(dims).strides();
      long to = 0;
      for (int i = 0; i < dims.length; i++) {
        to += Math.max(0, begins[i]) * strides[i];
      }
      buffer.copy(input, new Layout(from, shape.strides()), new Layout(to, strides), box);
      return buffer.tensor();
    }

    private static long size(Call call, Shape shape, int axis, long begin, long end) {
      long size = shape.dim(axis) + begin + end;
      if (size < 0) {
        throw call.invalid(
            "axis " + axis + " of " + shape + " is padded by " + begin + " and " + end
                + ", expected 0 or more to remain");
      }
      return size;
    }

    private static Tensor padded(Call call, Tensor input, int axis, long begin, long end) {
      String mode = call.text("mode", "constant");
      Shape shape = input.shape();
      long dim = shape.dim(axis);
      long size = size(call, shape, axis, begin, end);
      if (dim == 0 && size > 0) {
        throw call.invalid("axis " + axis + " of " + shape + " is empty, expected elements to pad with");
      }
      long inner = shape.product(axis + 1, shape.rank());
      long outer = shape.product(0, axis);
      ElementBuffer buffer = new ElementBuffer(input.dtype(), shape.with(axis, size));
      long from = Math.max(0, -begin);
      long inside = Math.min(dim, dim + end) - from;
      for (long o = 0; o < outer; o++) {
        for (long i = 0; i < size; i++) {
          boolean run = i - begin == from && inside > 0;
          long at = run ? from : source(call, mode, i - begin, dim);
          buffer.copy(input, (o * dim + at) * inner, (o * size + i) * inner, run ? inside * inner : inner);
          i += run ? inside - 1 : 0;
        }
      }
      return buffer.tensor();
    }

    /** The index inside an axis that stands for one outside it. */
    private static long source(Call call, String mode, long index, long dim) {
      return switch (mode) {
        case "edge" -> Math.clamp(index, 0, dim - 1);
        case "wrap" -> Math.floorMod(index, dim);
        case "reflect" -> {
          long period = Math.max(1, 2 * (dim - 1));
          long folded = Math.floorMod(index, period);
          yield Math.min(folded, period - folded) % dim;
        }
        default -> throw call.invalid("mode is '" + mode + "', expected constant, reflect, edge or wrap");
      };
    }
  }

  /** CenterCropPad: the middle of a tensor cut to, or padded with zeros to, a size. */
  static final class CenterCropPad implements Operator {
    @Override
    public String name() {
      return "CenterCropPad";
    }

    @Override
    public int since() {
      return 18;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (!call.hasRank(0)) {
        return call.same(0);
      }
      List<Dim> dims = new ArrayList<>(call.dims(0));
      List<Dim> sizes = call.content(1);
      long[] axes = axes(call, dims.size());
      if (sizes != null && sizes.size() != axes.length) {
        throw call.invalid("shape has " + sizes.size() + " sizes, expected one for each of " + axes.length + " axes");
      }
      for (int i = 0; i < axes.length; i++) {
        dims.set(call.axis(axes[i], dims.size()), sizes == null ? Dim.unknown() : sizes.get(i));
      }
      return Inference.one(call.dtype(0), dims);
    }

    private static long[] axes(Call call, int rank) {
      return call.integers("axes", java.util.stream.LongStream.range(0, rank).toArray());
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Tensor input = call.required(0);
      Shape shape = input.shape();
      long[] axes = axes(call, shape.rank());
      long[] sizes = call.longs(1);
      if (sizes.length != axes.length) {
        throw call.invalid("shape has " + sizes.length + " sizes, expected one for each of " + axes.length + " axes");
      }
      long[] dims = shape.dims();
      long[] box = shape.dims();
      for (int i = 0; i < axes.length; i++) {
        int axis = call.axis(axes[i], shape.rank());
        dims[axis] = sizes[i];
        box[axis] = Math.min(sizes[i], shape.dim(axis));
      }
      long[] strides = Shape.of(dims).strides();
      long from = 0;
      long to = 0;
      for (int i = 0; i < dims.length; i++) {
        from += (shape.dim(i) - box[i]) / 2 * shape.strides()[i];
        to += (dims[i] - box[i]) / 2 * strides[i];
      }
      ElementBuffer buffer = new ElementBuffer(input.dtype(), Shape.of(dims));
      buffer.copy(input, new Layout(from, shape.strides()), new Layout(to, strides), box);
      return List.of(buffer.tensor());
    }

    @Override
    public List<Value> decompose(Expansion call) {
      Tensor sizes = call.has(1) ? call.input(1).tensor() : null;
      if (!call.type(0).isStatic() || sizes == null) {
        return null;
      }
      Shape shape = call.type(0).shape();
      long[] axes = axes(call, shape.rank());
      long[] wanted = dev.dwindle.quant.Elements.longs(sizes);
      if (wanted.length != axes.length) {
        return null;
      }
      long[] pads = new long[2 * shape.rank()];
      for (int i = 0; i < axes.length; i++) {
        int axis = call.axis(axes[i], shape.rank());
        long missing = wanted[i] - shape.dim(axis);
        pads[axis] = missing / 2;
        pads[axis + shape.rank()] = missing - missing / 2;
      }
      return List.of(call.op("Pad", List.of(Attribute.of("mode", "constant")), call.input(0), call.integers(pads)));
    }
  }
}
