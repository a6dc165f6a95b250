package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Where: elements of one tensor where a condition holds, of another where not, with broadcasting. */
final class Where implements Operator {
  @Override
  public String name() {
    return "Where";
  }

  @Override
  public int since() {
    return 9;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    DType type = call.dtype(1) == null ? call.dtype(2) : call.dtype(1);
    if (call.dtype(2) != null && call.dtype(2) != type) {
      throw call.invalid("X is of type " + type.text() + " and Y of type " + call.dtype(2).text()
          + ", expected one type");
    }
    return List.of(new TensorType(type, call.broadcast(0, 1, 2)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    if (call.dtype(1) != call.dtype(2)) {
      throw call.invalid("X is of type " + call.dtype(1).text() + " and Y of type " + call.dtype(2).text()
          + ", expected one type");
    }
    if (call.dtype(0) != DType.BOOL) {
      throw call.invalid("condition is of type " + call.dtype(0).text() + ", expected bool");
    }
    Shape shape = Broadcast.shape(call);
    byte[] condition = Broadcast.expand(call.input(0).bytes(), call.shape(0), shape);
    if (call.dtype(1) == DType.STRING) {
      byte[][] x = Broadcast.expand(call.input(1).strings().toArray(byte[][]::new), call.shape(1), shape);
      byte[][] y = Broadcast.expand(call.input(2).strings().toArray(byte[][]::new), call.shape(2), shape);
      choose(condition, x, y, 1);
      return List.of(Tensor.ofStrings(shape, Arrays.asList(y)));
    }
    int width = call.dtype(1).bits() / 8;
    if (width == 0) {
      throw call.invalid("X is of type " + call.dtype(1).text() + ", expected one of at least 8 bits");
    }
    Shape wide = wide(shape, width);
    byte[] x = Broadcast.expand(call.input(1).bytes(), wide(call.shape(1), width), wide);
    byte[] y = Broadcast.expand(call.input(2).bytes(), wide(call.shape(2), width), wide);
    choose(condition, x, y, width);
    return List.of(Tensor.of(call.dtype(1), shape, y));
  }

  /** The shape of the bytes: one more axis. */
  private static Shape wide(Shape shape, int width) {
    long[] dims = Arrays.copyOf(shape.dims(), shape.rank() + 1);
    dims[shape.rank()] = width;
    return Shape.of(dims);
  }

  /** Overwrites {@code y} with the runs of {@code x} where the condition holds. */
  private static void choose(byte[] condition, Object x, Object y, int width) {
    for (int i = 0; i < condition.length; i++) {
      int from = i;
      while (i < condition.length && condition[i] != 0) {
        i++;
      }
      if (i > from) {
        System.arraycopy(x, from * width, y, from * width, (i - from) * width);
      }
    }
  }

  @Override
  public List<Dim> content(Inference call) {
    List<Dim> condition = condition(call);
    List<Dim> x = call.content(1);
    List<Dim> y = call.content(2);
    if (condition == null || x == null || y == null) {
      return null;
    }
    int count = Math.max(condition.size(), Math.max(x.size(), y.size()));
    for (List<Dim> dims : List.of(condition, x, y)) {
      if (dims.size() != 1 && dims.size() != count) {
        return null;
      }
    }
    List<Dim> result = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Dim c = condition.get(condition.size() == 1 ? 0 : i);
      Dim a = x.get(x.size() == 1 ? 0 : i);
      Dim b = y.get(y.size() == 1 ? 0 : i);
      result.add(!c.isKnown() ? a.equals(b) ? a : Dim.unknown() : c.is(0) ? b : a);
    }
    return result;
  }

  private static List<Dim> condition(Inference call) {
    if (call.known(0) == null) {
      return call.content(0);
    }
    return call.known(0).shape().rank() > 1 ? null
        : Arrays.stream(Elements.longs(call.known(0))).mapToObj(Dim::of).toList();
  }
}
