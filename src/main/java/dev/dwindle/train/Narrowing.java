package dev.dwindle.train;

import dev.dwindle.graph.Model;
import dev.dwindle.rewrite.ChannelCut;
import dev.dwindle.rewrite.ChannelGroups;
import dev.dwindle.rewrite.ChannelGroups.Group;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Keeps a share of the channels of each group, those with the largest weights. */
final class Narrowing {
  private Narrowing() {}

  static void apply(Model model, double width) {
    ChannelCut.apply(ChannelGroups.of(model.graph()), group -> largest(group, count(width, group.size())));
  }

  private static int count(double width, int size) {
    return Math.clamp((long) Math.floor(width * size + 0.5), 1, size);
  }

  /** A width, hardly above the least, of which a group of this size keeps so many. */
  static double width(int kept, int size) {
    double width = (kept - 0.5) / size;
    while (count(width, size) < kept) width = Math.nextUp(width);
    return width;
  }

  /** The channels with the largest weights, ascending; of equal ones the first. */
  private static int[] largest(Group group, int count) {
    double[] norms = group.norms();
    return IntStream.range(0, group.size()).boxed().sorted(Comparator.comparingDouble(c -> -norms[c])).limit(count)
        .mapToInt(Integer::intValue).sorted().toArray();
  }
}
