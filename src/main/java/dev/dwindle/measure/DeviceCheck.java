package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
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
import dev.dwindle.result.Agreement;
import dev.dwindle.result.Emulated;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.rewrite.Emulation;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a device computes what a compressed model means. Where it does not, the first layer at which it parts is found by models that end
 * earlier and earlier: to watch a layer inside the whole model would change what the device fuses, and so what is to be found.
 */
public final class DeviceCheck {
  private static final Set<String> PASSING_ON = Set.of("QuantizeLinear", "DequantizeLinear", "Relu", "Clip");

  private final Backend device;
  private final Backend plain;
  private final CompileOptions options;
  private final List<Sample> samples;
  private final Map<String, String> carried;
  private final IntegerArithmetic arithmetic;

  /**
   * @param plain that computes by the plain meaning, or is held to it
   * @param samples few enough to be held
   * @param arithmetic what a probe found that the device does
   */
  public DeviceCheck(Backend device, Backend plain, CompileOptions options, Samples samples,
      IntegerArithmetic arithmetic) {
    this.arithmetic = arithmetic;
    this.device = device;
    this.plain = plain;
    this.samples = SampleShapes.held(samples, samples.count());
    carried = samples.carried();
    this.options = options;
  }

  /** Runs both models on all samples. */
  public Agreement check(Model original, Model compressed, Progress progress) {
    progress.begin("device beside the plain meaning", 0);
    List<float[]> meaning = outputs(plain, compressed);
    List<float[]> before = outputs(plain, original);
    double precision = device.precision() == Precision.F32 ? 0 : distance(before, outputs(device, original));
    List<float[]> given = outputs(device, compressed);
    Agreement found = new Agreement(device.name(), samples.size(), distance(meaning, given), distance(before, meaning),
        precision, null, null, emulated(compressed, meaning, given));
    // A model that ends earlier makes nothing that could be carried into the next run.
    if (!found.holds() && carried.isEmpty()) found = guilty(compressed, found);
    progress.end();
    return found;
  }

  private Emulated emulated(Model compressed, List<float[]> meaning, List<float[]> given) {
    if (!arithmetic.saturates()) return null;
    List<float[]> emulation = outputs(plain, Emulation.of(compressed, arithmetic));
    return new Emulated(arithmetic.text(), distance(meaning, emulation), distance(emulation, given), 0, List.of());
  }

  private Agreement guilty(Model compressed, Agreement found) {
    List<Value> ends = ends(compressed.graph());
    int right = -1;
    int wrong = ends.size() - 1;
    while (wrong - right > 1) {
      int middle = (right + wrong) / 2;
      Model model = ending(compressed, ends.get(middle).name());
      if (distance(outputs(plain, model), outputs(device, model)) <= found.bound()) {
        right = middle;
      } else {
        wrong = middle;
      }
    }
    if (wrong < 0) return found;
    Node layer = layer(ends.get(wrong).producer());
    return new Agreement(found.device(), found.samples(), found.error(), found.compression(), found.precision(),
        layer.label(),
        cause(layer, found), found.emulated());
  }

  /** The values that a shorter model may end with, in the graph's order; those that are no floating-point numbers tell nothing. */
  private static List<Value> ends(Graph graph) {
    List<Value> ends = new ArrayList<>();
    for (Node node : graph.nodes()) {
      boolean constant = node.inputs().stream().allMatch(input -> input == null || input.isConstant());
      if (node.output(0) != null && !constant) ends.add(node.output(0));
    }
    return ends;
  }

  private static Model ending(Model model, String value) {
    Model copy = model.copy();
    copy.graph().retainOutputs(List.of());
    copy.graph().addOutput(copy.graph().value(value));
    copy.graph().removeDead();
    return copy;
  }

  /** The layer whose result a pair or an activation passes on. */
  private static Node layer(Node node) {
    Node layer = node;
    while (PASSING_ON.contains(layer.operator()) && layer.input(0).producer() != null)
      layer = layer.input(0).producer();
    return layer;
  }

  private String cause(Node layer, Agreement found) {
    if (found.emulated() != null && found.emulated().explains(found.error())) {
      return "8-bit products saturate there or before: the device is " + Agreement.percent(found.emulated().error())
          + " from the model emulated so";
    }
    boolean integers = layer.inputs().stream()
        .anyMatch(v -> v != null && v.producer() != null && v.producer().is("DequantizeLinear")
            && v.producer().input(0).isConstant());
    boolean decoded = layer.input(0) != null && layer.input(0).producer() != null
        && layer.input(0).producer().is("DequantizeLinear");
    if (integers) return "its integer arithmetic rounds or saturates otherwise";
    return decoded ? "it is in FLOAT between quantized layers, and the device may quantize it by itself"
        : "its kernel computes otherwise";
  }

  private static double distance(List<float[]> expected, List<float[]> found) {
    Noise noise = new Noise();
    for (int i = 0; i < expected.size(); i++) noise.add(expected.get(i), found.get(i));
    return Math.sqrt(noise.power());
  }

  private List<float[]> outputs(Backend backend, Model model) {
    List<float[]> outputs = new ArrayList<>();
    try (Executable executable = backend.compile(model.graph(),
        SampleShapes.stated(options, model.graph(), samples, carried));
        Bound bound = executable.bind()) {
      SampleFeed feed = new SampleFeed(bound, model.graph(), carried);
      for (Sample sample : samples) {
        feed.run(sample);
        for (Value output : model.graph().outputs()) {
          Tensor tensor = bound.outputs().get(output.name());
          if (tensor.dtype().isFloating()) outputs.add(Elements.floats(tensor));
        }
      }
    }
    return outputs;
  }
}
