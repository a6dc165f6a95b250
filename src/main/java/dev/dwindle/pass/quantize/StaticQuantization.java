package dev.dwindle.pass.quantize;

import dev.dwindle.calibrate.ChannelRanges;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.Affine;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Static quantization of layers: what the samples show of their activations, Q/DQ pairs, and constants as integers. */
final class StaticQuantization {
  private final List<Layer> layers;
  private final Format format;
  private final PassContext context;
  private final String method;
  private final ActivationPlan plan;
  private final ActivationRanges ranges;
  private final Graph graph;
  private final List<Layer> corrected;
  private final Map<Value, Integer> smoothable;
  private int smoothed;

  StaticQuantization(Graph graph, List<Layer> layers, Format format, PassContext context) {
    this.graph = graph;
    this.layers = layers;
    this.format = format;
    this.context = context;
    method = context.settings().word("calibration");
    plan = new ActivationPlan(layers, context.target());
    ranges = new ActivationRanges(graph, plan, context, format);
    corrected = context.settings().flag("bias_correction")
        ? layers.stream().filter(BiasCorrection::applies).toList()
        : List.of();
    // Other methods look at how elements are spread, which the factors would change.
    boolean smooth = context.settings().flag("smoothing") && method.equals("minmax");
    smoothable = smooth ? Smoothing.candidates(plan, layers) : Map.of();
  }

  /** Runs the samples and changes the graph. */
  void apply() {
    ranges.observeMeans(corrected);
    ranges.observeChannels(smoothable);
    Map<Value, Affine> affines = ranges.find(method);
    QdqEditor editor = new QdqEditor(graph, ranges.means());
    affines.forEach((value, affine) -> quantize(editor, value, affine));
    layers.forEach(layer -> editor.quantizeConstants(layer, format.perChannel(), format.weightBits()));
  }

  private void quantize(QdqEditor editor, Value value, Affine affine) {
    Collection<Use> readers = plan.readers(value);
    ChannelRanges channels = ranges.channels().get(value.name());
    float[] factors = channels == null ? null : Smoothing.factors(channels);
    if (factors == null) {
      editor.quantizeActivation(value, affine, readers);
    } else {
      Affine narrower = format.covering(channels.dividedBy(factors));
      editor.quantizeActivation(editor.divide(value, factors, readers), narrower, readers);
      smoothed++;
    }
  }

  /** How many activations were observed. */
  int observed() {
    return plan.values().size();
  }

  /** What was done, as the report says it. */
  Map<String, String> figures() {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("ranges", ranges.text(method));
    if (!smoothable.isEmpty()) {
      figures.put("smoothing",
          smoothed + " of " + smoothable.size() + " inputs of products divided where channels stand out");
    }
    figures.put("biases", corrected.size() + " of " + layers.size() + " corrected for the rounding of weights");
    figures.put("samples", Long.toString(context.calibration().count()));
    figures.put("statistics", ranges.statistics(method));
    return figures;
  }
}
