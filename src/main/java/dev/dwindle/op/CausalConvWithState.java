package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** CausalConvWithState: a depthwise convolution over the present and past of a sequence, which carries its past. */
final class CausalConvWithState implements Operator {
  @Override
  public String name() {
    return "CausalConvWithState";
  }

  @Override
  public int since() {
    return 27;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    call.requireRank(0, 3, 3);
    call.requireRank(1, 3, 3);
    List<Dim> x = call.dims(0);
    Dim past = call.hasRank(1) ? call.dims(1).get(2).minus(Dim.of(1)) : Dim.unknown();
    return List.of(call.tensor(0), new TensorType(call.dtype(0), x == null ? null : List.of(x.get(0), x.get(1), past)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    Shape weights = call.shape(1);
    if (shape.rank() != 3 || weights.rank() != 3 || weights.dim(0) != shape.dim(1) || weights.dim(1) != 1
        || weights.dim(2) < 1) {
      throw call.invalid("input " + shape + " and weights " + weights
          + ", expected [batch, channels, length] and [channels, 1, k]");
    }
    int length = shape.intDim(2);
    int k = weights.intDim(2);
    Shape state = shape.with(2, k - 1);
    call.requireShape(2, shape.dim(1));
    call.requireShape(3, state.dims());
    double[] x = call.doubles(0);
    double[] w = call.doubles(1);
    double[] bias = call.has(2) ? call.doubles(2) : new double[shape.intDim(1)];
    double[] states = call.has(3) ? call.doubles(3) : new double[state.intSize()];
    boolean silu = silu(call);
    double[] line = new double[k - 1 + length];
    for (int row = 0; row < shape.product(0, 2); row++) {
      int channel = row % bias.length;
      System.arraycopy(states, row * (k - 1), line, 0, k - 1);
      System.arraycopy(x, row * length, line, k - 1, length);
      for (int t = 0; t < length; t++) {
        double sum = bias[channel];
        for (int i = 0; i < k; i++) {
          sum += w[channel * k + i] * line[t + i];
        }
        x[row * length + t] = silu ? sum / (1 + Math.exp(-sum)) : sum;
      }
      System.arraycopy(line, length, states, row * (k - 1), k - 1);
    }
    return List.of(Elements.ofDoubles(call.dtype(0), shape, x), Elements.ofDoubles(call.dtype(0), state, states));
  }

  private static boolean silu(Call call) {
    String activation = call.text("activation", "none");
    return switch (activation) {
      case "none" -> false;
      case "silu", "swish" -> true;
      default -> throw call.invalid("activation is '" + activation + "', expected none, silu or swish");
    };
  }
}
