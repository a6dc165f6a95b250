package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** LSTM: gates in the order input, output, forget, cell; with peepholes, and coupled input and forget gates. */
final class Lstm implements Operator {
  /** The activations of a cell unless others are given: of the gates, the candidate and the output. */
  static final List<String> ACTIVATIONS = List.of("Sigmoid", "Tanh", "Tanh");

  @Override
  public String name() {
    return "LSTM";
  }

  @Override
  public int since() {
    return 7;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Recurrence.infer(call, 2);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Recurrence run = new Recurrence(call, 4, ACTIVATIONS);
    int hidden = run.attributes().hidden();
    call.requireShape(7, run.attributes().directions(), 3L * hidden);
    double[] p = call.has(7) ? call.doubles(7) : new double[run.attributes().directions() * 3 * hidden];
    return run.run(d -> (gates, h, c) -> step(run, d, p, gates, h, c), 6);
  }

  private static void step(Recurrence run, int d, double[] p, double[] gates, double[] h, double[] c) {
    int hidden = h.length;
    int peephole = d * 3 * hidden;
    double[] before = h.clone();
    for (int u = 0; u < hidden; u++) {
      double i = run.activate(d, 0, sum(run, d, 0, u, gates, before) + p[peephole + u] * c[u]);
      double f = run.attributes().variant() ? 1 - i
          : run.activate(d, 0, sum(run, d, 2, u, gates, before) + p[peephole + 2 * hidden + u] * c[u]);
      double candidate = run.activate(d, 1, sum(run, d, 3, u, gates, before));
      c[u] = f * c[u] + i * candidate;
      double o = run.activate(d, 0, sum(run, d, 1, u, gates, before) + p[peephole + hidden + u] * c[u]);
      h[u] = o * run.unclipped(d, 2, c[u]);
    }
  }

  private static double sum(Recurrence run, int d, int gate, int u, double[] gates, double[] h) {
    return gates[gate * h.length + u] + run.recurrent(d, gate, u, h) + run.recurrentBias(d, gate, u);
  }
}
