package dev.dwindle.pass.prune;

import dev.dwindle.calibrate.InputMoments;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.FiniteConstants;
import dev.dwindle.pass.NarrowConstants;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Form;
import dev.dwindle.pass.Settings.Real;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.pass.Settings.Words;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.Importance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Pruning: weights that matter least become zero, single ones, blocks, or so many of each few (N:M), by their magnitude (Han et al., Learning both Weights and Connections,
 * 2015), or by what calibration samples show of them. Training behind it ({@code finetune}) holds the zeros.
 */
public final class Prune implements Pass {
  private static final Settings.Schema SETTINGS = Settings.Schema.of(
      new Setting("sparsity", new Real(0, 0.9999), 0.5, "the share of weights that are zero afterwards"),
      new Setting("by", new Choice(List.of("magnitude", "taylor", "wanda", "sparsegpt")), "magnitude",
          "what a weight is worth: its magnitude; how far the outputs of the model move without it, by gradients; its magnitude times the norm of its input; or what cannot be made up for by the others, which are changed to do so"),
      new Setting("scope", new Choice(List.of("layer", "global", "adaptive")), "adaptive",
          "where the smallest are sought: in each layer, in all layers together, or in all by what a weight adds to what is left of its layer (LAMP)"),
      new Setting("pattern", new Form(Pattern.FORM, "1, a block such as 4x1 or 16x16, or a share such as 2:4"), "1",
          "what goes together: 1 for single weights, 4x1 for blocks of 4 inputs and 1 output, 2:4 for 2 that stay of each 4 inputs"),
      new Setting("exclude", new Words(), List.of(), "patterns of layers to leave alone"));

  @Override
  public String name() {
    return "prune";
  }

  @Override
  public Settings.Schema settings() {
    return SETTINGS;
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    Settings settings = context.settings();
    Pattern pattern = Pattern.of(settings.word("pattern"));
    Map<String, String> figures = new LinkedHashMap<>();
    Map<String, String> skipped = new LinkedHashMap<>();
    Map<Value, List<Operand>> operands = operands(graph, settings, figures, skipped);
    FiniteConstants finite = new FiniteConstants();
    operands.forEach((weight, own) -> finite.require(weight, own.getFirst().node(), "'exclude' in a recipe"));
    Map<String, float[]> worth = worth(graph, context, operands, skipped);
    List<Weights> all = operands.entrySet().stream()
        .map(own -> Weights.of(own.getValue().getFirst(), pattern, worth.get(own.getKey().name()))).toList();
    Map<String, float[]> moments = moments(graph, context, pattern, operands);
    prune(all, pattern, settings, moments);
    Map<String, String> changed = new LinkedHashMap<>();
    long zeros = 0;
    long count = 0;
    for (Weights weights : all) {
      Value constant = weights.operand().weight();
      boolean asAsked = settings.word("by").equals("magnitude") || moments.containsKey(constant.name())
          || worth.containsKey(constant.name());
      Tensor tensor = weights.pruned();
      store(constant, tensor, operands.get(constant));
      String words = String.format(Locale.ROOT, "%.1f %% of %,d weights zero", 100.0 * weights.zeros() / tensor.size(),
          tensor.size()) + (asAsked ? "" : ", by magnitude");
      operands.get(constant)
          .forEach(own -> changed.merge(own.node().label(), words, (a, b) -> a.equals(b) ? a : a + "; " + b));
      zeros += weights.zeros();
      count += tensor.size();
    }
    if (count > 0) {
      figures.put("zeros",
          String.format(Locale.ROOT, "%,d of %,d weights (%.2f %%)", zeros, count, 100.0 * zeros / count));
    }
    return new PassResult(name(), String.format(Locale.ROOT, "%.1f %% of the weights of %d layers are zero",
        count == 0 ? 0 : 100.0 * zeros / count, changed.size()), changed, skipped, figures);
  }

  /** A constant that others read too, such as a table that is looked up in, stays as it is for them. */
  private static void store(Value constant, Tensor pruned, List<Operand> readers) {
    if (constant.uses().size() == readers.size() && !constant.isGraphOutput()) {
      constant.graph().setConstant(constant, Constant.of(pruned));
      return;
    }
    Value own = constant.graph().addConstant(constant.name() + "_pruned", pruned);
    readers.forEach(reader -> reader.node().setInput(reader.index(), own));
  }

  /** How far outputs move without each weight, where that is asked for; weights that no gradient reaches are left alone. */
  private static Map<String, float[]> worth(Graph graph, PassContext context, Map<Value, List<Operand>> operands,
      Map<String, String> skipped) {
    if (!context.settings().word("by").equals("taylor")) return Map.of();
    if (context.calibration().count() == 0) {
      throw new InvalidInputException(
          "prune: found no calibration samples, expected some to see how far outputs move without each weight; or by magnitude");
    }
    operands.entrySet().removeIf(each -> {
      boolean inside = each.getKey().graph() != graph
          || each.getValue().stream().anyMatch(operand -> operand.node().graph() != graph);
      if (inside) each.getValue().forEach(own -> skipped.put(own.node().label(), "gradients do not reach into bodies"));
      return inside;
    });
    if (operands.isEmpty()) return Map.of();
    Map<String, float[]> worth = Importance.of(graph.model(), operands.keySet().stream().map(Value::name).toList(),
        context);
    operands.entrySet().removeIf(each -> {
      boolean apart = !worth.containsKey(each.getKey().name());
      if (apart)
        each.getValue().forEach(own -> skipped.put(own.node().label(), "no float output depends on its weights"));
      return apart;
    });
    return worth;
  }

  /** What the inputs of layers are like, where that is asked for. */
  private static Map<String, float[]> moments(Graph graph, PassContext context, Pattern pattern,
      Map<Value, List<Operand>> operands) {
    String by = context.settings().word("by");
    if (by.equals("magnitude") || by.equals("taylor")) return Map.of();
    if (!pattern.isFixed() && pattern.length() * pattern.outputs() > 1) {
      throw new InvalidInputException("prune: by " + by + " with pattern '" + context.settings().word("pattern")
          + "', expected 1 or a share such as 2:4, or by magnitude");
    }
    List<Operand> alike = operands.values().stream()
        .flatMap(all -> all.stream().filter(each -> each.reduced() == all.getFirst().reduced())).toList();
    return InputMoments.of(graph, context, alike);
  }

  private static void prune(List<Weights> all, Pattern pattern, Settings settings, Map<String, float[]> moments) {
    // What outputs do without a weight compares layers as it is; magnitudes must be seen beside others of their layer first.
    String scope = settings.word("scope").equals("adaptive") && settings.word("by").equals("taylor") ? "global"
        : settings.word("scope");
    Selection selection = new Selection(scope, settings.real("sparsity"));
    if (moments.isEmpty() && !pattern.isFixed()) {
      selection.drop(all);
      return;
    }
    double[] shares = pattern.isFixed() ? new double[all.size()] : selection.shares(all);
    for (int i = 0; i < all.size(); i++) {
      Weights weights = all.get(i);
      float[] seen = moments.get(weights.operand().weight().name());
      if (seen != null && settings.word("by").equals("wanda")) {
        Reconstruction.wanda(weights, seen, shares[i], pattern);
      } else if (seen != null) {
        Reconstruction.sparseGpt(weights, seen, shares[i], pattern);
      } else if (pattern.isFixed()) {
        weights.keepInEach(pattern);
      } else {
        new Selection("layer", shares[i]).drop(List.of(weights));
      }
    }
  }

  /** The weights of layers by constant, with all layers that read it; embeddings are looked up, not multiplied with, and stay. */
  private static Map<Value, List<Operand>> operands(Graph graph, Settings settings, Map<String, String> figures,
      Map<String, String> skipped) {
    List<Node> nodes = NarrowConstants.allNodes(graph);
    Patterns exclude = new Patterns(settings.words("exclude"));
    exclude.warn("exclude", nodes, figures);
    boolean single = settings.word("pattern").equals("1");
    Map<Value, List<Operand>> operands = new LinkedHashMap<>();
    for (Node node : nodes) {
      if (!node.domain().isEmpty() || !Operand.isLayer(node)) continue;
      List<Operand> own = Operand.of(node);
      if (own.isEmpty()) {
        skipped.put(node.label(), Operand.reasonForNone(node));
      } else if (exclude.matches(node)) {
        skipped.put(node.label(), "left alone by the recipe");
      } else if (!single && own.stream().anyMatch(operand -> !Weights.isMatrix(operand))) {
        skipped.put(node.label(), "patterns are for matrices and convolutions");
      } else {
        own.forEach(operand -> operands.computeIfAbsent(operand.weight(), w -> new ArrayList<>()).add(operand));
      }
    }
    return operands;
  }
}
