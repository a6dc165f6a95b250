package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.List;

/**
 * The sizes of an Attention.
 *
 * @param past cached keys that stand before the incoming ones
 * @param keys all keys, cached and incoming
 * @param packed whether heads lie inside the last axis ({@code [batch, sequence, heads * size]})
 */
public record AttentionGeometry(int batch, int queryHeads, int keyHeads, int queries, int past, int keys, int headSize,
    int valueSize, boolean packed) {

  /** The sizes of a call with inputs Q, K, V, and optionally past_key and past_value at 4 and 5. */
  static AttentionGeometry of(Evaluation call) {
    Shape q = heads(call, call.shape(0), "q_num_heads");
    Shape k = heads(call, call.shape(1), "kv_num_heads");
    Shape v = heads(call, call.shape(2), "kv_num_heads");
    boolean fits = q.dim(0) == k.dim(0) && k.dim(0) == v.dim(0) && q.dim(3) == k.dim(3) && k.dim(2) == v.dim(2)
        && k.dim(1) == v.dim(1) && k.dim(1) > 0 && q.dim(1) % k.dim(1) == 0;
    boolean ranks = call.shape(0).rank() == call.shape(1).rank() && call.shape(1).rank() == call.shape(2).rank();
    if (!fits || !ranks || call.has(4) != call.has(5)) {
      throw call.invalid("Q, K and V are " + q + ", " + k + " and " + v + " (batch, heads, sequence, size)"
          + ", expected equal batches, sizes that match, query heads a multiple of key heads, past key and value both");
    }
    call.requireShape(4, -1, -1, -1, -1);
    int past = call.has(4) ? call.shape(4).intDim(2) : 0;
    AttentionGeometry g = new AttentionGeometry(q.intDim(0), q.intDim(1), k.intDim(1), q.intDim(2), past,
        past + k.intDim(2), q.intDim(3), v.intDim(3), call.shape(0).rank() == 3);
    call.requireShape(4, g.batch, g.keyHeads, past, g.headSize);
    call.requireShape(5, g.batch, g.keyHeads, past, g.valueSize);
    return g;
  }

  /** The shape of an input with its heads as an axis: {@code [batch, heads, sequence, size]}. */
  private static Shape heads(Call call, Shape shape, String attribute) {
    if (shape.rank() == 4) {
      return shape;
    }
    long heads = call.integer(attribute);
    if (shape.rank() != 3 || heads < 1 || shape.dim(2) % heads != 0) {
      throw call.invalid("an input has shape " + shape + " and " + attribute + " is " + heads
          + ", expected [batch, heads, sequence, size] or [batch, sequence, heads * size]");
    }
    return Shape.of(shape.dim(0), heads, shape.dim(1), shape.dim(2) / heads);
  }

  /** The shape of the scores. */
  Shape scores() {
    return Shape.of(batch, queryHeads, queries, keys);
  }

  /** The shape of the output. */
  Shape output() {
    return packed ? Shape.of(batch, queries, (long) queryHeads * valueSize)
        : Shape.of(batch, queryHeads, queries, valueSize);
  }

  /** The element at which the output of a query begins. */
  int outputAt(int b, int head, int query) {
    return (packed ? (b * queries + query) * queryHeads + head : (b * queryHeads + head) * queries + query) * valueSize;
  }

  /**
   * An input in the order {@code [batch, heads, sequence, size]}, behind what was cached.
   *
   * @param cached elements of the past in that order, or null
   */
  double[] unpack(double[] x, int rank, int heads, int size, double[] cached) {
    int before = cached == null ? 0 : cached.length / Math.max(1, batch * heads * size);
    int sequence = x.length / Math.max(1, batch * heads * size);
    double[] y = new double[batch * heads * (before + sequence) * size];
    for (int b = 0, to = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        if (cached != null) {
          System.arraycopy(cached, (b * heads + h) * before * size, y, to, before * size);
          to += before * size;
        }
        for (int s = 0; s < sequence; s++, to += size) {
          int from = rank == 3 ? (b * sequence + s) * heads + h : (b * heads + h) * sequence + s;
          System.arraycopy(x, from * size, y, to, size);
        }
      }
    }
    return y;
  }

  /** The types of Y, present_key, present_value and qk_matmul_output. */
  static List<ValueType> infer(Inference call) {
    DType dtype = call.dtype(0);
    if (!call.hasRank(0) || !call.hasRank(1) || !call.hasRank(2)) {
      return List.of(TensorType.unranked(dtype), TensorType.unranked(dtype), TensorType.unranked(call.dtype(2)),
          TensorType.unranked(dtype));
    }
    int rank = call.dims(0).size() == 3 ? 3 : 4;
    for (int input = 0; input < 3; input++) {
      call.requireRank(input, rank, rank);
    }
    call.requireRank(4, 4, 4);
    boolean packed = rank == 3;
    List<Dim> q = call.dims(0);
    Dim queryHeads = packed ? Dim.of(call.integer("q_num_heads")) : q.get(1);
    Dim keyHeads = packed ? Dim.of(call.integer("kv_num_heads")) : call.dims(1).get(1);
    Dim keySize = packed ? call.dims(1).get(2).floorDiv(keyHeads) : call.dims(1).get(3);
    Dim valueSize = packed ? call.dims(2).get(2).floorDiv(keyHeads) : call.dims(2).get(3);
    Dim queries = q.get(packed ? 1 : 2);
    Dim keys = call.dims(1).get(packed ? 1 : 2);
    if (call.has(4)) {
      keys = call.hasRank(4) ? keys.plus(call.dims(4).get(2)) : Dim.unknown();
    }
    return List.of(
        new TensorType(dtype,
            packed ? List.of(q.get(0), queries, queryHeads.times(valueSize))
                : List.of(q.get(0), queryHeads, queries, valueSize)),
        new TensorType(dtype, List.of(q.get(0), keyHeads, keys, keySize)),
        new TensorType(call.dtype(2), List.of(q.get(0), keyHeads, keys, valueSize)),
        new TensorType(dtype, List.of(q.get(0), queryHeads, queries, keys)));
  }
}
