package dev.dwindle.op;

import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** MeanVarianceNormalization: zero mean and unit variance over chosen axes (unless given: all but the channels). */
final class MeanVarianceNormalization implements Operator {
  /** Added to the deviation, as ONNX's function body has it. */
  private static final float EPSILON = 1e-9f;

  @Override
  public String name() {
    return "MeanVarianceNormalization";
  }

  @Override
  public int since() {
    return 9;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    Shape kept = shape;
    for (long axis : axes(call)) {
      kept = kept.with(call.axis(axis, shape.rank()), 1);
    }
    double[] x = call.doubles(0);
    int[] groups = groups(call, kept, shape);
    double[] mean = means(x, groups, kept.intSize());
    double[] squares = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] -= mean[groups[i]];
      squares[i] = x[i] * x[i];
    }
    double[] variance = means(squares, groups, kept.intSize());
    for (int i = 0; i < x.length; i++) {
      x[i] /= Math.sqrt(variance[groups[i]]) + EPSILON;
    }
    return List.of(Elements.ofDoubles(call.dtype(0), shape, x));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    if (call.type(0).dtype() != DType.FLOAT) {
      return null;
    }
    Value centred = call.op("Sub", call.input(0), call.reduce("ReduceMean", call.input(0), axes(call)));
    Value variance = call.reduce("ReduceMean", call.op("Mul", centred, centred), axes(call));
    Value deviation = call.op("Add", call.op("Sqrt", variance), call.constant(EPSILON));
    return List.of(call.op("Div", centred, deviation));
  }

  private static long[] axes(Call call) {
    return call.integers("axes", 0, 2, 3);
  }

  /** For each element, the index of its group: those that share one mean. */
  private static int[] groups(Evaluation call, Shape kept, Shape shape) {
    double[] numbers = new double[kept.intSize()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    double[] expanded = Broadcast.onto(call, numbers, kept, shape);
    int[] groups = new int[expanded.length];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = (int) expanded[i];
    }
    return groups;
  }

  private static double[] means(double[] x, int[] groups, int count) {
    double[] means = new double[count];
    for (int i = 0; i < x.length; i++) {
      means[groups[i]] += x[i];
    }
    for (int i = 0; i < count; i++) {
      means[i] /= (double) x.length / count;
    }
    return means;
  }
}
