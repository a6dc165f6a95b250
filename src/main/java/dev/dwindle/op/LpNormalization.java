package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** LpNormalization: divides by the sum of magnitudes (p 1) or the Euclidean norm (p 2) along an axis; 0 / 0 is 0. */
final class LpNormalization implements Operator {
  @Override
  public String name() {
    return "LpNormalization";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    long p = call.integer("p", 2);
    if (p != 1 && p != 2) {
      throw call.invalid("p is " + p + ", expected 1 or 2");
    }
    Shape shape = call.shape(0);
    int axis = call.axis(call.integer("axis", -1), shape.rank());
    int count = shape.intDim(axis);
    int step = (int) shape.product(axis + 1, shape.rank());
    double[] x = call.doubles(0);
    for (int outer = 0; outer < x.length; outer += count * step) {
      for (int first = outer; first < outer + step; first++) {
        double sum = 0;
        for (int i = 0, at = first; i < count; i++, at += step) {
          sum += p == 1 ? Math.abs(x[at]) : x[at] * x[at];
        }
        double norm = p == 1 ? sum : Math.sqrt(sum);
        for (int i = 0, at = first; i < count; i++, at += step) {
          x[at] = norm == 0 ? 0 : x[at] / norm;
        }
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), shape, x));
  }
}
