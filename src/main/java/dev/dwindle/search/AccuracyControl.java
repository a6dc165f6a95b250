package dev.dwindle.search;

import dev.dwindle.graph.Model;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Decision;
import dev.dwindle.search.Criterion.Verdict;
import dev.dwindle.search.Trials.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Leaves layers alone after a look at all samples found too much lost. Where the loss is shown to be beyond the bound, half of the samples shows it, too, and the metric on that
 * half decides. Where all samples cannot tell it from the bound, half of them can still less, and the outputs decide: they must come so near that half of the bound is to be
 * expected, or the bound itself where they cannot. On several devices each has its say.
 */
final class AccuracyControl {
  /** Parts of the bound that are aimed at: what is measured then errs, too. */
  private static final List<Double> AIMS = List.of(0.5, 1.0);

  private final Variants variants;
  private final Trials trials;
  private final Progress progress;
  private final Set<String> given;
  private final Trials.Look look;
  private final Consumer<Set<String>> better;
  private Criterion criterion;

  /**
   * @param given layers that are left alone in any case
   * @param look what was found on all samples with nothing else left alone
   * @param better told of layers to leave alone that hold, whenever there are fewer
   */
  AccuracyControl(Variants variants, Trials trials, Progress progress, Set<String> given, Trials.Look look,
      Consumer<Set<String>> better) {
    this.variants = variants;
    this.trials = trials;
    this.progress = progress;
    this.given = given;
    this.look = look;
    this.better = better;
  }

  /**
   * The layers to leave alone beside those that are in any case, and why; none where no choice helps.
   *
   * @param what was looked at, by which the journal knows it again
   */
  Decision choose(String what, Supplier<Model> looked) {
    double[] from = trials.distances("distance " + what, looked, "outputs with nothing else left alone");
    boolean telling = telling(from);
    List<String> layers = new ArrayList<>(variants.layers());
    layers.removeAll(given);
    List<String> ranked = new Ranking(variants, trials, progress).of(layers);
    LayerChoice.Chosen chosen = null;
    for (double aim : AIMS) {
      criterion = criterion(from, telling, aim);
      chosen = new LayerChoice(variants, criterion, given, better).choose(ranked);
      if (!chosen.layers().isEmpty()) break;
    }
    boolean helps = !chosen.layers().isEmpty();
    String found = helps ? chosen.found() : "with all " + layers.size() + " left alone " + chosen.found();
    String all = "; with all " + layers.size() + " compressed ";
    String lost = "drop " + look.gate().found() + " on all samples";
    return new Decision(Decision.keepingAccuracy(trials.bound().maxDrop().toString(), !telling),
        helps ? "left alone" : "no choice of layers helps", chosen.layers(),
        found + (telling ? " on the samples to choose on" + all : all + ByOutputs.percent(from) + ", ") + lost);
  }

  /** Whether labels must be read: where a device shows the loss, and where outputs, that are alike or no numbers, say nothing of it. */
  private boolean telling(double[] from) {
    return IntStream.range(0, from.length).anyMatch(i -> switch (look.answers().get(i)) {
      case HOLDS -> false;
      case OPEN -> from[i] == 0 || !(from[i] < Double.MAX_VALUE);
      case BEYOND -> true;
    });
  }

  private Criterion criterion(double[] from, boolean telling, double aim) {
    double[] most = new double[from.length];
    for (int i = 0; i < most.length; i++) {
      boolean open = look.answers().get(i) == Answer.OPEN && from[i] > 0 && from[i] < Double.MAX_VALUE;
      most[i] = open ? from[i] * trials.bound().bearable(look.accuracy().get(i), aim) : Double.POSITIVE_INFINITY;
    }
    Criterion outputs = new ByOutputs(trials, most);
    if (!telling) return outputs;
    Criterion accuracy = new ByAccuracy(trials);
    if (Arrays.stream(most).allMatch(Double::isInfinite)) return accuracy;
    return (tried, model, stage) -> {
      Verdict near = outputs.judge(tried, model, stage);
      return near.holds() ? accuracy.judge(tried, model, stage) : near;
    };
  }

  /** What decided, and decides whether these layers may be stored otherwise. */
  Criterion criterion() {
    return criterion;
  }
}
