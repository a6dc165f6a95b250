package dev.dwindle.train;

import dev.dwindle.graph.Model;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.ChannelCut;
import dev.dwindle.rewrite.ChannelGroups;
import dev.dwindle.rewrite.ChannelGroups.Group;
import dev.dwindle.rewrite.ChannelGroups.Member;
import dev.dwindle.tensor.Shape;
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
    double[] norms = norms(group);
    return IntStream.range(0, group.size()).boxed().sorted(Comparator.comparingDouble(c -> -norms[c])).limit(count)
        .mapToInt(Integer::intValue).sorted().toArray();
  }

  /** By channel, the sum of the absolute values of the weights that make it. */
  private static double[] norms(Group group) {
    double[] norms = new double[group.size()];
    for (Member member : group.members()) {
      if (!member.produces() || !member.constant().tensor().dtype().isFloating()) continue;
      double[] sums = sums(member);
      for (int c = 0; c < norms.length; c++) {
        for (int place : member.places()[c]) norms[c] += sums[place];
      }
    }
    return norms;
  }

  private static double[] sums(Member member) {
    Shape shape = member.constant().tensor().shape();
    double[] values = Elements.doubles(member.constant().tensor());
    double[] sums = new double[shape.intDim(member.axis())];
    int inner = (int) shape.product(member.axis() + 1, shape.rank());
    for (int i = 0; i < values.length; i++) {
      sums[i / inner % sums.length] += Math.abs(values[i]);
    }
    return sums;
  }
}
