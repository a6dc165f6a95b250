package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * {@code dev.dwindle.Histogram}: adds the elements of X to INT64 counts over {@link Bins}, and to the smallest and largest
 * so far, two FLOATs (infinity and minus infinity for none), by which the bins widen. Counts are the same in whatever
 * order the elements come. Once an element is not finite, the ends are not, and nothing is counted any more.
 */
final class Histogram implements Operator {
  @Override
  public String domain() {
    return OWN_DOMAIN;
  }

  @Override
  public String name() {
    return "Histogram";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return List.of(call.tensor(1), call.tensor(2));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    float[] x = call.floats(0);
    long[] counts = call.longs(1);
    call.requireShape(2, 2);
    if (counts.length < 2 || counts.length % 2 != 0) {
      throw call.invalid("input 1 has shape " + call.shape(1) + ", expected an even number of bins");
    }
    float[] before = call.floats(2);
    float[] after = before.clone();
    for (float v : x) {
      after[0] = Math.min(after[0], v);
      after[1] = Math.max(after[1], v);
    }
    if (x.length > 0 && Float.isFinite(after[0]) && Float.isFinite(after[1])) {
      Bins bins = Bins.covering(after[0], after[1], counts.length);
      if (before[0] <= before[1]) {
        counts = Bins.covering(before[0], before[1], counts.length).moved(counts, bins);
      }
      for (float v : x) {
        counts[(int) bins.place(v)]++;
      }
    }
    return List.of(Tensor.of(call.shape(1), counts), Tensor.of(Shape.of(2), after));
  }
}
