package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * Attention in simpler operators: for FLOAT, with known numbers of heads, with cached keys, masks, the causal bound and
 * the cap; not with windows, padded keys or the scores as an output.
 */
final class AttentionExpansion {
  private static final List<Attribute> SWAP_HEADS = List.of(Attribute.of("perm", new long[] {0, 2, 1, 3}));

  private final Expansion call;
  private final long queryHeads;
  private final long keyHeads;
  private final float scale;

  private AttentionExpansion(Expansion call, long queryHeads, long keyHeads, float scale) {
    this.call = call;
    this.queryHeads = queryHeads;
    this.keyHeads = keyHeads;
    this.scale = scale;
  }

  /** Y, present_key and present_value; null where the call is not one of those above. */
  static List<Value> of(Expansion call) {
    TensorType q = call.type(0);
    TensorType k = call.type(1);
    boolean plain = q.dtype() == DType.FLOAT && call.type(2).dtype() == DType.FLOAT && q.hasRank() && k.hasRank()
        && !call.has(6) && !call.wants(3) && call.integer("left_window_size", -1) < 0
        && call.integer("right_window_size", -1) < 0 && call.integer("softmax_precision", 1) == 1;
    if (!plain || (call.has(3) && !maskFits(call))) {
      return null;
    }
    boolean packed = q.rank() == 3;
    Dim queryHeads = packed ? Dim.of(call.integer("q_num_heads")) : q.dim(1);
    Dim keyHeads = packed ? Dim.of(call.integer("kv_num_heads")) : k.dim(1);
    Dim size = packed ? q.dim(2).floorDiv(queryHeads) : q.dim(3);
    if (!queryHeads.isKnown() || !keyHeads.isKnown() || !size.isKnown()) {
      return null;
    }
    float scale = call.real("scale", (float) (1 / Math.sqrt(size.size())));
    return new AttentionExpansion(call, queryHeads.size(), keyHeads.size(), scale).expand(packed);
  }

  /** A mask may be shorter than the keys; whether it is must be known. */
  private static boolean maskFits(Expansion call) {
    TensorType mask = call.type(3);
    TensorType k = call.type(1);
    boolean known = mask.hasRank() && mask.rank() > 0 && (mask.dtype() == DType.BOOL || mask.dtype() == DType.FLOAT);
    if (!known || (call.has(4) && !call.type(4).hasRank())) {
      return false;
    }
    Dim keys = k.dim(k.rank() == 3 ? 1 : 2);
    return mask.dim(-1).equals(call.has(4) ? keys.plus(call.type(4).dim(2)) : keys);
  }

  private List<Value> expand(boolean packed) {
    Value q = heads(call.input(0), queryHeads, packed);
    Value k = cached(heads(call.input(1), keyHeads, packed), 4);
    Value v = cached(heads(call.input(2), keyHeads, packed), 5);
    boolean grouped = queryHeads != keyHeads;
    Value scaled = call.op("Mul", q, call.constant(scale));
    Value rows = grouped ? call.op("Reshape", scaled, call.op("Concat", axis(0), sizes(k, 0, 2),
        call.integers(-1), sizes(k, 3, 4))) : scaled;
    Value turned = call.op("Transpose", List.of(Attribute.of("perm", new long[] {0, 1, 3, 2})), k);
    Value products = call.op("MatMul", rows, turned);
    Value scores = grouped ? call.op("Reshape", products, call.op("Concat", axis(0), sizes(q, 0, 3), sizes(k, 2, 3)))
        : products;
    Value weights = weights(biased(capped(scores), q, k));
    Value back = grouped ? call.op("Reshape", weights, call.op("Shape", products)) : weights;
    Value sums = call.op("MatMul", back, v);
    Value y = grouped ? call.op("Reshape", sums, call.op("Concat", axis(0), sizes(q, 0, 3), sizes(v, 3, 4))) : sums;
    Value output = packed ? call.op("Reshape", call.op("Transpose", SWAP_HEADS, y), call.integers(0, 0, -1)) : y;
    return List.of(output, k, v);
  }

  private Value heads(Value x, long heads, boolean packed) {
    return packed ? call.op("Transpose", SWAP_HEADS, call.op("Reshape", x, call.integers(0, 0, heads, -1))) : x;
  }

  private Value cached(Value x, int past) {
    return call.has(past) ? call.op("Concat", axis(2), call.input(past), x) : x;
  }

  private Value capped(Value scores) {
    float cap = call.real("softcap", 0);
    return cap == 0 ? scores
        : call.op("Mul", call.op("Tanh", call.op("Div", scores, call.constant(cap))), call.constant(cap));
  }

  private Value biased(Value scores, Value q, Value k) {
    Value biased = scores;
    if (call.has(3)) {
      Value mask = call.input(3);
      biased = call.op("Add", biased, call.type(3).dtype() == DType.BOOL ? allowed(mask) : mask);
    }
    if (call.flag("is_causal", false)) {
      Value past = call.has(4) ? call.op("Squeeze", sizes(call.input(4), 2, 3)) : integer(0);
      Value rows = call.op("Add", range(sizes(q, 2, 3)), past);
      Value seen = call.op("LessOrEqual", range(sizes(k, 2, 3)), call.op("Unsqueeze", rows, call.integers(1)));
      biased = call.op("Add", biased, allowed(seen));
    }
    return biased;
  }

  private Value weights(Value scores) {
    Value weights = call.op("Softmax", axis(-1), scores);
    // A row without any allowed key is 0 / 0 in Softmax, but zero here.
    return call.has(3) ? call.op("Where", call.op("IsNaN", weights), call.constant(0f), weights) : weights;
  }

  private Value allowed(Value mask) {
    return call.op("Where", mask, call.constant(0f), call.constant(Float.NEGATIVE_INFINITY));
  }

  private Value range(Value size) {
    return call.op("Range", integer(0), call.op("Squeeze", size), integer(1));
  }

  private Value integer(long value) {
    return call.constant(Tensor.scalar(value));
  }

  private Value sizes(Value x, long from, long to) {
    return call.op("Shape", List.of(Attribute.of("start", from), Attribute.of("end", to)), x);
  }

  private static List<Attribute> axis(long axis) {
    return List.of(Attribute.of("axis", axis));
  }
}
