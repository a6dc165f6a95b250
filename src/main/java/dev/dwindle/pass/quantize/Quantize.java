package dev.dwindle.pass.quantize;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.calibrate.Calibration;
import dev.dwindle.calibrate.Range;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Real;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.pass.Settings.Subset;
import dev.dwindle.pass.Settings.Words;
import dev.dwindle.quant.Affine;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.OpsetLift;
import dev.dwindle.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Static post-training quantization: weights to symmetric INT8, biases to INT32, activations to INT8 or UINT8 with ranges
 * from calibration; written as QuantizeLinear and DequantizeLinear around the operators that the target runs in integers.
 */
public final class Quantize implements Pass {
  private static final String TARGET = "target";

  private static final List<String> OPERATORS = Ops.all().stream().filter(op -> op.domain().isEmpty())
      .map(Operator::name).distinct().sorted().toList();

  private static final Settings.Schema SETTINGS = Settings.Schema.of(
      new Setting("weights", new Choice(List.of(TARGET, "per_channel", "per_tensor")), TARGET,
          "granularity of weight scales"),
      new Setting("weight_bits", new Choice(List.of(TARGET, "2", "3", "4", "5", "6", "7", "8")), TARGET,
          "bits of weights"),
      new Setting("activations", new Choice(List.of(TARGET, "uint8", "int8")), TARGET, "type of activations"),
      new Setting("symmetric", new Choice(List.of(TARGET, "true", "false")), TARGET,
          "whether activation ranges are symmetric about zero"),
      new Setting("calibration", new Choice(List.of("minmax", "percentile")), "minmax", "how ranges come from samples"),
      new Setting("percentile", new Real(50, 100), 99.99, "share of elements inside the range, in percent"),
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
    Selection selection = Selection.of(graph.nodes(), target, settings);
    if (selection.layers().isEmpty()) {
      return new PassResult(name(), "nothing to quantize", Map.of(), selection.skipped(), figures);
    }
    boolean perChannel = settings.word("weights").equals(TARGET) ? target.perChannelWeights()
        : settings.word("weights").equals("per_channel");
    OpsetLift.lift(graph.model(), perChannel ? 13 : 10);
    selection = Selection.of(graph.nodes(), target, settings);
    ActivationPlan plan = new ActivationPlan(selection.layers(), target);
    Map<String, Range> ranges = ranges(graph, plan, context);
    QdqEditor editor = new QdqEditor(graph);
    for (List<Value> group : plan.groups()) {
      Range range = group.stream().map(v -> ranges.get(v.name())).reduce(Range.EMPTY, Range::union);
      Affine affine = affine(range, settings, target);
      group.forEach(v -> editor.quantizeActivation(v, affine, plan.readers(v)));
    }
    int bits = settings.word("weight_bits").equals(TARGET) ? target.weightBits()
        : Integer.parseInt(settings.word("weight_bits"));
    Map<String, String> changed = new LinkedHashMap<>();
    for (Layer layer : selection.layers()) {
      editor.quantizeConstants(layer, perChannel, bits);
      changed.put(layer.node().label(), "int8");
    }
    graph.removeDead();
    figures.put("weights", perChannel ? "INT8 per channel" : "INT8 per tensor");
    figures.put("samples", Long.toString(context.calibration().count()));
    int all = changed.size() + selection.skipped().size();
    return new PassResult(
        name(),
        changed.size() + " of " + all + " layers quantized to INT8, " + plan.values().size() + " activations observed",
        changed,
        selection.skipped(), figures);
  }

  private static Map<String, Range> ranges(Graph graph, ActivationPlan plan, PassContext context) {
    List<String> names = plan.values().stream().map(Value::name).toList();
    Calibration calibration = new Calibration(graph, context);
    return context.settings().word("calibration").equals("percentile")
        ? calibration.percentile(names, context.settings().real("percentile"))
        : calibration.minMax(names);
  }

  private static Affine affine(Range range, Settings settings, TargetProfile target) {
    DType dtype = switch (settings.word("activations")) {
      case "uint8" -> DType.UINT8;
      case "int8" -> DType.INT8;
      default -> target.activation();
    };
    boolean symmetric = settings.word("symmetric").equals(TARGET) ? target.symmetricActivations()
        : settings.word("symmetric").equals("true");
    return Affine.covering(range.min(), range.max(), dtype, symmetric);
  }
}
