package dev.dwindle.search;

import dev.dwindle.graph.Model;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Decision;
import dev.dwindle.result.Gate;
import dev.dwindle.result.Gate.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Leaves as few layers alone as it takes to keep the loss of accuracy within its bound, where it is not with all layers compressed. Layers are ranked by the
 * harm that each alone does, the shortest head of the ranking that holds is found by doubling and bisection, and each of its layers is compressed again where
 * the rest holds without it. A standard error is kept from the bound, for the best of many looks better than it is; and the outputs must come as much nearer
 * to the original's as the first look at all samples asks for, since half of the samples may see no loss where all do.
 */
final class AccuracyControl {
  /** Layers of the head that are tried once more, from the one that does least harm on. */
  private static final int MOST_RETRIED = 32;

  private final Variants variants;
  private final Trials trials;
  private final Progress progress;
  private final Consumer<Set<String>> better;
  private final Set<String> given;
  private final Trials.Look first;
  private double most;
  private Set<String> best;
  private Gate bestGate;

  /**
   * @param given layers that are left alone in any case
   * @param first what was found on all samples with nothing else left alone
   * @param better told of layers to leave alone that hold, whenever there are fewer
   */
  AccuracyControl(Variants variants, Trials trials, Progress progress, Set<String> given, Trials.Look first,
      Consumer<Set<String>> better) {
    this.variants = variants;
    this.trials = trials;
    this.progress = progress;
    this.given = given;
    this.first = first;
    this.better = better;
  }

  /** The layers to leave alone beside those that are in any case, and why. */
  Decision choose() {
    List<String> layers = new ArrayList<>(variants.layers());
    layers.removeAll(given);
    double all = distance(Set.of(), model(Set.of()));
    most = all * first.bearable();
    List<String> ranked = new Ranking(variants, trials, progress).of(layers);
    int head = ranked.isEmpty() ? 0 : shortestHead(ranked);
    String before = "; with all " + layers.size() + " compressed, on all samples, " + first.gate().found();
    if (best == null) {
      return decision("no choice of layers helps", Set.of(),
          "with all " + ranked.size() + " left alone " + allLeftAlone(ranked).found() + before);
    }
    retry(ranked.subList(0, head));
    return decision("left alone", best, String.format(Locale.ROOT, "%s, outputs %.2f %% from the original's%s, %.2f %%",
        bestGate.found(), 100 * Math.sqrt(distance(best, model(best))), before, 100 * Math.sqrt(all)));
  }

  private Gate allLeftAlone(List<String> ranked) {
    Set<String> all = head(ranked, ranked.size());
    return judge(all, model(all));
  }

  private Decision decision(String choice, Set<String> layers, String reason) {
    return new Decision("max-drop " + trials.bound().maxDrop(), choice, List.copyOf(layers),
        "drop on the samples to choose on: " + reason);
  }

  /** How many of the ranked layers must be left alone, from the first on; {@link #best} stays null where all are too few. */
  private int shortestHead(List<String> ranked) {
    int failing = 0;
    int holding = 1;
    while (!tried(head(ranked, holding))) {
      if (holding == ranked.size()) return holding;
      failing = holding;
      holding = Math.min(2 * holding, ranked.size());
    }
    while (holding - failing > 1) {
      int middle = (failing + holding) / 2;
      if (tried(head(ranked, middle))) {
        holding = middle;
      } else {
        failing = middle;
      }
    }
    return holding;
  }

  private static Set<String> head(List<String> ranked, int count) {
    return new LinkedHashSet<>(ranked.subList(0, count));
  }

  private void retry(List<String> head) {
    for (String layer : head.reversed().subList(0, Math.min(MOST_RETRIED, head.size()))) {
      Set<String> fewer = new LinkedHashSet<>(best);
      fewer.remove(layer);
      if (!fewer.isEmpty()) tried(fewer);
    }
  }

  /** Whether it is enough to leave these layers alone; where it is and they are fewer than before, they are the best so far. */
  private boolean tried(Set<String> left) {
    Supplier<Model> model = model(left);
    if (most < Double.POSITIVE_INFINITY && distance(left, model) > most) return false;
    Gate gate = judge(left, model);
    if (gate.outcome() != Outcome.PASSED) return false;
    if (best == null || left.size() < best.size()) {
      best = left;
      bestGate = gate;
      better.accept(left);
    }
    return true;
  }

  /** What comes of leaving these layers alone, made once for all that is asked of it. */
  private Supplier<Model> model(Set<String> left) {
    return new Once<>(() -> variants.of(whole(left)).model());
  }

  private Gate judge(Set<String> left, Supplier<Model> model) {
    Set<String> whole = whole(left);
    String stage = "accuracy with " + whole.size() + " of " + variants.layers().size() + " layers left alone"
        + (best == null ? "" : "; best so far " + (best.size() + given.size()) + ", drop " + bestGate.found());
    return trials.judge("accuracy without " + String.join(", ", whole) + variants.key(), model, stage, true);
  }

  private double distance(Set<String> left, Supplier<Model> model) {
    return trials.distance("distance without " + String.join(", ", whole(left)) + variants.key(), model);
  }

  /** With those that are left alone in any case; in the graph's order, so that a journal knows them again. */
  private Set<String> whole(Set<String> left) {
    Set<String> whole = new LinkedHashSet<>(variants.layers());
    whole.removeIf(layer -> !given.contains(layer) && !left.contains(layer));
    return whole;
  }
}
