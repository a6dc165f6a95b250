package dev.dwindle.pass.quantize;

import dev.dwindle.calibrate.ChannelHalves;
import dev.dwindle.calibrate.ChannelRanges;
import dev.dwindle.calibrate.LayerMoments;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.quant.Affine;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Static quantization of layers: what the samples show of their activations, Q/DQ pairs, and constants as integers. */
final class StaticQuantization {
  /** Two products of weights of so many bits with UINT8 fit 16 bits. */
  private static final int REDUCED_BITS = 7;

  private final List<Layer> layers;
  private final Format format;
  private final PassContext context;
  private final String method;
  private final ActivationPlan plan;
  private final ActivationRanges ranges;
  private final Graph graph;
  private final List<Layer> corrected;
  private final Map<Value, Integer> smoothable;
  private final OutlierProducts outliers;
  private final Equalizing equalizing;
  private Rounding rounding;
  private LayerMoments moments = LayerMoments.none();
  private int smoothed;
  private int inFloat;
  private int guarded;

  StaticQuantization(Graph graph, List<Layer> layers, Format format, PassContext context) {
    this.graph = graph;
    this.layers = layers;
    this.format = format;
    this.context = context;
    method = context.settings().word("calibration");
    outliers = new OutlierProducts(graph);
    equalizing = new Equalizing(graph, context, format);
    plan = new ActivationPlan(layers, context.target());
    ranges = new ActivationRanges(graph, plan, context, format, equalizing);
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
    rounding = new Rounding(graph, layers, context);
    if (context.settings().word(Rounding.SETTING).equals(Rounding.COMPENSATED)) {
      moments = LayerMoments.of(graph, context, operands());
    }
    QdqEditor editor = new QdqEditor(graph, ranges.means(), rounding, moments);
    affines.forEach((value, affine) -> quantize(editor, value, affine));
    Patterns reduced = new Patterns(context.settings().words(Quantize.REDUCE_RANGE));
    layers.forEach(layer -> editor.quantizeConstants(layer, format,
        reduced.matches(layer.node()) ? Math.min(REDUCED_BITS, format.weightBits()) : format.weightBits()));
    outliers.add();
    guarded = new FloatGuard(graph, context.target().int8Unasked()).guard();
    rounding.learn();
  }

  private List<Operand> operands() {
    return layers.stream().filter(layer -> layer.weight() == 1 && layer.channelAxis() >= 0)
        .flatMap(layer -> Operand.of(layer.node()).stream()).toList();
  }

  private void quantize(QdqEditor editor, Value value, Affine affine) {
    Collection<Use> readers = plan.readers(value);
    ChannelHalves halves = ranges.channels().get(value.name());
    if (halves == null) {
      editor.quantizeActivation(value, affine, readers);
    } else {
      quantize(editor, value, Smoothing.of(halves), halves.all());
    }
  }

  private void quantize(QdqEditor editor, Value value, Smoothing smoothing, ChannelRanges channels) {
    Collection<Use> readers = plan.readers(value);
    int[] apart = smoothing.apart();
    if (apart.length > 0) {
      outliers.gather(value, apart, readers);
      inFloat += apart.length;
    }
    if (smoothing.divides() || apart.length > 0) {
      editor.multiplyRows(readers, smoothing.rows());
      smoothed++;
    }
    Value read = smoothing.divides() ? editor.multiplied(value, smoothing.reciprocals()) : value;
    editor.quantizeActivation(read, format.covering(channels.dividedBy(smoothing.divisors())), readers);
  }

  /** How many activations were observed. */
  int observed() {
    return plan.values().size();
  }

  /** What was done, as the report says it. */
  Map<String, String> figures() {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.putAll(equalizing.figures());
    figures.put("ranges", ranges.text(method));
    if (!smoothable.isEmpty()) {
      figures.put("smoothing",
          smoothed + " of " + smoothable.size()
              + " inputs of products where channels stand out; channels left to FLOAT: "
              + inFloat);
    }
    figures.put("biases", corrected.size() + " of " + layers.size() + " corrected for the rounding of weights");
    figures.putAll(moments.figures());
    figures.putAll(rounding.figures());
    if (guarded > 0)
      figures.put("guarded",
          guarded + " kept in FLOAT that " + context.target().name() + " would quantize by itself");
    figures.put("samples", Long.toString(context.calibration().count()));
    figures.put("statistics", ranges.statistics(method));
    return figures;
  }
}
