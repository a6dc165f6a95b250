package dev.dwindle.op;

import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** RMSNormalization: divides by the root of the mean square over the axes from {@code axis} on, then scales. */
final class RmsNormalization implements Operator {
  @Override
  public String name() {
    return "RMSNormalization";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    if (call.hasRank(0)) {
      call.axis(call.integer("axis", -1), call.dims(0).size());
    }
    return call.same(0, call.dtype(1));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    int axis = call.axis(call.integer("axis", -1), shape.rank());
    int outer = (int) shape.product(0, axis);
    int count = (int) shape.product(axis, shape.rank());
    double[] x = call.doubles(0);
    double[] scale = Broadcast.onto(call, 1, shape);
    double epsilon = call.real("epsilon", 1e-5f);
    for (int o = 0, from = 0; o < outer; o++, from += count) {
      double rms = Math.sqrt(Moments.variance(x, from, count, 0) + epsilon);
      for (int i = from; i < from + count; i++) {
        x[i] = x[i] / rms * scale[i];
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(1), shape, x));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    long axis = call.integer("axis", -1);
    boolean floats = call.type(0).dtype() == DType.FLOAT && call.type(1).dtype() == DType.FLOAT;
    long[] axes = call.axesFrom(axis);
    if (!floats || axes == null) {
      return null;
    }
    Value x = call.input(0);
    Value meanSquare = call.reduce("ReduceMean", call.op("Mul", x, x), axes);
    Value rms = call.op("Sqrt", call.op("Add", meanSquare, call.constant(call.real("epsilon", 1e-5f))));
    return List.of(call.op("Mul", call.op("Div", x, rms), call.input(1)));
  }
}
