package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.SampleFeed;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** How near each layer of a compressed model comes to the original: the same values of both, on the same samples. */
public final class LayerComparison {
  private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "Add", "LSTM", "GRU");

  private final Backend backend;
  private final CompileOptions options;

  public LayerComparison(Backend backend, CompileOptions options) {
    this.backend = backend;
    this.options = options;
  }

  /** Signal-to-quantization-noise ratios over the first samples; values that only one model has are left out. */
  public List<LayerFidelity> compare(Model original, Model compressed, Samples samples, long limit, Progress progress) {
    List<Node> layers = shared(original.graph(), compressed.graph());
    if (layers.isEmpty() || samples.count() == 0) return List.of();
    Model a = observed(original, layers);
    Model b = observed(compressed, layers);
    double[][] sums = new double[layers.size()][3];
    progress.begin("layers", Math.min(limit, samples.count()));
    try (Executable first = backend.compile(a.graph(), options);
        Executable second = backend.compile(b.graph(), options);
        Bound boundA = first.bind();
        Bound boundB = second.bind();
        Stream<Sample> stream = samples.stream()) {
      SampleFeed feedA = new SampleFeed(boundA, a.graph(), samples.carried());
      SampleFeed feedB = new SampleFeed(boundB, b.graph(), samples.carried());
      Iterator<Sample> it = stream.limit(limit).iterator();
      while (it.hasNext()) {
        Sample sample = it.next();
        feedA.run(sample);
        feedB.run(sample);
        for (int i = 0; i < sums.length; i++) {
          String name = layers.get(i).output().name();
          add(sums[i], boundA.outputs().get(name), boundB.outputs().get(name));
        }
        progress.advance(1);
      }
    }
    progress.end();
    List<LayerFidelity> result = new ArrayList<>();
    for (int i = 0; i < sums.length; i++) {
      Node node = layers.get(i);
      String name = node.name().isEmpty() ? node.output().name() : node.name();
      result.add(new LayerFidelity(name, node.operator(), sqnr(sums[i]), sums[i][2]));
    }
    return result;
  }

  private static List<Node> shared(Graph original, Graph compressed) {
    List<Node> layers = new ArrayList<>();
    for (Node node : compressed.nodes()) {
      Value twin = node.outputs().isEmpty() || node.output() == null ? null : original.value(node.output().name());
      if (node.domain().isEmpty() && LAYERS.contains(node.operator()) && twin != null && twin.producer() != null
          && isFloat(twin)) {
        layers.add(node);
      }
    }
    return layers;
  }

  private static boolean isFloat(Value value) {
    TensorType type = value.tensorType();
    return type == null || type.dtype() == null || type.dtype() == DType.FLOAT;
  }

  private static Model observed(Model model, List<Node> layers) {
    Model copy = model.copy();
    for (Node layer : layers) {
      Value value = copy.graph().value(layer.output().name());
      if (!value.isGraphOutput()) copy.graph().addOutput(value);
    }
    return copy;
  }

  private static double sqnr(double[] sums) {
    return sums[1] == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(sums[0] / sums[1]);
  }

  /** Adds signal energy, noise energy, and the largest difference. */
  private static void add(double[] sums, Tensor original, Tensor compressed) {
    float[] a = Elements.floats(original);
    float[] b = Elements.floats(compressed);
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      // Masks are infinite in both models, and equal.
      if (a[i] == b[i] && Float.isInfinite(a[i])) continue;
      double noise = (double) a[i] - b[i];
      sums[0] += (double) a[i] * a[i];
      sums[1] += noise * noise;
      sums[2] = Math.max(sums[2], Math.abs(noise));
    }
  }
}
