package dev.dwindle.measure;

import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How far the floating-point outputs of models are from those of an original over some samples: squared differences relative to the squares, the mean of the outputs. Large
 * numbers of one output, such as distances beside probabilities, so do not hide the others. The original is run once.
 */
public final class OutputDistance {
  private final Model original;
  private final PassContext context;
  private final Samples samples;
  private List<float[]> references;

  public OutputDistance(Model original, PassContext context, Samples samples) {
    this.original = original;
    this.context = context;
    this.samples = samples;
  }

  /** The distance of a model; the largest number where it is not finite. */
  public double of(Model model) {
    if (references == null) references = outputs(original);
    List<float[]> outputs = outputs(model);
    Noise[] noise = new Noise[references.size() / (int) samples.count()];
    Arrays.setAll(noise, output -> new Noise());
    for (int i = 0; i < references.size(); i++) noise[i % noise.length].add(references.get(i), outputs.get(i));
    double mean = Arrays.stream(noise).mapToDouble(Noise::power).average().orElse(0);
    return Double.isFinite(mean) ? mean : Double.MAX_VALUE;
  }

  private List<float[]> outputs(Model model) {
    List<float[]> all = new ArrayList<>();
    SampleRuns.run(model, context, samples, (sample, outputs) -> {
      for (Value output : model.graph().outputs()) {
        Tensor tensor = outputs.get(output.name());
        if (tensor.dtype().isFloating()) all.add(Elements.floats(tensor));
      }
    });
    return all;
  }
}
