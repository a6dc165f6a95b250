package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.stream.LongStream;

/**
 * {@code dev.dwindle.FakeQuantizeGradient}: the gradients of input and scale of a FakeQuantize, from its inputs and the gradient of its output. With
 * {@code v = x / scale} the input's passes straight through where v is within {@code low - zero_point} and {@code high - zero_point}, which it may
 * equal. The scale's is the sum of {@code round(v) - v} times the gradient there, of the end that v is beyond elsewhere, over the square root of
 * the number of elements that share the scale times {@code high}, or 1 (Esser et al., "Learned Step Size Quantization", 2020). NaN passes nothing on to the
 * input. The attributes are FakeQuantize's own.
 */
final class FakeQuantizeGradient implements Operator {
  static final String NAME = "FakeQuantizeGradient";

  /** The rule of FakeQuantize; a zero point has no gradient. */
  static List<Value> rule(Backward call) {
    return call.ops(OWN_DOMAIN, NAME, List.copyOf(call.node().attributes()), call.needs(1) ? 2 : 1,
        call.input(0), call.input(1), call.input(2), call.gradient());
  }

  @Override
  public String domain() {
    return OWN_DOMAIN;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    FakeQuantize.require(call);
    return List.of(call.tensor(0), call.tensor(1));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    FakeQuantize.Ends ends = FakeQuantize.Ends.of(call);
    Scales scales = FakeQuantize.scales(call);
    if (!call.shape(3).equals(call.shape(0))) {
      throw call.invalid("gradient has shape " + call.shape(3) + ", expected that of the input, " + call.shape(0));
    }
    double[] v = FakeQuantize.quotients(call, scales);
    double[] zero = call.doubles(2);
    double[] g = call.doubles(3);
    double[] ofScale = new double[zero.length];
    for (int row = 0, at = 0; row < scales.rows(); row++) {
      int s = scales.first(row);
      for (int i = 0; i < scales.length(); i++, at++) {
        double end = Math.min(Math.max(v[at], ends.low() - zero[s]), ends.high() - zero[s]);
        boolean inside = end == v[at];
        ofScale[s] += g[at] * (inside ? Math.rint(v[at]) - v[at] : end);
        if (!inside) g[at] = 0;
      }
    }
    double share = share(ends, FakeQuantize.sharing(call.shape(0), call.shape(1)));
    for (int s = 0; s < ofScale.length; s++) ofScale[s] *= share;
    return List.of(Elements.ofDoubles(call.dtype(0), call.shape(0), g),
        Elements.ofDoubles(call.dtype(1), call.shape(1), ofScale));
  }

  private static double share(FakeQuantize.Ends ends, long count) {
    return 1 / Math.sqrt((double) count * Math.max(1, ends.high()));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    TensorType scale = call.type(1);
    DType type = call.type(0).dtype();
    Value s = FakeQuantize.spread(call, 1);
    Value zero = FakeQuantize.spread(call, 2);
    if (s == null || zero == null || type == null || call.node().graph().opset("") < 13) return null;
    FakeQuantize.Ends ends = FakeQuantize.Ends.of(call);
    Value v = call.op("Div", call.input(0), s);
    Value least = call.op("Sub", call.scalar(type, ends.low()), zero);
    Value most = call.op("Sub", call.scalar(type, ends.high()), zero);
    Value end = call.op("Max", call.op("Min", v, most), least);
    Value inside = call.op("Cast", List.of(Attribute.of("to", type.code())), call.op("Equal", end, v));
    Value ofInput = call.op("Mul", call.input(3), inside);
    if (!call.wants(1)) return List.of(ofInput);
    // An end is a whole number, so that where v is beyond it, it is left of its own rounding.
    Value slope = call.op("Sub", call.op("Round", end), call.op("Mul", end, inside));
    Value sum = sum(call, call.op("Mul", call.input(3), slope), scale);
    return List.of(ofInput, call.op("Mul", sum, share(call, ends)));
  }

  /** The sums over the elements that share a scale, in the shape of the scales. */
  private static Value sum(Expansion call, Value product, TensorType scale) {
    if (scale.rank() == 0 || FakeQuantize.isOne(scale)) {
      Value sum = call.op("ReduceSum", List.of(Attribute.of("keepdims", 0)), product);
      return scale.rank() == 0 ? sum : call.reshaped(sum, 1);
    }
    int rank = call.type(0).rank();
    int along = FakeQuantize.axis(call, rank);
    if (rank == 1) return product;
    long[] axes = LongStream.range(0, rank).filter(axis -> axis != along).toArray();
    return call.reshaped(call.reduce("ReduceSum", product, axes), -1);
  }

  private static Value share(Expansion call, FakeQuantize.Ends ends) {
    DType type = call.type(0).dtype();
    if (call.type(0).isStatic() && call.type(1).isStatic()) {
      Shape x = call.type(0).shape();
      return call.scalar(type, share(ends, FakeQuantize.sharing(x, call.type(1).shape())));
    }
    Value count = call.op("Div", call.op("Size", call.input(0)), call.op("Size", call.input(1)));
    Value wide = call.op("Cast", List.of(Attribute.of("to", DType.FLOAT.code())), count);
    Value root = call.op("Sqrt", call.op("Mul", wide, call.constant((float) Math.max(1, ends.high()))));
    return call.op("Cast", List.of(Attribute.of("to", type.code())), call.op("Div", call.constant(1f), root));
  }
}
