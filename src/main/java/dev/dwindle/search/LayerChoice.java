package dev.dwindle.search;

import dev.dwindle.search.Criterion.Verdict;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Leaves as few layers alone as it takes for a criterion to hold, where it does not with all layers compressed. Layers are ranked by the
 * harm that each alone does, the shortest head of the ranking that holds is found by doubling and bisection, and each of its layers is compressed again where
 * the rest holds without it.
 */
final class LayerChoice {
  /** Layers of the head that are tried once more, from the one that does least harm on. */
  private static final int MOST_RETRIED = 32;

  private final Variants variants;
  private final Criterion criterion;
  private final Consumer<Set<String>> better;
  private final Set<String> given;
  private Set<String> best;
  private String found;

  /**
   * @param given layers that are left alone in any case
   * @param better told of layers to leave alone that hold, whenever there are fewer
   */
  LayerChoice(Variants variants, Criterion criterion, Set<String> given, Consumer<Set<String>> better) {
    this.variants = variants;
    this.criterion = criterion;
    this.given = given;
    this.better = better;
  }

  /**
   * The layers to leave alone beside those that are in any case.
   *
   * @param layers none where no choice helps
   * @param found the criterion's figures of this choice; of all layers left alone where no choice helps
   */
  record Chosen(List<String> layers, String found) {}

  /** @param ranked the layers, the one that does most harm first */
  Chosen choose(List<String> ranked) {
    int head = ranked.isEmpty() ? 0 : shortestHead(ranked);
    if (best == null) return new Chosen(List.of(), judge(head(ranked, ranked.size())).found());
    retry(ranked.subList(0, head));
    return new Chosen(List.copyOf(best), found);
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
    Verdict verdict = judge(left);
    if (verdict.holds() && (best == null || left.size() < best.size())) {
      best = left;
      found = verdict.found();
      better.accept(left);
    }
    return verdict.holds();
  }

  private Verdict judge(Set<String> left) {
    Set<String> all = new LinkedHashSet<>(given);
    all.addAll(left);
    List<String> whole = variants.ordered(all);
    String stage = "with " + whole.size() + " of " + variants.layers().size() + " layers left alone"
        + (best == null ? "" : "; best so far " + (best.size() + given.size()) + ", " + found);
    return criterion.judge("without " + String.join(", ", whole) + variants.key(), () -> variants.of(whole).model(),
        stage);
  }
}
