package dev.dwindle.pass.weights;

import dev.dwindle.calibrate.LayerMoments;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.pass.FiniteConstants;
import dev.dwindle.pass.NarrowConstants;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Assignment;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Flag;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.quant.WeightFormat;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.OpsetLift;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weight-only compression: weights of layers in a narrow format, activations as they were; written as DequantizeLinear or
 * Cast in front of the layer. Needs no data where each is rounded to nearest.
 */
public final class Weights implements Pass {
  private static final String NEAREST = "nearest";
  private static final String COMPENSATED = "compensated";

  private static final Settings.Schema SETTINGS = Settings.Schema.of(
      new Setting("format", new Choice(WeightFormat.words()), "int8", "number format of weights"),
      new Setting("layers", new Assignment(WeightFormat.words()), Map.of(),
          "formats of single layers by pattern; the first that matches counts"),
      new Setting("group", new Choice(List.of("format", "channel", "16", "32", "64", "128", "256")), "format",
          "weights that share a scale: a channel, or so many at most"),
      new Setting("symmetric", new Choice(List.of("format", "true", "false")), "format",
          "whether integers have no zero points"),
      new Setting("rounding", new Choice(List.of(NEAREST, COMPENSATED)), NEAREST,
          "to the nearest code, or so that weights make up for each other's errors on calibration samples"),
      new Setting("clip", new Flag(), true, "whether INT4 blocks may clip outliers where that errs less"));

  @Override
  public String name() {
    return "weights";
  }

  @Override
  public Settings.Schema settings() {
    return SETTINGS;
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    Settings settings = context.settings();
    List<Node> nodes = NarrowConstants.allNodes(graph);
    Map<String, String> figures = new LinkedHashMap<>();
    new Patterns(List.copyOf(settings.assignment("layers").keySet())).warn("layers", nodes, figures);
    Selection selection = Selection.of(nodes, settings);
    if (selection.choices().isEmpty()) {
      return new PassResult(name(), "nothing to store otherwise", Map.of(), selection.skipped(), figures);
    }
    requireFinite(selection.choices());
    OpsetLift.lift(graph.model(), selection.choices().stream().mapToInt(Selection.Choice::opset).max().orElseThrow());
    selection = Selection.of(NarrowConstants.allNodes(graph), settings);
    LayerMoments moments = moments(graph, selection.choices(), context);
    try (WeightStore store = new WeightStore(settings.flag("clip"), moments, context.threads())) {
      context.progress().begin("weights", selection.choices().size());
      for (Selection.Choice choice : selection.choices()) {
        store.put(choice);
        context.progress().advance(1);
      }
      context.progress().end();
      figures.putAll(moments.figures());
      return store.result(name(), selection.skipped(), figures);
    }
  }

  private static LayerMoments moments(Graph graph, List<Selection.Choice> choices, PassContext context) {
    if (!context.settings().word("rounding").equals(COMPENSATED)) return LayerMoments.none();
    List<Operand> operands = choices.stream().filter(choice -> !choice.format().isPlain())
        .map(Selection.Choice::operand)
        .filter(operand -> operand.node().graph() == graph).toList();
    return LayerMoments.of(graph, context, operands);
  }

  /** Of layers only: a table that Gather reads may be a mask of infinities, and stays as it is then. */
  private static void requireFinite(List<Selection.Choice> choices) {
    FiniteConstants finite = new FiniteConstants();
    for (Selection.Choice choice : choices) {
      Operand operand = choice.operand();
      if (!choice.format().isPlain() && Operand.isLayer(operand.node())) {
        finite.require(operand.weight(), operand.node(), "'layers' in a recipe");
      }
    }
  }
}
