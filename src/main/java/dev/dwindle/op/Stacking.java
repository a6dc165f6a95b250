package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the iterations of a subgraph have in common: results put together along a new axis, state types that hold. */
final class Stacking {
  private Stacking() {}

  /** The body of a call, which must have so many inputs, and outputs for at least so many and for the node's. */
  static Graph body(Call call, int inputs, int outputs) {
    Graph body = call.graph("body");
    int conditions = call.node().is("Loop") ? 1 : 0;
    int expected = Math.max(outputs, call.outputCount() + conditions);
    if (body.inputs().size() < inputs || body.outputs().size() < expected) {
      throw call.invalid("body has " + body.inputs().size() + " inputs and " + body.outputs().size()
          + " outputs, expected " + inputs + " and " + expected);
    }
    return body;
  }

  /**
   * The tensors along a new first axis of {@code length}, zeros where there are fewer tensors.
   *
   * @param body the value of the subgraph that gave them; its declared type stands in where there are none
   */
  static Tensor stack(Call call, List<Tensor> tensors, long length, Value body) {
    Shape shape;
    if (tensors.isEmpty()) {
      TensorType type = body.tensorType();
      if (type == null || type.dtype() == null || !type.hasRank()) {
        throw call.invalid("no iteration has given '" + body.name() + "', expected its type to be declared then");
      }
      shape = Shape.of(type.dims().stream().mapToLong(d -> d.isKnown() ? d.size() : 0).toArray());
      return new ElementBuffer(type.dtype(), prepend(shape, length)).tensor();
    }
    shape = tensors.getFirst().shape();
    ElementBuffer buffer = new ElementBuffer(tensors.getFirst().dtype(), prepend(shape, length));
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      if (!tensor.shape().equals(shape)) {
        throw call.invalid("iteration " + i + " gives '" + body.name() + "' of shape " + tensor.shape() + ", expected "
            + shape + " as the first");
      }
      buffer.copy(tensor, 0, i * shape.size(), shape.size());
    }
    return buffer.tensor();
  }

  private static Shape prepend(Shape shape, long length) {
    long[] dims = new long[shape.rank() + 1];
    dims[0] = length;
    System.arraycopy(shape.dims(), 0, dims, 1, shape.rank());
    return Shape.of(dims);
  }

  /** A type with one more axis. */
  static ValueType stacked(ValueType element, int axis, Dim length) {
    if (!(element instanceof TensorType type) || !type.hasRank()) {
      return element instanceof TensorType type ? type : null;
    }
    List<Dim> dims = new ArrayList<>(type.dims());
    dims.add(axis < 0 ? axis + dims.size() + 1 : axis, length);
    return type.withDims(dims);
  }

  /** Infers a body again and again, each time with looser state types, until what goes in also comes out. */
  static List<ValueType> settle(Inference call, List<ValueType> inputs, int firstState, int firstResult,
      int states) {
    List<ValueType> given = new ArrayList<>(inputs);
    Set<Dim> loose = new HashSet<>();
    while (true) {
      List<ValueType> results = call.infer(call.graph("body"), given);
      boolean settled = true;
      for (int i = 0; i < states && firstResult + i < results.size(); i++) {
        ValueType before = given.get(firstState + i);
        ValueType after = common(before, results.get(firstResult + i), loose);
        settled &= before == null || before.equals(after);
        given.set(firstState + i, after);
      }
      if (settled) {
        List<ValueType> types = new ArrayList<>(results);
        for (int i = 0; i < states; i++) {
          types.set(firstResult + i, given.get(firstState + i));
        }
        return types;
      }
    }
  }

  private static ValueType common(ValueType before, ValueType after, Set<Dim> loose) {
    if (!(before instanceof TensorType a)) {
      return before;
    }
    if (!(after instanceof TensorType b) || !a.hasRank() || !b.hasRank() || a.rank() != b.rank()) {
      return a.withDims(null);
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < a.rank(); i++) {
      Dim dim = a.dim(i);
      if (!loose.contains(dim) && !dim.equals(b.dim(i))) {
        dim = Dim.unknown();
        loose.add(dim);
      }
      dims.add(dim);
    }
    return a.withDims(dims);
  }

  /** The type that holds for both of two branches. */
  static ValueType either(ValueType a, ValueType b) {
    return a == null || b == null || a.getClass() != b.getClass() ? null : common(a, b, new HashSet<>());
  }
}
