package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Comparison of two tensors, element by element, with broadcasting; any comparison with NaN is false. */
final class Comparison implements Operator {
  private enum Relation {
    EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL
  }

  static final Operator EQUAL = new Comparison("Equal", 7, Relation.EQUAL);
  static final Operator LESS = new Comparison("Less", 7, Relation.LESS);
  static final Operator GREATER = new Comparison("Greater", 7, Relation.GREATER);
  static final Operator LESS_OR_EQUAL = new Comparison("LessOrEqual", 12, Relation.LESS_OR_EQUAL);
  static final Operator GREATER_OR_EQUAL = new Comparison("GreaterOrEqual", 12, Relation.GREATER_OR_EQUAL);

  private final String name;
  private final int since;
  private final Relation relation;

  private Comparison(String name, int since, Relation relation) {
    this.name = name;
    this.since = since;
    this.relation = relation;
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
    TensorType type = Broadcast.infer(call);
    return List.of(type.with(DType.BOOL));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    DType type = Broadcast.type(call);
    Shape shape = Broadcast.shape(call);
    byte[] y = new byte[shape.intSize()];
    if (type == DType.STRING) {
      strings(call, shape, y);
    } else if (type == DType.DOUBLE) {
      doubles(call, shape, y);
    } else if (type.isFloating()) {
      floats(call, shape, y);
    } else {
      longs(call, shape, y, type == DType.UINT64 ? Long.MIN_VALUE : 0);
    }
    return List.of(Tensor.of(DType.BOOL, shape, y));
  }

  private void floats(Evaluation call, Shape shape, byte[] y) {
    float[] a = Broadcast.expand(call.floats(0), call.shape(0), shape);
    float[] b = Broadcast.expand(call.floats(1), call.shape(1), shape);
    for (int i = 0; i < y.length; i++) {
      y[i] = (byte) (holds(a[i], b[i]) ? 1 : 0);
    }
  }

  private void doubles(Evaluation call, Shape shape, byte[] y) {
    double[] a = Broadcast.expand(call.doubles(0), call.shape(0), shape);
    double[] b = Broadcast.expand(call.doubles(1), call.shape(1), shape);
    for (int i = 0; i < y.length; i++) {
      y[i] = (byte) (holds(a[i], b[i]) ? 1 : 0);
    }
  }

  /** Adding {@code bias} orders UINT64 as longs are ordered. */
  private void longs(Evaluation call, Shape shape, byte[] y, long bias) {
    long[] a = Broadcast.expand(call.longs(0), call.shape(0), shape);
    long[] b = Broadcast.expand(call.longs(1), call.shape(1), shape);
    for (int i = 0; i < y.length; i++) {
      y[i] = (byte) (holds(a[i] + bias, b[i] + bias) ? 1 : 0);
    }
  }

  private void strings(Evaluation call, Shape shape, byte[] y) {
    if (relation != Relation.EQUAL) {
      throw call.invalid("inputs are strings, expected numbers");
    }
    byte[][] a = Broadcast.expand(call.required(0).strings().toArray(byte[][]::new), call.shape(0), shape);
    byte[][] b = Broadcast.expand(call.required(1).strings().toArray(byte[][]::new), call.shape(1), shape);
    for (int i = 0; i < y.length; i++) {
      y[i] = (byte) (Arrays.equals(a[i], b[i]) ? 1 : 0);
    }
  }

  private boolean holds(double a, double b) {
    return switch (relation) {
      case EQUAL -> a == b;
      case LESS -> a < b;
      case LESS_OR_EQUAL -> a <= b;
      case GREATER -> a > b;
      case GREATER_OR_EQUAL -> a >= b;
    };
  }

  private boolean holds(long a, long b) {
    return switch (relation) {
      case EQUAL -> a == b;
      case LESS -> a < b;
      case LESS_OR_EQUAL -> a <= b;
      case GREATER -> a > b;
      case GREATER_OR_EQUAL -> a >= b;
    };
  }

  /** 1 and 0 for true and false, an unknown dimension where it depends; so that Where can choose between shapes. */
  @Override
  public List<Dim> content(Inference call) {
    List<Dim> a = call.content(0);
    List<Dim> b = call.content(1);
    if (a == null || b == null || (a.size() != b.size() && a.size() != 1 && b.size() != 1)) {
      return null;
    }
    List<Dim> result = new ArrayList<>();
    for (int i = 0; i < (a.size() == 1 ? b.size() : a.size()); i++) {
      result.add(truth(a.get(a.size() == 1 ? 0 : i), b.get(b.size() == 1 ? 0 : i)));
    }
    return result;
  }

  private Dim truth(Dim a, Dim b) {
    if (a.isKnown() && b.isKnown()) {
      return Dim.of(holds(a.size(), b.size()) ? 1 : 0);
    }
    if (a.equals(b)) {
      return Dim.of(holds(0L, 0L) ? 1 : 0);
    }
    boolean negative = (a.isKnown() && a.size() < 0 && b.isNamed()) || (b.isKnown() && b.size() < 0 && a.isNamed());
    return relation == Relation.EQUAL && negative ? Dim.of(0) : Dim.unknown();
  }

  @Override
  public List<Value> decompose(Expansion call) {
    String strict = relation == Relation.LESS_OR_EQUAL ? "Less"
        : relation == Relation.GREATER_OR_EQUAL ? "Greater" : null;
    return strict == null ? null
        : List.of(call.op("Or", call.op(strict, call.input(0), call.input(1)),
            call.op("Equal", call.input(0), call.input(1))));
  }
}
