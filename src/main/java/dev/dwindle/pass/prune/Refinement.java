package dev.dwindle.pass.prune;

import dev.dwindle.pass.Progress;
import dev.dwindle.result.Estimate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
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
  /** Errors that are computed at most, each by running a model of its own. */
  private static final int MOST_JUDGED = 400;
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
  /** What was taken, the last on top. */
  private final Deque<Found> taken = new ArrayDeque<>();

  private record Found(Cut cut, Estimate cost) {}

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
    taken.push(new Found(cut, of));
    while (measured < MOST_MEASURED
        && (step(wider(best()), errorOf(best())) || step(swapped(), WORTH * errorOf(best())))) {
      // Each step is from the best so far.
    }
    // Of many that are measured some seem cheap by chance: what is taken in the end is measured once more.
    while (taken.size() > 1) {
      Cut last = taken.pop().cut;
      Estimate again = price.of(pruning.without(last));
      progress.advance(1);
      if (again.value() <= budget) {
        taken.push(new Found(last, again));
        return;
      }
    }
  }

  Cut best() {
    return taken.peek().cut;
  }

  Estimate cost() {
    return taken.peek().cost;
  }

  private double errorOf(Cut cut) {
    return errors.computeIfAbsent(cut,
        each -> errors.size() < MOST_JUDGED ? error.applyAsDouble(each) : Double.POSITIVE_INFINITY);
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
      taken.push(new Found(cut, found));
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
    for (Cut wide : wider(best())) {
      for (int group : stairs.keySet()) {
        Cut other = isDropped(group, wide) ? null : moved(wide, group, 1);
        if (other != null && !other.equals(best())) all.add(other);
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
