package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Value;
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
    int heads = packed ? call.int32("num_heads") : shape.intDim(1);
    int sequence = shape.intDim(packed ? 1 : 2);
    if (heads < 1 || (packed && shape.dim(2) % heads != 0)) {
      throw call.invalid("num_heads is " + heads + ", expected a divisor of the last axis of " + shape);
    }
    int size = packed ? shape.intDim(2) / heads : shape.intDim(3);
    long partial = call.integer("rotary_embedding_dim", 0);
    int half = (int) (partial == 0 ? size : partial) / 2;
    if (2 * half > size || call.shape(1).rank() < 2 || call.shape(1).dim(-1) != half) {
      throw call.invalid("caches have " + call.shape(1) + " and " + call.shape(2) + ", expected rows of " + half);
    }
    if (call.has(3)) {
      call.requireShape(3, shape.dim(0), sequence);
    } else {
      call.requireShape(1, shape.dim(0), sequence, half);
    }
    call.requireShape(2, call.shape(1).dims());
    double[] x = call.doubles(0);
    double[] cos = call.doubles(1);
    double[] sin = call.doubles(2);
    long[] positions = call.has(3) ? call.longs(3) : null;
    boolean interleaved = call.flag("interleaved", false);
    for (int from = 0, i = 0; from < x.length; from += size, i++) {
      int token = packed ? i / heads : i / (heads * sequence) * sequence + i % sequence;
      long position = positions == null ? token : positions[token];
      int angle = (int) position * half;
      if (position < 0 || position > cos.length || (position + 1) * half > cos.length) {
        throw call.invalid("position " + position + " lies outside the caches of shape " + call.shape(1));
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

  @Override
  public List<Value> decompose(Expansion call) {
    if (!call.type(0).hasRank()) {
      return null;
    }
    boolean packed = call.type(0).rank() == 3;
    List<Attribute> swap = List.of(Attribute.of("perm", new long[] {0, 2, 1, 3}));
    Value x = packed ? call.op("Reshape", call.input(0), call.integers(0, 0, call.integer("num_heads"), -1))
        : call.op("Transpose", swap, call.input(0));
    long partial = call.integer("rotary_embedding_dim", 0);
    Value turned = partial == 0 ? x : slice(call, x, 0, partial, 1);
    Value cos = angles(call, 1);
    Value sin = angles(call, 2);
    boolean interleaved = call.flag("interleaved", false);
    List<Value> halves = interleaved
        ? List.of(slice(call, turned, 0, Long.MAX_VALUE, 2), slice(call, turned, 1, Long.MAX_VALUE, 2))
        : call.ops("Split", List.of(Attribute.of("axis", -1), Attribute.of("num_outputs", 2)), 2, turned);
    Value a = halves.get(0);
    Value b = halves.get(1);
    Value first = call.op("Sub", call.op("Mul", cos, a), call.op("Mul", sin, b));
    Value second = call.op("Add", call.op("Mul", sin, a), call.op("Mul", cos, b));
    List<Attribute> last = List.of(Attribute.of("axis", -1));
    Value y = interleaved
        ? call.op("Reshape", call.op("Concat", last, call.op("Unsqueeze", first, call.integers(-1)),
            call.op("Unsqueeze", second, call.integers(-1))), call.op("Shape", turned))
        : call.op("Concat", last, first, second);
    y = partial == 0 ? y : call.op("Concat", last, y, slice(call, x, partial, Long.MAX_VALUE, 1));
    return List.of(packed ? call.op("Reshape", y, call.op("Shape", call.input(0))) : call.op("Transpose", swap, y));
  }

  private static Value angles(Expansion call, int input) {
    Value rows = call.has(3) ? call.op("Gather", call.input(input), call.input(3)) : call.input(input);
    return call.op("Unsqueeze", rows, call.integers(2));
  }

  private static Value slice(Expansion call, Value x, long from, long to, long step) {
    return call.op("Slice", x, call.integers(from), call.integers(to), call.integers(-1), call.integers(step));
  }
}
