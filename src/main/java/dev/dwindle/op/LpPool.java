package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** LpPool: the p-norm of each window. */
final class LpPool implements Operator {
  @Override
  public String name() {
    return "LpPool";
  }

  @Override
  public int since() {
    return 2;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(call.dtype(0), PoolGeometry.infer(call, call.dims(0)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    PoolGeometry geometry = PoolGeometry.of(call, call.shape(0));
    double p = call.integer("p", 2);
    double[] y = geometry.reduce(call.doubles(0), (x, from, offsets) -> {
      double sum = 0;
      for (int offset : offsets) {
        sum += offset < 0 ? 0 : Math.pow(Math.abs(x[from + offset]), p);
      }
      return Math.pow(sum, 1 / p);
    });
    return List.of(Elements.ofDoubles(call.dtype(0), geometry.output(), y));
  }
}
