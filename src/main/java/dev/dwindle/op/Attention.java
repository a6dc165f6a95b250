package dev.dwindle.op;

import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Attention: softmax of scaled products of queries and keys, biased and capped, times the values; grouped heads. */
final class Attention implements Operator {
  @Override
  public String name() {
    return "Attention";
  }

  @Override
  public int since() {
    return 23;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return AttentionGeometry.infer(call);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    AttentionGeometry g = AttentionGeometry.of(call);
    double[] q = g.unpack(call.doubles(0), call.shape(0).rank(), g.queryHeads(), g.headSize(), null);
    double[] k = g.unpack(call.doubles(1), call.shape(1).rank(), g.keyHeads(), g.headSize(),
        call.has(4) ? call.doubles(4) : null);
    double[] v = g.unpack(call.doubles(2), call.shape(2).rank(), g.keyHeads(), g.valueSize(),
        call.has(5) ? call.doubles(5) : null);
    double[] y = new double[g.output().intSize()];
    double[] shown = call.wants(3) ? new double[g.scores().intSize()] : null;
    AttentionBias bias = new AttentionBias(call, g);
    for (int b = 0; b < g.batch(); b++) {
      for (int h = 0; h < g.queryHeads(); h++) {
        head(call, g, bias, new Head(b, h, q, k, v, y, shown));
      }
    }
    Shape keys = Shape.of(g.batch(), g.keyHeads(), g.keys(), g.headSize());
    return List.of(Elements.ofDoubles(call.dtype(0), g.output(), y), Elements.ofDoubles(call.dtype(0), keys, k),
        Elements.ofDoubles(call.dtype(2), keys.with(3, g.valueSize()), v),
        shown == null ? call.input(0) : Elements.ofDoubles(call.dtype(0), g.scores(), shown));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    return AttentionExpansion.of(call);
  }

  /** One head of one sequence, and the arrays that it works on. */
  private record Head(int batch, int index, double[] q, double[] k, double[] v, double[] y, double[] shown) {}

  private static void head(Call call, AttentionGeometry g, AttentionBias bias, Head head) {
    double scale = call.real("scale", (float) (1 / Math.sqrt(g.headSize())));
    double cap = call.real("softcap", 0);
    long mode = call.integer("qk_matmul_output_mode", 0);
    int keyHead = head.batch * g.keyHeads() + head.index / (g.queryHeads() / g.keyHeads());
    double[] row = new double[g.keys()];
    double[] masks = new double[g.keys()];
    for (int i = 0; i < g.queries(); i++) {
      int query = (head.batch * g.queryHeads() + head.index) * g.queries() + i;
      products(g, head, query, keyHead, scale, row);
      show(head, mode == 0, row, query);
      for (int j = 0; j < row.length && cap != 0; j++) {
        row[j] = cap * Math.tanh(row[j] / cap);
      }
      show(head, mode == 1, row, query);
      bias.row(head.batch, head.index, i, masks);
      boolean seen = false;
      for (int j = 0; j < row.length; j++) {
        seen |= masks[j] != Double.NEGATIVE_INFINITY;
        row[j] = masks[j] == Double.NEGATIVE_INFINITY ? masks[j] : row[j] + masks[j];
      }
      show(head, mode == 2, row, query);
      if (seen) {
        Softmax.softmax(row, 0, row.length, 1);
      } else {
        Arrays.fill(row, 0);
      }
      show(head, mode == 3, row, query);
      weighted(g, head, keyHead, row, g.outputAt(head.batch, head.index, i));
    }
  }

  private static void products(AttentionGeometry g, Head head, int query, int keyHead, double scale, double[] row) {
    for (int j = 0; j < row.length; j++) {
      int from = query * g.headSize();
      int key = (keyHead * g.keys() + j) * g.headSize();
      double sum = 0;
      for (int d = 0; d < g.headSize(); d++) {
        sum += head.q[from + d] * head.k[key + d];
      }
      row[j] = sum * scale;
    }
  }

  private static void weighted(AttentionGeometry g, Head head, int keyHead, double[] row, int to) {
    for (int j = 0; j < row.length; j++) {
      int value = (keyHead * g.keys() + j) * g.valueSize();
      for (int d = 0; d < g.valueSize() && row[j] != 0; d++) {
        head.y[to + d] += row[j] * head.v[value + d];
      }
    }
  }

  private static void show(Head head, boolean wanted, double[] row, int query) {
    if (wanted && head.shown != null) {
      System.arraycopy(row, 0, head.shown, query * row.length, row.length);
    }
  }
}
