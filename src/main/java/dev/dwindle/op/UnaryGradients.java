package dev.dwindle.op;

import dev.dwindle.graph.Value;
import java.util.List;

/** Gradients of functions of one number, from the input or the output, whichever takes less to compute. */
final class UnaryGradients {
  private UnaryGradients() {}

  static List<Value> negative(Backward call) {
    return List.of(call.op("Neg", call.gradient()));
  }

  static List<Value> absolute(Backward call) {
    return List.of(call.mul(call.gradient(), call.op("Sign", call.input(0))));
  }

  /** 1 / (2 y). */
  static List<Value> squareRoot(Backward call) {
    return List.of(call.op("Div", call.mul(call.gradient(), call.scalarLike(0, 0.5)), call.output(0)));
  }

  static List<Value> exponential(Backward call) {
    return List.of(call.mul(call.gradient(), call.output(0)));
  }

  static List<Value> logarithm(Backward call) {
    return List.of(call.op("Div", call.gradient(), call.input(0)));
  }

  static List<Value> sine(Backward call) {
    return List.of(call.mul(call.gradient(), call.op("Cos", call.input(0))));
  }

  static List<Value> cosine(Backward call) {
    return List.of(call.op("Neg", call.mul(call.gradient(), call.op("Sin", call.input(0)))));
  }

  /** 1 - y^2. */
  static List<Value> hyperbolicTangent(Backward call) {
    Value square = call.mul(call.output(0), call.output(0));
    return List.of(call.mul(call.gradient(), call.op("Sub", call.scalarLike(0, 1), square)));
  }

  /** y (1 - y). */
  static List<Value> sigmoid(Backward call) {
    Value rest = call.op("Sub", call.scalarLike(0, 1), call.output(0));
    return List.of(call.mul(call.gradient(), call.mul(call.output(0), rest)));
  }

  /** exp(-x^2) 2 / sqrt(pi). */
  static List<Value> errorFunction(Backward call) {
    Value bell = call.op("Exp", call.op("Neg", call.mul(call.input(0), call.input(0))));
    return List.of(call.mul(call.gradient(), call.mul(bell, call.scalarLike(0, 2 / Math.sqrt(Math.PI)))));
  }
}
