package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Arithmetic of two or more tensors, element by element, with broadcasting. FLOAT16 and BFLOAT16 are computed in float
 * and rounded once; integers wrap around at their width; an integer divided by zero is 0, as in ONNX's reference.
 */
final class BinaryArithmetic implements Operator {
  /** A loop over arrays of the output's length; {@code y} may be {@code a}. */
  private interface Floats {
    void apply(float[] a, float[] b, float[] y);
  }

  private interface Doubles {
    void apply(double[] a, double[] b, double[] y);
  }

  private interface Longs {
    void apply(long[] a, long[] b, long[] y);
  }

  private interface Dims {
    /** The result for one element, or null where it does not follow. */
    Dim apply(Dim a, Dim b);
  }

  /** The meaning for each carrier; {@code unsigned} is for UINT64 alone, whose upper half reads as negative. */
  private record Loops(Floats floats, Doubles doubles, Longs longs, Longs unsigned, Dims dims) {}

  static final Operator ADD = new BinaryArithmetic("Add", 7, new Loops((a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] + b[i];
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] + b[i];
    }
  }, BinaryArithmetic::add, BinaryArithmetic::add, Dim::plus));

  static final Operator SUB = new BinaryArithmetic("Sub", 7, new Loops((a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] - b[i];
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] - b[i];
    }
  }, BinaryArithmetic::subtract, BinaryArithmetic::subtract, Dim::minus));

  static final Operator MUL = new BinaryArithmetic("Mul", 7, new Loops((a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] * b[i];
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] * b[i];
    }
  }, BinaryArithmetic::multiply, BinaryArithmetic::multiply, Dim::times));

  static final Operator DIV = new BinaryArithmetic("Div", 7, new Loops((a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] / b[i];
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] / b[i];
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = b[i] == 0 ? 0 : a[i] / b[i];
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = b[i] == 0 ? 0 : Long.divideUnsigned(a[i], b[i]);
    }
  }, BinaryArithmetic::quotient));

  static final Operator MAX = new BinaryArithmetic("Max", 6, new Loops((a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(a[i], b[i]);
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(a[i], b[i]);
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(a[i], b[i]);
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = Long.compareUnsigned(a[i], b[i]) < 0 ? b[i] : a[i];
    }
  }, (a, b) -> a.isKnown() && b.isKnown() ? Dim.of(Math.max(a.size(), b.size())) : a.equals(b) ? a : null));

  static final Operator MIN = new BinaryArithmetic("Min", 6, new Loops((a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.min(a[i], b[i]);
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.min(a[i], b[i]);
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.min(a[i], b[i]);
    }
  }, (a, b, y) -> {
    for (int i = 0; i < y.length; i++) {
      y[i] = Long.compareUnsigned(a[i], b[i]) < 0 ? a[i] : b[i];
    }
  }, (a, b) -> a.isKnown() && b.isKnown() ? Dim.of(Math.min(a.size(), b.size())) : a.equals(b) ? a : null));

  private final String name;
  private final int since;
  private final Loops loops;

  private BinaryArithmetic(String name, int since, Loops loops) {
    this.name = name;
    this.since = since;
    this.loops = loops;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int since() {
    return since;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return List.of(Broadcast.infer(call));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    DType type = Broadcast.type(call);
    Shape shape = Broadcast.shape(call);
    if (type == DType.DOUBLE) {
      double[] y = null;
      for (int i = 0; i < call.inputCount(); i++) {
        double[] x = Broadcast.expand(call.doubles(i), call.shape(i), shape);
        y = y == null ? x : applied(y, x);
      }
      return List.of(Tensor.of(shape, y));
    }
    if (type.isFloating()) {
      float[] y = null;
      for (int i = 0; i < call.inputCount(); i++) {
        float[] x = Broadcast.expand(call.floats(i), call.shape(i), shape);
        y = y == null ? x : applied(y, x);
      }
      return Evaluation.one(type, shape, y);
    }
    long[] y = null;
    for (int i = 0; i < call.inputCount(); i++) {
      long[] x = Broadcast.expand(call.longs(i), call.shape(i), shape);
      y = y == null ? x : applied(y, x, type == DType.UINT64 ? loops.unsigned : loops.longs);
    }
    return List.of(Elements.ofLongs(type, shape, y));
  }

  private double[] applied(double[] y, double[] x) {
    loops.doubles.apply(y, x, y);
    return y;
  }

  private float[] applied(float[] y, float[] x) {
    loops.floats.apply(y, x, y);
    return y;
  }

  private static long[] applied(long[] y, long[] x, Longs loop) {
    loop.apply(y, x, y);
    return y;
  }

  @Override
  public List<Dim> content(Inference call) {
    if (call.dtype(0) != DType.INT64 && call.dtype(0) != DType.INT32) {
      return null;
    }
    List<Dim> result = call.content(0);
    for (int k = 1; k < call.inputCount() && result != null; k++) {
      result = content(result, call.content(k));
    }
    return result;
  }

  private List<Dim> content(List<Dim> a, List<Dim> b) {
    if (b == null || (a.size() != b.size() && a.size() != 1 && b.size() != 1)) {
      return null;
    }
    List<Dim> result = new ArrayList<>();
    int count = a.size() == 1 ? b.size() : a.size();
    for (int i = 0; i < count; i++) {
      Dim dim = loops.dims.apply(a.get(a.size() == 1 ? 0 : i), b.get(b.size() == 1 ? 0 : i));
      if (dim == null) {
        return null;
      }
      result.add(dim);
    }
    return result;
  }

  private static Dim quotient(Dim a, Dim b) {
    if (b.is(0)) {
      return null;
    }
    return a.isKnown() && b.isKnown() ? Dim.of(a.size() / b.size()) : a.floorDiv(b);
  }

  private static void add(long[] a, long[] b, long[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] + b[i];
    }
  }

  private static void subtract(long[] a, long[] b, long[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] - b[i];
    }
  }

  private static void multiply(long[] a, long[] b, long[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] * b[i];
    }
  }

  /** Sum of any number of tensors; a chain of Add. */
  static final class Sum implements Operator {
    @Override
    public String name() {
      return "Sum";
    }

    @Override
    public int since() {
      return 6;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return ADD.infer(call);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      return ADD.evaluate(call);
    }

    @Override
    public List<Value> decompose(Expansion call) {
      return call.inputCount() == 0 ? null : List.of(sum(call));
    }
  }

  /** Mean of any number of tensors: their sum divided by their number. */
  static final class Mean implements Operator {
    @Override
    public String name() {
      return "Mean";
    }

    @Override
    public int since() {
      return 6;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return ADD.infer(call);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      DType type = Broadcast.type(call);
      Shape shape = Broadcast.shape(call);
      double[] sum = new double[shape.intSize()];
      for (int i = 0; i < call.inputCount(); i++) {
        double[] x = Broadcast.expand(call.doubles(i), call.shape(i), shape);
        for (int k = 0; k < sum.length; k++) {
          sum[k] += x[k];
        }
      }
      for (int k = 0; k < sum.length; k++) {
        sum[k] /= call.inputCount();
      }
      return List.of(Elements.ofDoubles(type, shape, sum));
    }

    @Override
    public List<Value> decompose(Expansion call) {
      DType type = call.type(0).dtype();
      return type == null ? null
          : List.of(call.op("Div", sum(call), call.scalar(type, call.inputCount())));
    }
  }

  private static Value sum(Expansion call) {
    Value sum = call.input(0);
    for (int i = 1; i < call.inputCount(); i++) {
      sum = call.op("Add", sum, call.input(i));
    }
    return call.inputCount() == 1 ? call.op("Identity", sum) : sum;
  }
}
