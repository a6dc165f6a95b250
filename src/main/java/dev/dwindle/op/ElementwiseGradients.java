package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Gradients of what is computed element by element, with broadcasting. Conditions multiply: that is faster than Where in several runtimes. */
final class ElementwiseGradients {
  private ElementwiseGradients() {}

  static List<Value> add(Backward call) {
    return Arrays.asList(call.needs(0) ? call.sumTo(call.gradient(), 0) : null,
        call.needs(1) ? call.sumTo(call.gradient(), 1) : null);
  }

  static List<Value> subtract(Backward call) {
    return Arrays.asList(call.needs(0) ? call.sumTo(call.gradient(), 0) : null,
        call.needs(1) ? call.op("Neg", call.sumTo(call.gradient(), 1)) : null);
  }

  static List<Value> multiply(Backward call) {
    return Arrays.asList(call.needs(0) ? call.sumTo(call.mul(call.gradient(), call.input(1)), 0) : null,
        call.needs(1) ? call.sumTo(call.mul(call.gradient(), call.input(0)), 1) : null);
  }

  static List<Value> divide(Backward call) {
    Value share = call.op("Div", call.gradient(), call.input(1));
    return Arrays.asList(call.needs(0) ? call.sumTo(share, 0) : null,
        call.needs(1) ? call.op("Neg", call.sumTo(call.mul(share, call.output(0)), 1)) : null);
  }

  /** b x^(b - 1), nothing where b is 0; and y log x, nothing where x is not above 0. */
  static List<Value> power(Backward call) {
    if (!call.dtype(0).isFloating() || (call.needs(1) && call.dtype(1) != call.dtype(0))) {
      throw call
          .invalid("found a power of " + call.type(0) + " to " + call.type(1) + ", expected one floating-point type"
              + " for its gradient");
    }
    return Arrays.asList(call.needs(0) ? call.sumTo(call.mul(call.gradient(), slope(call)), 0) : null,
        call.needs(1) ? call.sumTo(call.mul(call.gradient(), growth(call)), 1) : null);
  }

  private static Value slope(Backward call) {
    Value exponent = call.input(1);
    if (call.dtype(1) != call.dtype(0)) {
      exponent = call.op("Cast", List.of(Attribute.of("to", call.dtype(0).code())), exponent);
    }
    Value less = call.op("Sub", exponent, call.scalarLike(0, 1));
    Tensor known = call.input(1).tensor();
    if (known == null || Arrays.stream(Elements.doubles(known)).anyMatch(e -> e == 0)) {
      // 0 to the power of -1 would make a NaN of the 0 that it is multiplied by.
      Value flat = call.op("Equal", exponent, call.scalarLike(0, 0));
      less = call.op("Where", flat, call.scalarLike(0, 1), less);
    }
    return call.mul(exponent, call.op("Pow", call.input(0), less));
  }

  private static Value growth(Backward call) {
    Value above = call.op("Greater", call.input(0), call.scalarLike(0, 0));
    Value logarithm = call.op("Log", call.op("Where", above, call.input(0), call.scalarLike(0, 1)));
    return call.mul(call.output(0), logarithm);
  }

  /** To the first of the inputs that are as large, or small, as the output. */
  static List<Value> extreme(Backward call) {
    List<Value> gradients = new ArrayList<>();
    Value taken = null;
    for (int i = 0; i < call.inputCount(); i++) {
      Value equal = call.op("Equal", call.input(i), call.output(0));
      Value first = taken == null ? equal : call.op("And", equal, call.op("Not", taken));
      taken = taken == null ? equal : call.op("Or", taken, equal);
      gradients.add(call.needs(i) ? call.sumTo(call.masked(call.gradient(), first, call.dtype(0)), i) : null);
    }
    return gradients;
  }

  static List<Value> where(Backward call) {
    Value condition = call.input(0);
    return Arrays.asList(null,
        call.needs(1) ? call.sumTo(call.masked(call.gradient(), condition, call.dtype(1)), 1) : null,
        call.needs(2)
            ? call.sumTo(call.masked(call.gradient(), call.op("Not", condition), call.dtype(2)), 2) : null);
  }

  /** What Relu gives is not negative: its sign is 1 where the input passed. */
  static List<Value> relu(Backward call) {
    return List.of(call.mul(call.gradient(), call.op("Sign", call.output(0))));
  }

  /** To the input where it is within the ends, which it may equal, else to the end; where the ends are crossed, to the upper one. */
  static List<Value> clip(Backward call) {
    Value below = call.has(1) ? call.op("Less", call.input(0), call.input(1)) : null;
    Value beyond = call.has(2) ? call.op("Greater", call.input(0), call.input(2)) : null;
    if (below != null && beyond != null) {
      Value crossed = call.op("Greater", call.input(1), call.input(2));
      below = call.op("And", below, call.op("Not", crossed));
      beyond = call.op("Or", beyond, crossed);
    }
    Value outside = below == null ? beyond : beyond == null ? below : call.op("Or", below, beyond);
    return Arrays.asList(
        call.needs(0) ? outside == null ? call.gradient()
            : call.masked(call.gradient(), call.op("Not", outside), call.dtype(0)) : null,
        call.needs(1) ? call.sumTo(call.masked(call.gradient(), below, call.dtype(0)), 1) : null,
        call.needs(2) ? call.sumTo(call.masked(call.gradient(), beyond, call.dtype(0)), 2) : null);
  }

  static List<Value> cast(Backward call) {
    if (!call.dtype(0).isFloating()) return List.of();
    return List.of(call.op("Cast", List.of(Attribute.of("to", call.dtype(0).code())), call.gradient()));
  }
}
