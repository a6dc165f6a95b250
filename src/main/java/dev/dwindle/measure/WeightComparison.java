package dev.dwindle.measure;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.WeightChange;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The weights of the same layer in two graphs, as both compute with them. */
final class WeightComparison {
  /** Odd, so that a symmetric distribution has a bin about zero. */
  private static final int BINS = 49;

  private final ConstantValues original;
  private final ConstantValues compressed;

  WeightComparison(Graph original, Graph compressed) {
    this.original = new ConstantValues(original);
    this.compressed = new ConstantValues(compressed);
  }

  /** What became of the weights; null where either node has none, or they differ in shape. */
  WeightChange compare(Node before, Node after) {
    Weight a = weight(before, original);
    Weight b = weight(after, compressed);
    if (a == null || b == null || !a.numbers().shape().equals(b.numbers().shape())) return null;
    List<Tensor> stored = compressed.stored(b.value());
    Tensor largest = stored.stream().max(Comparator.comparingLong(Tensor::size)).orElseThrow();
    return change(a.numbers(), b.numbers(), largest.dtype().text(), bytes(original.stored(a.value())), bytes(stored));
  }

  private static WeightChange change(Tensor before, Tensor after, String storage, long bytesBefore, long bytesAfter) {
    float[] a = Elements.floats(before);
    float[] b = Elements.floats(after);
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    Noise noise = new Noise();
    noise.add(a, b);
    for (int i = 0; i < a.length; i++) {
      low = Math.min(low, Math.min(a[i], b[i]));
      high = Math.max(high, Math.max(a[i], b[i]));
    }
    return new WeightChange(storage, before.shape().toString(), bytesBefore, bytesAfter, noise.ratio(), low, high,
        histogram(a, low, high), histogram(b, low, high));
  }

  /** A constant operand and its numbers. */
  private record Weight(Value value, Tensor numbers) {}

  /** The operand of at least two dimensions that has the most numbers; null where there is none. */
  private static Weight weight(Node node, ConstantValues constants) {
    return node.inputs().stream().filter(v -> v != null && constants.contains(v))
        .map(v -> new Weight(v, constants.tensor(v)))
        .filter(w -> w.numbers().dtype().isFloating() && w.numbers().shape().rank() >= 2 && w.numbers().size() > 0)
        .max(Comparator.comparingLong(w -> w.numbers().size())).orElse(null);
  }

  private static long bytes(List<Tensor> tensors) {
    return tensors.stream().mapToLong(Tensor::byteSize).sum();
  }

  /** How many numbers fall into each of {@link #BINS} bins of equal width; those that are not finite into none. */
  static List<Integer> histogram(float[] values, double low, double high) {
    int[] counts = new int[BINS];
    double perBin = high > low ? BINS / (high - low) : 0;
    for (float value : values) {
      if (Float.isFinite(value)) counts[Math.clamp((long) ((value - low) * perBin), 0, BINS - 1)]++;
    }
    return Arrays.stream(counts).boxed().toList();
  }
}
