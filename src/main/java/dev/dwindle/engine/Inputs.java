package dev.dwindle.engine;

import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** The inputs that models are timed with: of a sample, or made up where no data is given. */
public final class Inputs {
  private Inputs() {}

  /**
   * Numbers between -1 and 1 for floating-point inputs, ones for all others.
   *
   * @param shapes shapes by input name for inputs whose own is not fully known; without one, unknown dimensions are 1
   */
  public static Map<String, Tensor> synthetic(Graph graph, Map<String, Shape> shapes, long seed) {
    for (String name : shapes.keySet()) {
      if (graph.requiredInputs().stream().noneMatch(v -> v.name().equals(name))) {
        throw new InvalidInputException(
            "--shape " + name + "=" + shapes.get(name).toString().replaceAll("[\\[\\]]", "").replace(',', 'x')
                + ": no such input, expected one of "
                + graph.requiredInputs().stream().map(Value::name).toList());
      }
    }
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.tensorType();
      if (type == null || type.dtype() == null || (type.dims() == null && !shapes.containsKey(input.name()))) {
        throw new InvalidInputException(
            "input '" + input.name() + "': its type is " + input.type()
                + ", expected a tensor of known rank; give data or a shape");
      }
      Shape shape = shapes.getOrDefault(input.name(), null);
      inputs.put(input.name(), tensor(type.dtype(), shape == null ? ones(type) : shape, random));
    }
    return inputs;
  }

  /** Those of the first sample; made up where there are no samples. */
  static Map<String, Tensor> of(Model model, Samples samples) {
    if (samples.count() == 0) return synthetic(model.graph(), Map.of(), 0);
    try (Stream<Sample> stream = samples.stream()) {
      return stream.findFirst().orElseThrow().inputs();
    }
  }

  private static Shape ones(TensorType type) {
    return Shape.of(type.dims().stream().mapToLong(d -> d.isKnown() ? d.size() : 1).toArray());
  }

  private static Tensor tensor(DType dtype, Shape shape, SplittableRandom random) {
    if (dtype.isFloating()) {
      float[] values = new float[shape.intSize()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextDouble(-1, 1);
      }
      return Elements.ofFloats(dtype, shape, values);
    }
    long[] ones = new long[shape.intSize()];
    Arrays.fill(ones, 1);
    return Elements.ofLongs(dtype, shape, ones);
  }
}
