package dev.dwindle.calibrate;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.SampleFeed;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What one value of a graph is for each of the first calibration samples, kept in memory.
 *
 * @param each the shape for one sample; all have the same
 * @param rows the numbers for each sample
 */
public record Recording(Shape each, List<float[]> rows) {
  /** A recording, or why there is none. */
  public sealed interface Answer {}

  public record Made(Recording recording) implements Answer {}

  public record Refused(String reason) implements Answer {}

  /**
   * Runs the samples, one after the other.
   *
   * @param graph its main graph computes the value, or takes it as an input
   * @param bytes that may be kept: with more samples than fit, the first ones are taken, and one at least
   */
  public static Answer of(Graph graph, PassContext context, String value, long bytes) {
    Samples samples = context.calibration();
    try (Stream<Sample> stream = samples.stream()) {
      Iterator<Sample> iterator = stream.iterator();
      if (graph.value(value).isGraphInput()) {
        return read(() -> iterator.hasNext() ? iterator.next().inputs().get(value) : null, bytes);
      }
      Graph copy = only(graph, value, samples.carried());
      try (
          Executable executable = context.backend().compile(copy,
              CompileOptions.DEFAULT.withThreads(context.threads()));
          Bound bound = executable.bind()) {
        SampleFeed feed = new SampleFeed(bound, copy, samples.carried());
        return read(() -> {
          if (!iterator.hasNext()) return null;
          feed.run(iterator.next());
          return bound.outputs().get(value);
        }, bytes);
      }
    }
  }

  /** A copy of the graph that computes this value, and what runs hand on. */
  private static Graph only(Graph graph, String value, Map<String, String> carried) {
    Graph copy = graph.model().copy().graph();
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < copy.outputs().size(); i++) {
      if (carried.containsKey(copy.outputs().get(i).name())) kept.add(i);
    }
    copy.retainOutputs(kept);
    Value wanted = copy.value(value);
    if (!wanted.isGraphOutput()) copy.addOutput(wanted);
    copy.removeDead();
    return copy;
  }

  private static Answer read(Supplier<Tensor> next, long bytes) {
    List<float[]> rows = new ArrayList<>();
    Shape shape = null;
    for (Tensor tensor = next.get(); tensor != null; tensor = next.get()) {
      if (tensor.dtype() != DType.FLOAT || tensor.shape().rank() == 0) {
        return new Refused("a value is " + tensor.dtype() + tensor.shape() + ", not FLOAT of one axis or more");
      }
      if (shape == null) shape = tensor.shape();
      if (!shape.equals(tensor.shape())) return new Refused("samples give it values of different shapes");
      rows.add(tensor.floats());
      if ((rows.size() + 1L) * shape.size() * Float.BYTES > bytes) break;
    }
    return rows.isEmpty() ? new Refused("there are no samples") : new Made(new Recording(shape, rows));
  }

  /** Some samples' values, along the first axis. */
  public Tensor batch(int... indices) {
    int size = each.intSize();
    float[] numbers = new float[indices.length * size];
    for (int i = 0; i < indices.length; i++) System.arraycopy(rows.get(indices[i]), 0, numbers, i * size, size);
    return Tensor.of(batch(indices.length), numbers);
  }

  /** The shape of the values of so many samples along the first axis. */
  public Shape batch(int samples) {
    long[] dims = new long[each.rank()];
    for (int i = 0; i < dims.length; i++) dims[i] = i == 0 ? each.dim(0) * samples : each.dim(i);
    return Shape.of(dims);
  }
}
