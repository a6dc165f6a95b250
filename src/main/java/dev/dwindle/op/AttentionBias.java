package dev.dwindle.op;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.Arrays;

/** What is added to the scores of an Attention: masks, the causal bound, the window, padded keys. */
final class AttentionBias {
  private static final double NEVER = Double.NEGATIVE_INFINITY;

  private final AttentionGeometry g;
  private final double[] mask;
  private final long[] valid;
  private final boolean external;
  private final boolean causal;
  private final long left;
  private final long right;

  AttentionBias(Evaluation call, AttentionGeometry g) {
    this.g = g;
    this.mask = call.has(3) ? mask(call, g) : null;
    this.valid = call.has(6) ? call.longs(6) : null;
    this.external = valid != null && !call.has(4);
    this.causal = call.flag("is_causal", false);
    this.left = call.integer("left_window_size", -1);
    this.right = call.integer("right_window_size", -1);
    if (valid != null && valid.length != g.batch()) {
      throw call.invalid("nonpad_kv_seqlen has " + valid.length + " elements, expected " + g.batch());
    }
  }

  /** The bias of each key for one query. */
  void row(int b, int head, int query, double[] bias) {
    long position = query + (external ? valid[b] - g.queries() : g.past());
    int from = ((b * g.queryHeads() + head) * g.queries() + query) * g.keys();
    for (int j = 0; j < g.keys(); j++) {
      boolean seen = (valid == null || j < valid[b]) && (!causal || j <= position)
          && (left < 0 || j >= position - left) && (right < 0 || j <= position + right);
      bias[j] = !seen ? NEVER : mask == null ? 0 : mask[from + j];
    }
  }

  private static double[] mask(Evaluation call, AttentionGeometry g) {
    Shape shape = call.shape(3);
    double[] values;
    if (call.dtype(3) == DType.BOOL) {
      values = Arrays.stream(call.longs(3)).mapToDouble(v -> v == 0 ? NEVER : 0).toArray();
    } else {
      values = call.doubles(3);
    }
    int length = shape.rank() == 0 ? 1 : shape.intDim(-1);
    if (length > 1 && length < g.keys()) {
      double[] padded = new double[values.length / length * g.keys()];
      Arrays.fill(padded, NEVER);
      for (int from = 0, to = 0; from < values.length; from += length, to += g.keys()) {
        System.arraycopy(values, from, padded, to, length);
      }
      values = padded;
      shape = shape.with(-1, g.keys());
    }
    return Broadcast.onto(call, values, shape, g.scores());
  }
}
