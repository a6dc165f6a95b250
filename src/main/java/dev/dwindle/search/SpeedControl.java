package dev.dwindle.search;

import dev.dwindle.graph.Model;
import dev.dwindle.result.Decision;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Keeps a region of layers compressed only where each device confirms that the model is no slower for it. Begins with all regions, or with none
 * where that is shown to be faster on any device, holds the model against those with one region more or less, changes what did not earn its place, and goes on from there
 * until nothing changes.
 */
final class SpeedControl {
  /** The layers that are rolled back, and a decision for each region. */
  record Choice(Set<String> left, List<Decision> decisions) {}

  private static final int MOST_TURNS = 3;
  /** The share of regions kept or rolled back by mistake that is borne. */
  private static final double RATE = 0.05;

  private final Variants variants;
  private final Races races;
  private final List<Region> regions;
  private final String[] figures;

  SpeedControl(Variants variants, Races races) {
    this.variants = variants;
    this.races = races;
    regions = Region.of(variants.nodes());
    figures = new String[regions.size()];
  }

  /** What was kept and what rolled back. */
  Choice choose() {
    Set<Region> kept = new LinkedHashSet<>(regions);
    List<Races.Timed> around = around(kept);
    if (around.getLast().isFasterSomewhere()) {
      kept.clear();
      around = around(kept);
    }
    boolean changed = decide(kept, around);
    for (int turn = 1; turn < MOST_TURNS && changed; turn++) changed = decide(kept, around(kept));
    List<Decision> decisions = new ArrayList<>();
    for (int i = 0; i < regions.size(); i++) {
      boolean stays = kept.contains(regions.get(i));
      decisions.add(new Decision("never slower", (stays ? "kept " : "rolled back ") + regions.get(i).name(),
          List.copyOf(regions.get(i).layers()), figures[i]));
    }
    return new Choice(left(kept), decisions);
  }

  /** Holds the model with these regions against those that differ in one, and where it has all against the one with none, which is the last. */
  private List<Races.Timed> around(Set<Region> kept) {
    List<Supplier<Model>> others = new ArrayList<>();
    for (Region region : regions) {
      Set<Region> other = new LinkedHashSet<>(kept);
      if (!other.remove(region)) other.add(region);
      others.add(() -> model(other));
    }
    if (kept.size() == regions.size()) others.add(() -> model(Set.of()));
    String key = "one region more or less than " + kept.stream().map(Region::name).collect(Collectors.joining("; "));
    return measure(key, kept, others);
  }

  /** Changes what did not earn its place; whether any region changed. */
  private boolean decide(Set<Region> kept, List<Races.Timed> results) {
    double[] earned = new double[regions.size()];
    for (int i = 0; i < earned.length; i++) {
      boolean on = kept.contains(regions.get(i));
      earned[i] = on ? results.get(i).firstNoSlower() : results.get(i).noSlower();
      figures[i] = (on ? "without it " : "with it ") + results.get(i).text();
    }
    boolean[] believed = FalseDiscovery.believed(earned, RATE);
    boolean changed = false;
    for (int i = 0; i < earned.length; i++) {
      changed |= believed[i] ? kept.add(regions.get(i)) : kept.remove(regions.get(i));
    }
    return changed;
  }

  private List<Races.Timed> measure(String key, Set<Region> first, List<Supplier<Model>> others) {
    return races.run(key, () -> model(first), others);
  }

  private Model model(Set<Region> kept) {
    return variants.of(left(kept)).model();
  }

  private Set<String> left(Set<Region> kept) {
    Set<String> left = new LinkedHashSet<>(variants.layers());
    kept.forEach(region -> left.removeAll(region.layers()));
    return left;
  }
}
