package dev.dwindle.op;

import java.util.Arrays;

/** A function inside a recurrent cell. Source: ONNX, LSTM, "Activation functions". */
public record RecurrentActivation(Function function, float alpha, float beta) {
  /** The functions, with the defaults of the operators of the same names; NaN where a number is not taken. */
  public enum Function {
    RELU(Float.NaN, Float.NaN),
    TANH(Float.NaN, Float.NaN),
    SIGMOID(Float.NaN, Float.NaN),
    AFFINE(1, 0),
    LEAKYRELU(0.01f, Float.NaN),
    THRESHOLDEDRELU(1, Float.NaN),
    SCALEDTANH(1, 1),
    HARDSIGMOID(0.2f, 0.5f),
    ELU(1, Float.NaN),
    SOFTSIGN(Float.NaN, Float.NaN),
    SOFTPLUS(Float.NaN, Float.NaN);

    private final float alpha;
    private final float beta;

    Function(float alpha, float beta) {
      this.alpha = alpha;
      this.beta = beta;
    }

    static Function of(Call call, String name) {
      for (Function function : values()) {
        if (function.name().equalsIgnoreCase(name)) {
          return function;
        }
      }
      throw call.invalid("activation is '" + name + "', expected one of " + Arrays.toString(values()));
    }

    boolean takesAlpha() {
      return !Float.isNaN(alpha);
    }

    boolean takesBeta() {
      return !Float.isNaN(beta);
    }

    float alpha() {
      return alpha;
    }

    float beta() {
      return beta;
    }
  }

  /** The function's value. */
  public double of(double x) {
    return switch (function) {
      case RELU -> Math.max(0, x);
      case TANH -> Math.tanh(x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case AFFINE -> alpha * x + beta;
      case LEAKYRELU -> x >= 0 ? x : alpha * x;
      case THRESHOLDEDRELU -> x >= alpha ? x : 0;
      case SCALEDTANH -> alpha * Math.tanh(beta * x);
      case HARDSIGMOID -> Math.clamp(alpha * x + beta, 0, 1);
      case ELU -> x >= 0 ? x : alpha * Math.expm1(x);
      case SOFTSIGN -> x / (1 + Math.abs(x));
      case SOFTPLUS -> x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
    };
  }
}
