package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** RotaryEmbedding: rotates pairs of each head's elements by angles of the token's position (Su and others, 2021). */
final class RotaryEmbedding implements Operator {
  @Override
  public String name() {
    return "RotaryEmbedding";
  }

  @Override
  public int since() {
    return 23;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    boolean packed = shape.rank() == 3;
    if (!packed && shape.rank() != 4) {
      throw call.invalid("input has shape " + shape + ", expected three or four axes");
    }
    int heads = packed ? Math.toIntExact(call.integer("num_heads")) : shape.intDim(1);
    int sequence = shape.intDim(packed ? 1 : 2);
    if (heads < 1 || (packed && shape.dim(2) % heads != 0)) {
      throw call.invalid("num_heads is " + heads + ", expected a divisor of the last axis of " + shape);
    }
    int size = packed ? shape.intDim(2) / heads : shape.intDim(3);
    long partial = call.integer("rotary_embedding_dim", 0);
    int half = (int) (partial == 0 ? size : partial) / 2;
    if (2 * half > size || call.shape(1).dim(-1) != half || call.shape(2).dim(-1) != half) {
      throw call.invalid("caches have " + call.shape(1) + " and " + call.shape(2) + ", expected rows of " + half);
    }
    double[] x = call.doubles(0);
    double[] cos = call.doubles(1);
    double[] sin = call.doubles(2);
    long[] positions = call.has(3) ? call.longs(3) : null;
    boolean interleaved = call.flag("interleaved", false);
    for (int from = 0, i = 0; from < x.length; from += size, i++) {
      int token = packed ? i / heads : i / (heads * sequence) * sequence + i % sequence;
      int angle = half * (positions == null ? token : Math.toIntExact(positions[token]));
      if (angle < 0 || angle + half > cos.length) {
        throw call.invalid("position " + angle / half + " lies outside the caches of shape " + call.shape(1));
      }
      for (int d = 0; d < half; d++) {
        int first = from + (interleaved ? 2 * d : d);
        int second = interleaved ? first + 1 : first + half;
        double a = x[first];
        double b = x[second];
        x[first] = cos[angle + d] * a - sin[angle + d] * b;
        x[second] = sin[angle + d] * a + cos[angle + d] * b;
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), shape, x));
  }
}
