package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** GRU: gates in the order update, reset, hidden. */
final class Gru implements Operator {
  /** The activations of a cell unless others are given: of the gates and of the candidate. */
  static final List<String> ACTIVATIONS = List.of("Sigmoid", "Tanh");

  @Override
  public String name() {
    return "GRU";
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
    Recurrence run = new Recurrence(call, 3, ACTIVATIONS);
    return run.run(d -> (gates, h, c) -> step(run, d, gates, h), -1);
  }

  private static void step(Recurrence run, int d, double[] gates, double[] h) {
    int hidden = h.length;
    double[] before = h.clone();
    double[] reset = new double[hidden];
    double[] resetBefore = new double[hidden];
    for (int u = 0; u < hidden; u++) {
      reset[u] = run.activate(d, 0,
          gates[hidden + u] + run.recurrent(d, 1, u, before) + run.recurrentBias(d, 1, u));
      resetBefore[u] = reset[u] * before[u];
    }
    for (int u = 0; u < hidden; u++) {
      double z = run.activate(d, 0, gates[u] + run.recurrent(d, 0, u, before) + run.recurrentBias(d, 0, u));
      double share = run.attributes().variant()
          ? reset[u] * (run.recurrent(d, 2, u, before) + run.recurrentBias(d, 2, u))
          : run.recurrent(d, 2, u, resetBefore) + run.recurrentBias(d, 2, u);
      h[u] = (1 - z) * run.activate(d, 1, gates[2 * hidden + u] + share) + z * before[u];
    }
  }
}
