package dev.dwindle.pass.prune;

import dev.dwindle.calibrate.InputMoments;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Real;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.pass.Settings.Whole;
import dev.dwindle.pass.Settings.Words;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.Cost;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.train.Student;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Structured pruning: channels, attention heads and residual blocks leave the graph, so that a smaller dense model is left. How many of each is chosen by what they cost on the
 * target, measured for each group of channels by itself, and by how far the outputs move without them (as in HALP: Shen et al., 2022, and ZipLM: Kurtic et al., 2023).
 */
public final class Narrow implements Pass {
  private static final Settings.Schema SETTINGS = Settings.Schema.of(
      new Setting("budget", new Real(0.01, 0.99), 0.75,
          "what the model may cost afterwards, as a share of what it costs"),
      new Setting("budget_of", new Choice(List.of("latency", "multiply_adds", "parameters")), "latency",
          "what the budget counts; latency is measured on the device"),
      new Setting("by", new Choice(List.of("reconstruction", "magnitude")), "reconstruction",
          "which channels go first: those that the layers behind them can do without best, whose weights are changed to do so; or those with the smallest weights"),
      new Setting("widths", new Whole(2, 256), 8L, "numbers of channels that are tried of each group, at most"),
      new Setting("blocks", new Choice(List.of("true", "false", "only")), "true",
          "whether residual blocks may go as a whole; or nothing but them"),
      new Setting("samples", new Whole(1, 10_000), 64L, "calibration samples on which outputs are compared, at most"),
      new Setting("keep", new Words(), List.of(), "patterns of layers whose channels all stay"));

  @Override
  public String name() {
    return "narrow";
  }

  @Override
  public Settings.Schema settings() {
    return SETTINGS;
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    Settings settings = context.settings();
    if (context.calibration().count() == 0) {
      throw new InvalidInputException(
          "narrow: found no calibration samples, expected some to see by what channels are worth");
    }
    Model model = Student.prepared(graph.model());
    NarrowResult result = new NarrowResult();
    Patterns keep = new Patterns(settings.words("keep"));
    keep.warn("keep", graph.nodes(), result.figures());
    ChannelPruning pruning = new ChannelPruning(model, moments(model, context));
    Price price = price(model, context);
    WidthChoices choices = new WidthChoices(model, pruning, price, context, keep, result);
    Cut cut = chosen(choices, pruning, price, settings.real("budget"), context, result);
    Model smaller = pruning.without(cut);
    result.tell(model, smaller, pruning, cut);
    graph.model().become(smaller);
    return result.of(name());
  }

  private static Map<String, float[]> moments(Model model, PassContext context) {
    if (context.settings().word("by").equals("magnitude")) return Map.of();
    List<Operand> operands = model.graph().nodes().stream().filter(node -> node.domain().isEmpty())
        .filter(Operand::isLayer).flatMap((Node node) -> Operand.of(node).stream()).toList();
    return InputMoments.of(model.graph(), context, operands);
  }

  private static Price price(Model model, PassContext context) {
    return switch (context.settings().word("budget_of")) {
      case "parameters" -> Price.counted(model, Cost::parameters);
      case "multiply_adds" -> Price.counted(model, Cost::multiplyAdds);
      default -> Price.latency(model, context);
    };
  }

  /**
   * The cut of least error that is within the budget. What cuts save together is less than the sum of what each saves, so it is sought among those that promise more than is needed,
   * by halves, each measured as a whole; then it is {@linkplain Refinement refined}.
   */
  private static Cut chosen(WidthChoices choices, ChannelPruning pruning, Price price, double budget,
      PassContext context,
      NarrowResult result) {
    List<Cut> cuts = choices.savings().from(1 - budget);
    context.progress().begin("narrow: the model as a whole", 0);
    Estimate best = null;
    int fits = cuts.size();
    int beyond = -1;
    while (fits - beyond > 1) {
      int middle = fits == cuts.size() ? fits - 1 : (fits + beyond) / 2;
      Estimate cost = price.of(pruning.without(cuts.get(middle)));
      context.progress().advance(1);
      if (cost.value() <= budget) {
        fits = middle;
        best = cost;
      } else if (fits == cuts.size()) {
        throw tooLittle(cost.value(), budget);
      } else {
        beyond = middle;
      }
    }
    context.progress().end();
    if (best == null) throw tooLittle(1, budget);
    context.progress().begin("narrow: the model as a whole, by small steps", 0);
    Refinement refinement = new Refinement(pruning, choices.stairs(), choices::error, price, budget,
        context.progress());
    refinement.from(cuts.get(fits), best);
    context.progress().end();
    result.cost(context, refinement.cost());
    return refinement.best();
  }

  private static InvalidInputException tooLittle(double cost, double budget) {
    return new InvalidInputException(String.format(Locale.ROOT,
        "narrow: with all that may go the model costs %.3f of what it costs, expected at most %.3f; allow more, or smaller widths",
        cost, budget));
  }
}
