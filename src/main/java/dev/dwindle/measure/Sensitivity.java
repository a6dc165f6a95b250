package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.SampleFeed;
import dev.dwindle.backend.SampleShapes;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DwindleException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How much a model's outputs suffer when one layer alone is compressed: their signal-to-quantization-noise ratio, over all
 * floating-point outputs of the first samples. A few samples tell the layers apart; a bound on the time keeps this small
 * beside the rest of a job.
 */
final class Sensitivity {
  private static final int SAMPLES = 4;
  private static final long MOST_NANOS = 20_000_000_000L;

  private final Backend backend;
  private final CompileOptions options;
  private final List<Sample> samples;
  private final Map<String, String> carried;

  Sensitivity(Backend backend, CompileOptions options, Samples samples) {
    this.backend = backend;
    this.samples = SampleShapes.held(samples, SAMPLES);
    carried = samples.carried();
    this.options = options;
  }

  /** In dB for each layer of the compressed graph; null where it is unchanged, cannot be swapped alone, or time was up. */
  List<Double> of(Model original, List<Node> layers, Progress progress) {
    List<Double> ratios = new ArrayList<>();
    progress.begin("sensitivity", layers.size());
    List<float[]> reference = outputs(original.graph());
    long end = System.nanoTime() + MOST_NANOS;
    for (Node layer : layers) {
      ratios.add(System.nanoTime() > end ? null : of(original, layer, reference));
      progress.advance(1);
    }
    progress.end();
    return ratios;
  }

  private Double of(Model original, Node layer, List<float[]> reference) {
    try {
      Model swapped = LayerSwap.of(original, layer);
      if (swapped == null) return null;
      Noise noise = new Noise();
      List<float[]> outputs = outputs(swapped.graph());
      for (int i = 0; i < reference.size(); i++) noise.add(reference.get(i), outputs.get(i));
      return noise.ratio();
    } catch (DwindleException e) {
      return null; // two models that share names but not types: the layer cannot stand alone in the original
    }
  }

  /** All floating-point outputs of all samples. */
  private List<float[]> outputs(Graph graph) {
    List<float[]> outputs = new ArrayList<>();
    try (Executable executable = backend.compile(graph,
        SampleShapes.stated(options, graph, samples, carried));
        Bound bound = executable.bind()) {
      SampleFeed feed = new SampleFeed(bound, graph, carried);
      for (Sample sample : samples) {
        feed.run(sample);
        for (Value output : graph.outputs()) {
          var tensor = bound.outputs().get(output.name());
          if (tensor.dtype().isFloating()) outputs.add(Elements.floats(tensor));
        }
      }
    }
    return outputs;
  }
}
