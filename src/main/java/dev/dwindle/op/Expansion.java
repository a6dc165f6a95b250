package dev.dwindle.op;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import java.util.stream.LongStream;

/** A composite node being decomposed: new nodes are put before it, in the operator set version of its graph. */
public final class Expansion extends Building {
  public Expansion(Node node) {
    super(node);
  }

  /** The axes of the first input from a given one to the last; null where that asks for a rank that is not known. */
  long[] axesFrom(long axis) {
    if (!type(0).hasRank()) {
      return axis < 0 && axis >= Byte.MIN_VALUE ? LongStream.range(axis, 0).toArray() : null;
    }
    int rank = type(0).rank();
    axis(axis, rank);
    return LongStream.range(axis, axis < 0 ? 0 : rank).toArray();
  }

  @Override
  Node place(NodeBuilder builder) {
    return builder.before(node());
  }
}
