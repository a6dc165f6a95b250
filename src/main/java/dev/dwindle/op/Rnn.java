package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** RNN: one layer of units that see the input and their own last values. */
final class Rnn implements Operator {
  @Override
  public String name() {
    return "RNN";
  }

  @Override
  public int since() {
    return 7;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Recurrence.infer(call, 1);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Recurrence run = new Recurrence(call, 1, List.of("Tanh"));
    return run.run(d -> (gates, h, c) -> {
      double[] before = h.clone();
      for (int u = 0; u < h.length; u++) {
        h[u] = run.activate(d, 0, gates[u] + run.recurrent(d, 0, u, before) + run.recurrentBias(d, 0, u));
      }
    }, -1);
  }
}
