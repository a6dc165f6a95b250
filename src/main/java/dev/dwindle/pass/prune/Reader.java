package dev.dwindle.pass.prune;

import dev.dwindle.pass.Operand;
import dev.dwindle.rewrite.ChannelGroups.Group;
import dev.dwindle.rewrite.ChannelGroups.Member;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A layer that sums over the channels of a group.
 *
 * @param moments of what it multiplies its weights with, {@code [inputs, inputs]} in a row
 * @param columns by channel, its places among what each output sums over
 */
record Reader(Operand operand, float[] moments, int[][] columns) {
  static final Pattern SINGLE = Pattern.of("1");

  /** The layer of these weights as a reader of a group's channels, or null where it is none. */
  static Reader of(Operand operand, float[] moments, Group group) {
    for (Member member : group.members()) {
      if (member.constant() == operand.weight() && member.axis() == operand.reduced()) {
        return new Reader(operand, moments, columns(operand, member));
      }
    }
    return null;
  }

  private static int[][] columns(Operand operand, Member member) {
    Shape shape = operand.weight().tensor().shape();
    int each = operand.isConvolution() ? (int) shape.product(2, shape.rank()) : 1;
    int[][] columns = new int[member.places().length][];
    for (int channel = 0; channel < columns.length; channel++) {
      List<Integer> all = new ArrayList<>();
      for (int place : member.places()[channel]) {
        IntStream.range(place * each, (place + 1) * each).forEach(all::add);
      }
      columns[channel] = all.stream().mapToInt(Integer::intValue).toArray();
    }
    return columns;
  }

  /** Its weights as a matrix of outputs by what each sums over. */
  Weights weights() {
    return Weights.of(operand, SINGLE, null);
  }
}
