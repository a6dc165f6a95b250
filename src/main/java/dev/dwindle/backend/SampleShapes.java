package dev.dwindle.backend;

import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The shapes that inputs have in a few samples, for devices that run faster where they know them, and are compiled but once then. */
public final class SampleShapes {
  private SampleShapes() {}

  /** Samples that are few enough to be held. */
  public static List<Sample> held(Samples samples, long limit) {
    try (Stream<Sample> stream = samples.stream().limit(limit)) {
      return stream.toList();
    }
  }

  /**
   * Options with the shapes of the inputs that have the same shape in all samples.
   *
   * @param carried input name by output name; what a run makes for the next may have another shape
   */
  public static CompileOptions stated(CompileOptions options, Graph graph, List<Sample> samples,
      Map<String, String> carried) {
    Map<String, Shape> shapes = new HashMap<>();
    for (Value input : graph.requiredInputs()) {
      Set<Shape> seen = new HashSet<>();
      for (Sample sample : samples) {
        Tensor tensor = sample.inputs().get(input.name());
        seen.add(tensor == null ? null : tensor.shape());
      }
      Shape shape = seen.size() == 1 ? seen.iterator().next() : null;
      if (shape != null && !carried.containsValue(input.name())) shapes.put(input.name(), shape);
    }
    return options.withShapes(shapes);
  }
}
