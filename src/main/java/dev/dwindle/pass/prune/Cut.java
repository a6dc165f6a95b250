package dev.dwindle.pass.prune;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What goes of a model.
 *
 * @param widths how many channels stay, by group; groups that stay whole are not among them
 * @param dropped residual blocks that go as a whole, by their places
 */
record Cut(Map<Integer, Integer> widths, Set<Integer> dropped) {
  static final Cut NONE = new Cut(Map.of(), Set.of());

  static Cut to(int group, int width) {
    return new Cut(Map.of(group, width), Set.of());
  }

  static Cut without(int block) {
    return new Cut(Map.of(), Set.of(block));
  }

  /** Both cuts, of which no group is in both. */
  Cut and(Cut other) {
    Map<Integer, Integer> all = new TreeMap<>(widths);
    all.putAll(other.widths);
    Set<Integer> both = new TreeSet<>(dropped);
    both.addAll(other.dropped);
    return new Cut(all, both);
  }
}
