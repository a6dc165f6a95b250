package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Clip: elements limited to an interval; where its ends are crossed, all become the upper one. */
final class Clip implements Operator {
  /** From here on the ends are inputs, before they are attributes. */
  private static final int ENDS_AS_INPUTS = 11;

  @Override
  public String name() {
    return "Clip";
  }

  @Override
  public int since() {
    return 6;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    DType type = call.dtype(0);
    if (type.isFloating()) {
      boolean inputs = call.version() >= ENDS_AS_INPUTS;
      double low = inputs ? end(call, 1, Double.NEGATIVE_INFINITY) : call.real("min", -Float.MAX_VALUE);
      double high = inputs ? end(call, 2, Double.POSITIVE_INFINITY) : call.real("max", Float.MAX_VALUE);
      return List.of(UnaryMath.map(call.input(0), x -> Math.min(high, Math.max(low, x))));
    }
    // UINT64 is ordered as longs are ordered after this is added.
    long bias = type == DType.UINT64 ? Long.MIN_VALUE : 0;
    long low = call.has(1) ? one(call, 1).longs(1)[0] + bias : Long.MIN_VALUE;
    long high = call.has(2) ? one(call, 2).longs(2)[0] + bias : Long.MAX_VALUE;
    long[] x = call.longs(0);
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.min(high, Math.max(low, x[i] + bias)) - bias;
    }
    return List.of(Elements.ofLongs(type, call.shape(0), x));
  }

  private static double end(Evaluation call, int input, double otherwise) {
    return call.has(input) ? one(call, input).doubles(input)[0] : otherwise;
  }

  private static Evaluation one(Evaluation call, int input) {
    if (call.shape(input).size() != 1) {
      throw call.invalid((input == 1 ? "min" : "max") + " is of shape " + call.shape(input) + ", expected a scalar");
    }
    return call;
  }

  @Override
  public List<Dim> content(Inference call) {
    List<Dim> x = call.content(0);
    List<Dim> low = call.has(1) ? call.content(1) : List.of();
    List<Dim> high = call.has(2) ? call.content(2) : List.of();
    boolean known = x != null && low != null && high != null && x.stream().allMatch(Dim::isKnown)
        && low.stream().allMatch(Dim::isKnown) && high.stream().allMatch(Dim::isKnown);
    return !known ? null : x.stream().map(d -> clip(d, low, high)).toList();
  }

  private static Dim clip(Dim dim, List<Dim> low, List<Dim> high) {
    long least = low.isEmpty() ? Long.MIN_VALUE : low.getFirst().size();
    long most = high.isEmpty() ? Long.MAX_VALUE : high.getFirst().size();
    return Dim.of(Math.min(most, Math.max(least, dim.size())));
  }
}
