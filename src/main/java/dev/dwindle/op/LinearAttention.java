package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** LinearAttention: a state of keys times values, decayed and corrected token by token, read by the queries. */
final class LinearAttention implements Operator {
  @Override
  public String name() {
    return "LinearAttention";
  }

  @Override
  public int since() {
    return 27;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    DType state = call.has(3) ? call.dtype(3) : call.dtype(0);
    if (!call.hasRank(0) || !call.hasRank(1) || !call.hasRank(2)) {
      return List.of(TensorType.unranked(call.dtype(0)), TensorType.unranked(state));
    }
    for (int input = 0; input < 3; input++) {
      call.requireRank(input, 3, 3);
    }
    Dim queryHeads = Dim.of(call.integer("q_num_heads"));
    Dim keyHeads = Dim.of(call.integer("kv_num_heads"));
    Dim values = call.dims(2).get(2).floorDiv(keyHeads);
    List<Dim> q = call.dims(0);
    return List.of(new TensorType(call.dtype(0), List.of(q.get(0), q.get(1), queryHeads.times(values))),
        new TensorType(state, List.of(q.get(0), keyHeads, call.dims(1).get(2).floorDiv(keyHeads), values)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Run run = new Run(call);
    double[] y = new double[run.batch * run.steps * run.queryHeads * run.values];
    double[] states = run.initial();
    for (int b = 0; b < run.batch; b++) {
      for (int t = 0; t < run.steps; t++) {
        for (int h = 0; h < run.keyHeads; h++) {
          run.update(b * run.steps + t, h, states, (b * run.keyHeads + h) * run.keys * run.values);
        }
        for (int h = 0; h < run.queryHeads; h++) {
          int keyHead = h / (run.queryHeads / run.keyHeads);
          run.read(b * run.steps + t, h, states, (b * run.keyHeads + keyHead) * run.keys * run.values, y);
        }
      }
    }
    DType state = call.has(3) ? call.dtype(3) : call.dtype(0);
    return List.of(
        Elements.ofDoubles(call.dtype(0), Shape.of(run.batch, run.steps, (long) run.queryHeads * run.values), y),
        Elements.ofDoubles(state, Shape.of(run.batch, run.keyHeads, run.keys, run.values), states));
  }

  /** One evaluation: its sizes and arrays. A token is counted over the batch. */
  private static final class Run {
    private final Evaluation call;
    private final int queryHeads;
    private final int keyHeads;
    private final int batch;
    private final int steps;
    private final int keys;
    private final int values;
    private final double scale;
    private final double[] q;
    private final double[] k;
    private final double[] v;
    private final double[] decay;
    private final double[] beta;

    Run(Evaluation call) {
      this.call = call;
      queryHeads = call.int32("q_num_heads");
      keyHeads = call.int32("kv_num_heads");
      Shape query = call.shape(0);
      if (query.rank() != 3 || keyHeads < 1 || queryHeads < 1 || queryHeads % keyHeads != 0
          || query.dim(2) % queryHeads != 0
          || call.shape(1).rank() != 3 || call.shape(2).rank() != 3) {
        throw call.invalid("query, key, value are " + query + ", " + call.shape(1) + ", " + call.shape(2)
            + ", expected three axes each, with " + queryHeads + " and " + keyHeads + " heads in the last");
      }
      batch = query.intDim(0);
      steps = query.intDim(1);
      keys = query.intDim(2) / queryHeads;
      values = call.shape(2).intDim(2) / keyHeads;
      requireShapes();
      String rule = call.text("update_rule", "gated_delta");
      if (!List.of("linear", "gated", "delta", "gated_delta").contains(rule)) {
        throw call.invalid("update_rule is '" + rule + "', expected linear, gated, delta or gated_delta");
      }
      float given = call.real("scale", 0);
      scale = given == 0 ? 1 / Math.sqrt(keys) : given;
      q = call.doubles(0);
      k = call.doubles(1);
      v = call.doubles(2);
      decay = rule.startsWith("gated") ? required(4, "decay") : null;
      beta = rule.endsWith("delta") ? required(5, "beta") : null;
    }

    private void requireShapes() {
      call.requireShape(1, batch, steps, (long) keyHeads * keys);
      call.requireShape(2, batch, steps, (long) keyHeads * values);
      call.requireShape(3, batch, keyHeads, keys, values);
      boolean perKey = call.has(4) && call.shape(4).rank() == 3 && call.shape(4).dim(2) != keyHeads;
      call.requireShape(4, batch, steps, perKey ? (long) keyHeads * keys : keyHeads);
      boolean shared = call.has(5) && call.shape(5).rank() == 3 && call.shape(5).dim(2) == 1;
      call.requireShape(5, batch, steps, shared ? 1 : keyHeads);
    }

    private double[] required(int input, String name) {
      if (!call.has(input)) {
        throw call.invalid("input '" + name + "' is missing, but the update rule needs it");
      }
      return call.doubles(input);
    }

    private double[] initial() {
      return call.has(3) ? call.doubles(3) : new double[batch * keyHeads * keys * values];
    }

    private void update(int token, int head, double[] states, int state) {
      int key = (token * keyHeads + head) * keys;
      int value = (token * keyHeads + head) * values;
      if (decay != null) {
        int perToken = decay.length / (batch * steps);
        for (int i = 0; i < keys * values; i++) {
          int at = perToken == keyHeads ? head : head * keys + i / values;
          states[state + i] *= Math.exp(decay[token * perToken + at]);
        }
      }
      double rate = beta == null ? 1 : beta[beta.length == batch * steps ? token : token * keyHeads + head];
      for (int j = 0; j < values; j++) {
        double known = 0;
        for (int i = 0; i < keys && beta != null; i++) {
          known += states[state + i * values + j] * k[key + i];
        }
        for (int i = 0; i < keys; i++) {
          states[state + i * values + j] += rate * k[key + i] * (v[value + j] - known);
        }
      }
    }

    private void read(int token, int head, double[] states, int state, double[] y) {
      int query = (token * queryHeads + head) * keys;
      int to = (token * queryHeads + head) * values;
      for (int i = 0; i < keys; i++) {
        for (int j = 0; j < values; j++) {
          y[to + j] += scale * q[query + i] * states[state + i * values + j];
        }
      }
    }
  }
}
