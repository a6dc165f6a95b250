package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * {@code dev.dwindle.Histogram}: adds to INT64 counts how many elements of X fall into each of equally wide bins from
 * attribute {@code min} to {@code max}; what lies outside counts to the nearest bin, NaN is not counted.
 */
final class Histogram implements Operator {
  @Override
  public String domain() {
    return "dev.dwindle";
  }

  @Override
  public String name() {
    return "Histogram";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(1);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    long[] counts = call.longs(1);
    if (counts.length == 0) {
      throw call.invalid("input 1 has shape " + call.shape(1) + ", expected at least one bin");
    }
    float min = call.real("min", 0);
    float max = call.real("max", 1);
    float perUnit = counts.length / (max - min);
    for (float x : call.floats(0)) {
      if (!Float.isNaN(x)) {
        counts[Math.clamp((long) ((x - min) * perUnit), 0, counts.length - 1)]++;
      }
    }
    return List.of(Tensor.of(call.shape(1), counts));
  }
}
