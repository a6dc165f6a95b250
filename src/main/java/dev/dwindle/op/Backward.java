package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/** A node whose inputs' gradients are asked for: new nodes are put at the end of its graph, which is of {@link #OPSET} or newer. */
public final class Backward extends Building {
  /** The operator set version from which on every rule can say what it needs: scatters that add, axes as inputs. */
  public static final int OPSET = 18;

  private final List<Value> gradients;
  private final Set<Value> needed;

  /**
   * @param gradients of the outputs in order; null where the loss does not depend on one
   * @param needed values whose gradients are asked for
   */
  public Backward(Node node, List<Value> gradients, Set<Value> needed) {
    super(node);
    this.gradients = gradients;
    this.needed = needed;
  }

  @Override
  Node place(NodeBuilder builder) {
    return builder.append();
  }

  /** The gradient of the first output. */
  Value gradient() {
    if (gradients.getFirst() == null) throw invalid("the loss depends on an output that has no gradient");
    return gradients.getFirst();
  }

  /** The gradient of an output, or null where the loss does not depend on it. */
  Value gradient(int output) {
    return gradients.get(output);
  }

  /** An output. */
  Value output(int index) {
    return node().output(index);
  }

  /** Whether the gradient of an input is asked for. */
  boolean needs(int input) {
    return has(input) && needed.contains(input(input));
  }

  /** The dimensions of an input, whose rank must be known. */
  List<Dim> dims(int input) {
    return dims(input(input), "input " + input);
  }

  private List<Dim> dims(Value value, String what) {
    TensorType type = value.tensorType();
    if (type == null || !type.hasRank())
      throw invalid(what + " is of unknown rank, expected a known one for its gradient");
    return type.dims();
  }

  int rank(int input) {
    return dims(input).size();
  }

  /** The shape of an input, all of whose dimensions must be known. */
  Shape shape(int input) {
    TensorType type = input(input).tensorType();
    if (type == null || !type.isStatic()) {
      throw invalid("input " + input + " is of type " + type + ", expected a known shape for its gradient");
    }
    return type.shape();
  }

  /** The numbers of an integer input that must be constant. */
  long[] constants(int input) {
    Tensor tensor = input(input).tensor();
    if (tensor == null) throw invalid("input " + input + " is computed, expected a constant for the gradient");
    return Elements.longs(tensor);
  }

  /** The element type of an input. */
  DType dtype(int input) {
    return type(input).dtype();
  }

  /** A constant scalar of the element type of an input. */
  Value scalarLike(int input, double value) {
    return scalar(dtype(input), value);
  }

  /** The shape of an input as a value. */
  Value shapeOf(int input) {
    TensorType type = input(input).tensorType();
    return type != null && type.isStatic() ? integers(type.shape().dims()) : op("Shape", input(input));
  }

  Value mul(Value a, Value b) {
    return op("Mul", a, b);
  }

  /** The numbers of a tensor times 1 where a condition holds, and times 0 elsewhere. */
  Value masked(Value value, Value condition, DType dtype) {
    return mul(value, op("Cast", List.of(Attribute.of("to", dtype.code())), condition));
  }

  /** Zeros of the shape of an input. */
  Value zeros(int input) {
    return op("Expand", scalarLike(input, 0), shapeOf(input));
  }

  /** A gradient of the first output's shape, for an input that was broadcast to it: the sum over what it was repeated along. */
  Value sumTo(Value gradient, int input) {
    return sumTo(gradient, dims(output(0), "the output"), dims(input));
  }

  /** The sum over the axes along which dimensions {@code to} were broadcast to {@code from}. */
  Value sumTo(Value value, List<Dim> from, List<Dim> to) {
    int more = from.size() - to.size();
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      if (i < more || (to.get(i - more).is(1) && !from.get(i).is(1))) {
        axes.add(i);
      } else if (!to.get(i - more).equals(from.get(i))) {
        throw invalid(
            "shapes " + to + " and " + from + ", expected dimensions of which it is known whether they are equal");
      }
    }
    if (axes.isEmpty()) return value;
    Value sum = reduce("ReduceSum", value, axes.stream().mapToLong(i -> i).toArray());
    return more == 0 ? sum : op("Squeeze", sum, integers(LongStream.range(0, more).toArray()));
  }
}
