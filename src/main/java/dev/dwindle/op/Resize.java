package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Resize, and Upsample before it: nearest, linear or cubic interpolation, axis by axis. */
final class Resize implements Operator {
  private final String name;

  Resize(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int since() {
    return name.equals("Upsample") ? 7 : 10;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(call.dtype(0), ResizeGeometry.infer(call));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    ResizeGeometry geometry = ResizeGeometry.of(call, call.shape(0), ResizeGeometry.Extent.of(call, call::input));
    double[] x = call.doubles(0);
    Shape shape = call.shape(0);
    for (int i = 0; i < shape.rank(); i++) {
      ResizeAxis axis = geometry.axes().get(i);
      if (axis != null && !axis.isIdentity()) {
        x = resize(x, shape, i, axis, geometry.attributes().extrapolation());
        shape = shape.with(i, axis.output());
      }
    }
    return List.of(Numbers.tensor(call.dtype(0), geometry.output(), x));
  }

  private static double[] resize(double[] x, Shape shape, int at, ResizeAxis axis, double extrapolation) {
    int outer = (int) shape.product(0, at);
    int inner = (int) shape.product(at + 1, shape.rank());
    double[] y = new double[shape.with(at, axis.output()).intSize()];
    for (int i = 0, to = 0; i < outer; i++) {
      for (int o = 0; o < axis.output(); o++, to += inner) {
        double[] weights = axis.weights()[o];
        if (weights == null) {
          Arrays.fill(y, to, to + inner, extrapolation);
          continue;
        }
        for (int k = 0; k < weights.length; k++) {
          int from = (i * axis.input() + axis.taps()[o][k]) * inner;
          for (int j = 0; j < inner; j++) {
            y[to + j] += weights[k] * x[from + j];
          }
        }
      }
    }
    return y;
  }
}
