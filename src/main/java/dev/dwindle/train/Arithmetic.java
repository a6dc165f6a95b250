package dev.dwindle.train;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.stream.LongStream;

/** Appends arithmetic of one floating-point type to a graph, which is of an operator set that reduces along axes given as inputs. */
record Arithmetic(Graph graph, DType dtype) {
  /** The square of the least length that a vector counts as: gradients stay finite at zeros. */
  private static final double LEAST_SQUARE = 1e-12;

  /** Of the element type of a value. */
  static Arithmetic like(Graph graph, Value value) {
    return new Arithmetic(graph, value.tensorType().dtype());
  }

  TensorType scalar() {
    return TensorType.of(dtype, Shape.SCALAR);
  }

  Value number(double value) {
    return graph.addConstant("number", Elements.ofDoubles(dtype, Shape.SCALAR, new double[] {value}));
  }

  /** A value of another floating-point type in this one. */
  Value cast(Value a) {
    if (a.tensorType().dtype() == dtype) return a;
    return append(graph.node("Cast").in(a).attribute(Attribute.of("to", dtype.code())), a.tensorType().with(dtype));
  }

  Value add(Value a, Value b) {
    return op("Add", a, b);
  }

  Value subtract(Value a, Value b) {
    return op("Sub", a, b);
  }

  Value multiply(Value a, Value b) {
    return op("Mul", a, b);
  }

  Value times(Value a, double factor) {
    return op("Mul", a, number(factor));
  }

  Value divide(Value a, Value b) {
    return op("Div", a, b);
  }

  Value power(double base, Value exponent) {
    return op("Pow", number(base), exponent);
  }

  Value square(Value a) {
    return op("Mul", a, a);
  }

  Value root(Value a) {
    return op("Sqrt", a);
  }

  /** The smaller of two. */
  Value least(Value a, Value b) {
    return op("Min", a, b);
  }

  Value exponential(Value a) {
    return op("Exp", a);
  }

  Value logSoftmax(Value a, int axis) {
    return append(graph.node("LogSoftmax").in(a).attribute(Attribute.of("axis", axis)), TensorType.unranked(dtype));
  }

  /** Along an axis, which stays with size 1. */
  Value sum(Value a, int axis) {
    return reduce("ReduceSum", a, axis, true);
  }

  /** Of all elements, a scalar. */
  Value sum(Value a) {
    return append(graph.node("ReduceSum").in(a).attribute(Attribute.of("keepdims", 0)), scalar());
  }

  /** Along an axis, which goes. */
  Value mean(Value a, int axis) {
    return reduce("ReduceMean", a, axis, false);
  }

  /** Of all elements, a scalar. */
  Value mean(Value a) {
    return append(graph.node("ReduceMean").in(a).attribute(Attribute.of("keepdims", 0)), scalar());
  }

  /**
   * Of all elements, a scalar, by how much each counts.
   *
   * @param weights of the first axes of {@code a}, not negative; null where all count alike
   * @param rank of {@code a}
   */
  Value mean(Value a, Value weights, int rank) {
    if (weights == null) return mean(a);
    Value axes = graph.addConstant("axes", Tensor.of(Shape.of(rank - weights.tensorType().rank()),
        LongStream.range(weights.tensorType().rank(), rank).toArray()));
    Value wide = append(graph.node("Unsqueeze").in(weights, axes), TensorType.unranked(dtype));
    return divide(mean(op("Mul", a, wide)), op("Max", mean(weights), number(LEAST_SQUARE)));
  }

  /** Vectors along an axis, divided by their lengths. */
  Value unit(Value a, int axis) {
    Value square = op("Max", sum(square(a), axis), number(LEAST_SQUARE));
    return divide(a, root(square));
  }

  private Value reduce(String operator, Value a, int axis, boolean keepsAxis) {
    Value axes = graph.addConstant("axes", Tensor.of(Shape.of(1), (long) axis));
    return append(graph.node(operator).in(a, axes).attribute(Attribute.of("keepdims", keepsAxis ? 1 : 0)),
        TensorType.unranked(dtype));
  }

  private Value op(String operator, Value... inputs) {
    return append(graph.node(operator).in(inputs), TensorType.unranked(dtype));
  }

  private static Value append(NodeBuilder node, TensorType type) {
    return node.out("step", type).append().output();
  }
}
