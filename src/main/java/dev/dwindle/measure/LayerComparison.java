package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.SampleFeed;
import dev.dwindle.backend.SampleShapes;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** How near each layer of a compressed model comes to the original: the same values of both, on the same samples. */
public final class LayerComparison {
  private final Backend backend;
  private final CompileOptions options;

  public LayerComparison(Backend backend, CompileOptions options) {
    this.backend = backend;
    this.options = options;
  }

  /** What became of each layer, over the first samples; values that only one model has, or that have other shapes in each, are left out. */
  public List<LayerFidelity> compare(Model original, Model compressed, Samples samples, long limit, Progress progress) {
    if (samples.count() == 0) return List.of();
    Model base = LayerPair.comparable(original, compressed);
    List<LayerPair> pairs = LayerPair.undivided(base, compressed,
        LayerPair.alike(base, compressed, LayerPair.of(base.graph(), compressed.graph())));
    if (pairs.isEmpty()) return List.of();
    List<Noise> noises = noises(base, compressed, pairs, samples, limit, progress);
    List<Node> layers = pairs.stream().map(LayerPair::compressed).toList();
    List<Double> sensitivities = new Sensitivity(backend, options, samples).of(base, layers, progress);
    WeightComparison weights = new WeightComparison(base.graph(), compressed.graph());
    List<LayerFidelity> result = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Node layer = layers.get(i);
      Value twin = base.graph().value(layer.output().name());
      result.add(
          new LayerFidelity(
              pairs.get(i).name(), pairs.get(i).operator(), noises.get(i).ratio(), noises.get(i).largest(),
              sensitivities.get(i), activations(layer),
              twin == null || twin.producer() == null ? null : weights.compare(twin.producer(), layer)));
    }
    return result;
  }

  private List<Noise> noises(Model original, Model compressed, List<LayerPair> pairs, Samples samples, long limit,
      Progress progress) {
    List<String> names = pairs.stream().map(pair -> pair.compressed().output().name()).toList();
    List<Noise> noises = names.stream().map(name -> new Noise()).toList();
    Model a = observed(original, names);
    Model b = observed(compressed, names);
    List<Sample> held = SampleShapes.held(samples, limit);
    CompileOptions shaped = SampleShapes.stated(options, a.graph(), held, samples.carried());
    progress.begin("layers", held.size());
    try (Executable first = backend.compile(a.graph(), shaped);
        Executable second = backend.compile(b.graph(), shaped);
        Bound boundA = first.bind();
        Bound boundB = second.bind()) {
      SampleFeed feedA = new SampleFeed(boundA, a.graph(), samples.carried());
      SampleFeed feedB = new SampleFeed(boundB, b.graph(), samples.carried());
      for (Sample sample : held) {
        feedA.run(sample);
        feedB.run(sample);
        for (int i = 0; i < names.size(); i++) {
          noises.get(i).add(Elements.floats(boundA.outputs().get(names.get(i))),
              Elements.floats(boundB.outputs().get(names.get(i))));
        }
        progress.advance(1);
      }
    }
    progress.end();
    return noises;
  }

  private static Model observed(Model model, List<String> names) {
    Model copy = model.copy();
    for (String name : names) {
      Value value = copy.graph().value(name);
      if (!value.isGraphOutput()) copy.graph().addOutput(value);
    }
    return copy;
  }

  /** The type in which a layer reads its activations: behind a Q/DQ pair the integers', else the values' own. */
  private static String activations(Node layer) {
    for (Value input : layer.inputs()) {
      if (input == null || input.isConstant()) continue;
      Node producer = input.producer();
      boolean decoded = producer != null && producer.is("DequantizeLinear");
      if (decoded && producer.input(0).isConstant()) continue;
      if (decoded) return (producer.input(2) == null ? DType.UINT8 : producer.input(2).tensor().dtype()).text();
      TensorType type = input.tensorType();
      return type == null || type.dtype() == null ? DType.FLOAT.text() : type.dtype().text();
    }
    return "";
  }
}
