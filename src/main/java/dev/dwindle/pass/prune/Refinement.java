package dev.dwindle.pass.prune;

import dev.dwindle.pass.Progress;
import dev.dwindle.result.Estimate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * A cut made better by small steps, each judged with the model as a whole: what cuts save and do to the outputs one by one, which a cut is chosen by at first, is noisy where little is saved, and not what they
 * do together. First channels and blocks come back as long as the cost allows; then a group becomes wider and another one narrower for it, where the outputs are nearer to the original's by that.
 */
final class Refinement {
  /** Costs that are measured at most. */
  private static final int MOST_MEASURED = 32;
  /** What a swap must win of the error, to be worth measuring. */
  private static final double WORTH = 0.99;

  private final ChannelPruning pruning;
  private final Map<Integer, List<Integer>> stairs;
  private final ToDoubleFunction<Cut> error;
  private final Price price;
  private final double budget;
  private final Progress progress;
  private final Map<Cut, Double> errors = new HashMap<>();
  private int measured;
  private Cut best;
  private Estimate cost;

  /**
   * A search for better cuts.
   *
   * @param stairs by group, the widths that are worth having, the whole first
   * @param error of the model's outputs after a cut
   * @param budget the most that the model may cost, as a share of what it costs whole
   */
  Refinement(ChannelPruning pruning, Map<Integer, List<Integer>> stairs, ToDoubleFunction<Cut> error, Price price,
      double budget, Progress progress) {
    this.pruning = pruning;
    this.stairs = stairs;
    this.error = error;
    this.price = price;
    this.budget = budget;
    this.progress = progress;
  }

  /** Goes on from a cut of a cost that is within the budget. */
  void from(Cut cut, Estimate of) {
    best = cut;
    cost = of;
    while (step(wider(best), errorOf(best)) || step(swapped(), WORTH * errorOf(best))) {
      // Each step is from the best so far.
    }
  }

  Cut best() {
    return best;
  }

  Estimate cost() {
    return cost;
  }

  private double errorOf(Cut cut) {
    return errors.computeIfAbsent(cut, error::applyAsDouble);
  }

  /** Takes the first of some cuts, by their errors, that is below an error and within the budget. */
  private boolean step(List<Cut> cuts, double below) {
    List<Cut> better = cuts.stream().filter(cut -> errorOf(cut) < below)
        .sorted(Comparator.comparingDouble(this::errorOf)).toList();
    for (Cut cut : better) {
      if (measured == MOST_MEASURED) return false;
      measured++;
      Estimate found = price.of(pruning.without(cut));
      progress.advance(1);
      if (found.value() > budget) continue;
      best = cut;
      cost = found;
      return true;
    }
    return false;
  }

  /** Cuts with one group a stair wider, or one block back. */
  private List<Cut> wider(Cut cut) {
    List<Cut> all = new ArrayList<>();
    for (int group : cut.widths().keySet()) {
      Cut other = moved(cut, group, -1);
      if (other != null) all.add(other);
    }
    for (int block : cut.dropped()) {
      Set<Integer> left = new TreeSet<>(cut.dropped());
      left.remove(block);
      all.add(new Cut(cut.widths(), left));
    }
    return all;
  }

  /** Cuts with one group a stair wider and another one a stair narrower. */
  private List<Cut> swapped() {
    List<Cut> all = new ArrayList<>();
    for (Cut wide : wider(best)) {
      for (int group : stairs.keySet()) {
        Cut other = isDropped(group, wide) ? null : moved(wide, group, 1);
        if (other != null && !other.equals(best)) all.add(other);
      }
    }
    return all;
  }

  /** Whether a group's channels are gone with their block. */
  private boolean isDropped(int group, Cut cut) {
    List<String> makers = pruning.makers(group).stream().map(node -> node.label()).toList();
    return cut.dropped().stream().anyMatch(block -> pruning.blocks().get(block).branch().containsAll(makers));
  }

  private Cut moved(Cut cut, int group, int by) {
    List<Integer> widths = stairs.get(group);
    if (widths == null) return null;
    int at = widths.indexOf(cut.widths().getOrDefault(group, widths.getFirst())) + by;
    if (at < 0 || at >= widths.size()) return null;
    Map<Integer, Integer> all = new TreeMap<>(cut.widths());
    if (at == 0) all.remove(group);
    else
      all.put(group, widths.get(at));
    return new Cut(all, cut.dropped());
  }
}
