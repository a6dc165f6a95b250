package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Operators that make tensors from attributes, shapes and bounds. */
final class Creating {
  /** Symbolic contents longer than this are not followed. */
  private static final int LONGEST_CONTENT = 64;

  private Creating() {}

  /** Constant: the tensor or the numbers of its one attribute. */
  static final class Constant implements Operator {
    @Override
    public String name() {
      return "Constant";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return List.of(TensorType.of(value(call)));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      return List.of(value(call));
    }

    private static Tensor value(Call call) {
      for (Attribute attribute : call.node().attributes()) {
        Tensor found = switch (attribute.value()) {
          case Attribute.TensorValue v -> v.constant().tensor();
          case Attribute.FloatValue v -> Tensor.scalar(v.value());
          case Attribute.IntValue v -> Tensor.scalar(v.value());
          case Attribute.StringValue v -> Tensor.ofStrings(Shape.SCALAR, List.of(v.bytes()));
          case Attribute.FloatValues v -> Tensor.of(Shape.of(v.values().length), v.values().clone());
          case Attribute.IntValues v -> Tensor.of(Shape.of(v.values().length), v.values().clone());
          case Attribute.StringValues v -> Tensor.ofStrings(Shape.of(v.values().size()), v.values());
          default -> null;
        };
        if (found != null) {
          return found;
        }
      }
      throw call.invalid("has no value that can be read, expected value, value_float, value_int, value_string, "
          + "value_floats, value_ints or value_strings; give a sparse_value as a dense one");
    }
  }

  /** ConstantOfShape: one value in every place of a given shape. */
  static final class ConstantOfShape implements Operator {
    private static final Tensor ZERO = Tensor.scalar(0f);

    @Override
    public String name() {
      return "ConstantOfShape";
    }

    @Override
    public int since() {
      return 9;
    }

    private static Tensor value(Call call) {
      Tensor value = call.tensorAttribute("value");
      if (value != null && value.size() != 1) {
        throw call.invalid("value has " + value.size() + " elements, expected one");
      }
      return value == null ? ZERO : value;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      List<Dim> dims = call.content(0);
      return Inference.one(value(call).dtype(), dims == null ? call.dimsCountedBy(0) : dims);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Tensor value = value(call);
      ElementBuffer buffer = new ElementBuffer(value.dtype(), Shape.of(call.longs(0)));
      buffer.fill(value, 0);
      return List.of(buffer.tensor());
    }

    @Override
    public List<Dim> content(Inference call) {
      List<Dim> shape = call.content(0);
      Tensor value = value(call);
      boolean followed = shape != null && shape.size() <= 1 && value.dtype().isInteger();
      Dim length = !followed ? null : shape.isEmpty() ? Dim.of(1) : shape.getFirst();
      return length == null || !length.isKnown() || length.size() < 0 || length.size() > LONGEST_CONTENT ? null
          : Collections.nCopies((int) length.size(), Dim.of(Elements.longs(value)[0]));
    }
  }

  /** EyeLike: ones on the k-th diagonal of a matrix of zeros. */
  static final class EyeLike implements Operator {
    @Override
    public String name() {
      return "EyeLike";
    }

    @Override
    public int since() {
      return 9;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return Inference.one(call.hasAttribute("dtype") ? dtype(call, null) : call.dtype(0), call.dims(0));
    }

    private static DType dtype(Call call, DType otherwise) {
      return call.hasAttribute("dtype") ? DType.ofCode(call.int32("dtype")) : otherwise;
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape shape = call.shape(0);
      if (shape.rank() != 2) {
        throw call.invalid("input has shape " + shape + ", expected a matrix");
      }
      DType dtype = dtype(call, call.dtype(0));
      long diagonal = call.int32("k", 0);
      Tensor one = Numbers.tensor(dtype, Shape.SCALAR, new double[] {1});
      ElementBuffer buffer = new ElementBuffer(dtype, shape);
      for (long row = Math.max(0, -diagonal); row < shape.dim(0) && row + diagonal < shape.dim(1); row++) {
        buffer.copy(one, 0, row * shape.dim(1) + row + diagonal, 1);
      }
      return List.of(buffer.tensor());
    }
  }

  /** Range: numbers from a start up to a limit by steps of delta. */
  static final class Range implements Operator {
    @Override
    public String name() {
      return "Range";
    }

    @Override
    public int since() {
      return 11;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return Inference.one(call.dtype(0), List.of(length(call)));
    }

    private static Dim length(Inference call) {
      Tensor start = call.known(0);
      Tensor limit = call.known(1);
      Tensor delta = call.known(2);
      if (start != null && limit != null && delta != null) {
        return Dim.of(length(call, start, limit, delta));
      }
      List<Dim> from = call.content(0);
      List<Dim> to = call.content(1);
      List<Dim> step = call.content(2);
      boolean unit = step != null && step.size() == 1 && step.getFirst().is(1);
      return unit && from != null && to != null && from.size() == 1 && to.size() == 1 && from.getFirst().is(0)
          ? to.getFirst()
          : Dim.unknown();
    }

    private static long length(Call call, Tensor start, Tensor limit, Tensor delta) {
      if (start.dtype().isFloating()) {
        double step = one(call, Elements.doubles(delta));
        requireStep(call, step);
        double steps = Math.ceil((one(call, Elements.doubles(limit)) - one(call, Elements.doubles(start))) / step);
        return (long) Math.max(0, steps);
      }
      long step = one(call, Elements.longs(delta));
      requireStep(call, step);
      long from = one(call, Elements.longs(start));
      long to = one(call, Elements.longs(limit));
      long span = to - from;
      if (((to ^ from) & (to ^ span)) < 0) {
        throw call.invalid("start is " + from + " and limit " + to + ", expected a span of less than 2^63");
      }
      return Math.max(0, Math.ceilDiv(span, step));
    }

    private static long one(Call call, long[] values) {
      if (values.length != 1) {
        throw call.invalid("found " + values.length + " numbers as a bound, expected one");
      }
      return values[0];
    }

    private static double one(Call call, double[] values) {
      if (values.length != 1 || !Double.isFinite(values[0])) {
        throw call.invalid("found " + values.length + " numbers as a bound, expected one finite number");
      }
      return values[0];
    }

    private static void requireStep(Call call, double step) {
      if (step == 0) {
        throw call.invalid("delta is 0, expected another step");
      }
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      DType dtype = call.dtype(0);
      Shape shape = Shape.of(length(call, call.required(0), call.required(1), call.required(2)));
      int n = shape.intSize();
      if (!dtype.isFloating()) {
        long[] values = new long[n];
        for (int i = 0; i < n; i++) {
          values[i] = call.scalarLong(0) + i * call.scalarLong(2);
        }
        return List.of(Elements.ofLongs(dtype, shape, values));
      }
      double[] values = new double[n];
      double start = call.scalarDouble(0);
      double delta = call.scalarDouble(2);
      for (int i = 0; i < n; i++) {
        values[i] = start + i * delta;
      }
      return List.of(Elements.ofDoubles(dtype, shape, values));
    }

    @Override
    public List<Dim> content(Inference call) {
      List<Dim> from = call.content(0);
      List<Dim> step = call.content(2);
      Dim length = from == null || step == null ? Dim.unknown() : length(call);
      if (!length.isKnown() || length.size() > LONGEST_CONTENT) {
        return null;
      }
      List<Dim> content = new ArrayList<>();
      for (int i = 0; i < length.size(); i++) {
        content.add(from.getFirst().plus(step.getFirst().times(Dim.of(i))));
      }
      return content;
    }
  }
}
