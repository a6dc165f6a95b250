package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** AveragePool: the mean of each window, with or without the padding in the count. */
final class AveragePool implements Operator {
  @Override
  public String name() {
    return "AveragePool";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(call.dtype(0), PoolGeometry.infer(call, call.dims(0)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    PoolGeometry geometry = PoolGeometry.of(call, call.shape(0));
    int least = call.flag("count_include_pad", false) ? WindowTaps.PADDING : 0;
    double[] y = geometry.reduce(call.doubles(0), (x, from, offsets) -> mean(x, from, offsets, least));
    return List.of(Elements.ofDoubles(call.dtype(0), geometry.output(), y));
  }

  private static double mean(double[] x, int from, int[] offsets, int least) {
    double sum = 0;
    int count = 0;
    for (int offset : offsets) {
      if (offset >= 0) {
        sum += x[from + offset];
      }
      if (offset >= least) {
        count++;
      }
    }
    return sum / count;
  }
}
