package dev.dwindle.pass.quantize;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.graph.Graph;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.pass.FiniteConstants;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Flag;
import dev.dwindle.pass.Settings.Real;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.pass.Settings.Subset;
import dev.dwindle.pass.Settings.Whole;
import dev.dwindle.pass.Settings.Words;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.OpsetLift;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Post-training quantization to INT8. Static: weights to symmetric INT8, biases to INT32, activations to INT8 or UINT8 with
 * ranges from calibration, as QuantizeLinear and DequantizeLinear around the operators that the target runs in integers.
 * Dynamic: MatMul and Gemm as integer products whose activations are quantized in each run.
 */
public final class Quantize implements Pass {
  /** The setting that names layers whose weights take 7 bits. */
  static final String REDUCE_RANGE = "reduce_range";

  private static final List<String> OPERATORS = Ops.all().stream().filter(op -> op.domain().isEmpty())
      .map(Operator::name).distinct().sorted().toList();

  private static final List<String> METHODS = List.of("minmax", "percentile", "entropy", "mse", "moving_average",
      "auto");

  private static final Settings.Schema SETTINGS = Settings.Schema.of(
      new Setting("mode", new Choice(List.of("auto", "static", "dynamic")), "auto",
          "whether ranges of activations come from samples or are found in each run"),
      new Setting("weights", new Choice(List.of(Format.TARGET, "per_channel", "per_tensor")), Format.TARGET,
          "granularity of weight scales"),
      new Setting("weight_bits", new Choice(List.of(Format.TARGET, "2", "3", "4", "5", "6", "7", "8")), Format.TARGET,
          "bits of weights"),
      new Setting(REDUCE_RANGE, new Words(), List.of(),
          "node names whose weights take 7 bits at most, for integer units that saturate"),
      new Setting("activations", new Choice(List.of(Format.TARGET, "uint8", "int8", "uint4", "int4")), Format.TARGET,
          "type of activations; beside those of 4 bits, weights of at most 4 are stored as INT4"),
      new Setting("symmetric", new Choice(List.of(Format.TARGET, "true", "false")), Format.TARGET,
          "whether activation ranges are symmetric about zero"),
      new Setting("calibration", new Choice(METHODS), "minmax", "how ranges come from samples"),
      new Setting("percentile", new Real(50, 100), 99.99, "share of elements inside the range, in percent"),
      new Setting("momentum", new Real(0, 0.999), 0.9, "share that a moving average keeps at each sample"),
      new Setting("bias_correction", new Flag(), true,
          "whether biases take back what rounding the weights does to the mean output"),
      new Setting(Rounding.SETTING, new Choice(Rounding.WAYS), Rounding.NEAREST,
          "how weights are rounded: to the nearest step, so that they make up for each other's errors, or up or down as is learned layer by layer or block by block"),
      new Setting(Rounding.STEPS, new Whole(100, 100_000), 500L, "steps of learning for each layer or block"),
      new Setting(Equalizing.SETTING, new Flag(), true,
          "whether channels about depthwise convolutions are divided so that they reach about as far, which weights make up for"),
      new Setting("smoothing", new Flag(), true,
          "whether channels of what MatMul reads that stand out are divided or stay in FLOAT, with minmax"),
      new Setting("activation_products", new Flag(), false,
          "whether MatMul of two activations, as in attention, is quantized too"),
      new Setting("embeddings", new Flag(), true, "whether tables that Gather reads are stored as INT8"),
      new Setting("operators", new Subset(OPERATORS), List.of(), "quantize only these operators"),
      new Setting("exclude", new Words(), List.of(), "node names to leave alone; * is any text, op:Conv every Conv"));

  @Override
  public String name() {
    return "quantize";
  }

  @Override
  public Settings.Schema settings() {
    return SETTINGS;
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    Settings settings = context.settings();
    TargetProfile target = context.target();
    List<String> unmatched = new Patterns(settings.words("exclude")).unmatched(graph.nodes());
    Map<String, String> figures = new LinkedHashMap<>();
    if (!unmatched.isEmpty()) figures.put("warning", "exclude: " + unmatched + " match no node");
    new Patterns(settings.words(REDUCE_RANGE)).warn(REDUCE_RANGE, graph.nodes(), figures);
    Mode mode = Mode.of(graph, context);
    Selection selection = Selection.of(graph.nodes(), target, settings, mode.dynamic());
    Map<String, String> changed = new LinkedHashMap<>();
    String to = mode.dynamic() ? "int8" : Format.of(settings, target).name();
    selection.layers().forEach(layer -> changed.put(layer.node().label(), to));
    String how = changed.isEmpty() ? "" : quantize(graph, context, mode, selection, figures);
    Embeddings tables = Embeddings.of(graph, settings);
    tables.store(graph);
    graph.removeDead();
    int quantized = changed.size();
    tables.tell(changed, figures);
    String summary = changed.isEmpty() ? "nothing to quantize"
        : quantized + " of " + (quantized + selection.skipped().size()) + " layers quantized to "
            + to.toUpperCase(Locale.ROOT) + how;
    return new PassResult(name(), summary, changed, selection.skipped(), figures);
  }

  /** Quantizes layers; says how, for the summary. */
  private static String quantize(Graph graph, PassContext context, Mode mode, Selection found,
      Map<String, String> figures) {
    requireFinite(found.layers());
    Format format = Format.of(context.settings(), context.target());
    OpsetLift.lift(graph.model(), mode.dynamic() ? 11 : format.opset());
    List<Layer> layers = Selection.of(graph.nodes(), context.target(), context.settings(), mode.dynamic()).layers();
    figures.put("mode", mode.text());
    figures.put("weights", format.weights());
    if (mode.dynamic()) {
      if (!context.settings().word(Rounding.SETTING).equals(Rounding.NEAREST))
        figures.put("rounding", "to nearest: other ways are for static quantization only");
      DynamicEditor editor = new DynamicEditor(graph, format);
      layers.forEach(editor::replace);
      return ", activations quantized in each run";
    }
    StaticQuantization work = new StaticQuantization(graph, layers, format, context);
    work.apply();
    figures.putAll(work.figures());
    return ", " + work.observed() + " activations observed";
  }

  private static void requireFinite(List<Layer> layers) {
    FiniteConstants finite = new FiniteConstants();
    for (Layer layer : layers) {
      for (int index : new int[] {layer.weight(), layer.bias()}) {
        if (index >= 0) finite.require(layer.node().input(index), layer.node(), "'exclude' in a recipe");
      }
    }
  }
}
