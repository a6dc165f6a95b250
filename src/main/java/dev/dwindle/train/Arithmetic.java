package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;

/** Appends arithmetic of one floating-point type to a graph. */
record Arithmetic(Graph graph, DType dtype) {
  Value number(double value) {
    return graph.addConstant("number", Elements.ofDoubles(dtype, Shape.SCALAR, new double[] {value}));
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

  Value root(Value a) {
    return op("Sqrt", a);
  }

  private Value op(String operator, Value... inputs) {
    return graph.node(operator).in(inputs).out("step", new TensorType(dtype, null)).append().output();
  }
}
