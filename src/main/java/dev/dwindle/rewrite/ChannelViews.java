package dev.dwindle.rewrite;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.rewrite.ChannelLines.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How channels hang together over a view (Reshape, Flatten, Squeeze, Unsqueeze). Where axes become one, the channels of one
 * of them may go, each with its run of elements, and the other axes stay; the same where one axis becomes several. It is the
 * first axis that nothing else keeps: views are looked at last, and the ones that merge before the ones that split, so that a
 * channel shuffle is cut within its groups.
 */
final class ChannelViews {
  private static final Set<String> VIEWS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze");

  /** Neighbouring axes of the input that become neighbouring axes of the output, those of length 1 left out. */
  private record Segment(Node node, List<Integer> in, List<Integer> out) {}

  private final ChannelLines lines;
  private final List<Segment> merges = new ArrayList<>();
  private final List<Segment> splits = new ArrayList<>();

  private ChannelViews(ChannelLines lines) {
    this.lines = lines;
  }

  static boolean isView(Node node) {
    return node.domain().isEmpty() && VIEWS.contains(node.operator());
  }

  /** Ties the channels of all these views. */
  static void tie(List<Node> nodes, ChannelLines lines) {
    ChannelViews views = new ChannelViews(lines);
    nodes.forEach(views::read);
    for (Segment s : views.merges) {
      views.tie(s.in.stream().map(axis -> lines.line(s.node.input(0), axis)).toList(),
          lines.line(s.node.output(), s.out.getFirst()));
    }
    for (Segment s : views.splits) {
      views.tie(s.out.stream().map(axis -> lines.line(s.node.output(), axis)).toList(),
          lines.line(s.node.input(0), s.in.getFirst()));
    }
  }

  /** Ties axes that become axes, and notes those that merge or split. */
  private void read(Node node) {
    List<Segment> segments = segments(node);
    boolean known = !node.is("Reshape") || lines.types().tensor(node.input(1)) != null;
    if (segments == null || !known) {
      lines.stay(node.input(0));
      lines.stay(node.output());
      return;
    }
    for (Segment segment : segments) {
      if (segment.in.size() == 1 && segment.out.size() == 1) {
        lines.tie(node.input(0), segment.in.getFirst(), node.output(), segment.out.getFirst());
      } else if (segment.out.size() == 1 && all(segment)) {
        merges.add(segment);
      } else if (segment.in.size() == 1 && all(segment)) {
        splits.add(segment);
      } else {
        segment.in.forEach(axis -> lines.stay(node.input(0), axis));
        segment.out.forEach(axis -> lines.stay(node.output(), axis));
      }
    }
  }

  private boolean all(Segment segment) {
    return segment.in.stream().allMatch(axis -> lines.line(segment.node.input(0), axis) != null)
        && segment.out.stream().allMatch(axis -> lines.line(segment.node.output(), axis) != null);
  }

  /** Ties a line that is the product of others to the first of them that may change; the others stay. */
  private void tie(List<Line> factors, Line product) {
    Line free = factors.stream().filter(line -> !lines.stays(line)).findFirst().orElse(factors.getFirst());
    for (Line line : factors) {
      if (line != free) lines.stay(line.value(), line.axis());
    }
    int inner = 1;
    for (Line line : factors.subList(factors.indexOf(free) + 1, factors.size())) {
      inner *= line.size();
    }
    for (int i = 0; i < product.size(); i++) {
      lines.tie(product, i, free, i / inner % free.size());
    }
  }

  /** The segments of a view; null where they cannot be told. */
  private List<Segment> segments(Node node) {
    TensorType from = lines.types().tensorType(node.input(0));
    TensorType to = lines.types().tensorType(node.output());
    if (!from.hasRank() || !to.hasRank()) return null;
    List<Integer> in = wide(from);
    List<Integer> out = wide(to);
    List<Segment> segments = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < in.size() || j < out.size()) {
      int[] next = next(from, in, i, to, out, j);
      if (next == null) return null;
      segments.add(new Segment(node, in.subList(i, next[0]), out.subList(j, next[1])));
      i = next[0];
      j = next[1];
    }
    return segments;
  }

  private static List<Integer> wide(TensorType type) {
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < type.rank(); axis++) {
      if (!type.dim(axis).is(1)) axes.add(axis);
    }
    return axes;
  }

  /** The fewest axes on both sides with the same product: where they end; null where there are none. */
  private static int[] next(TensorType from, List<Integer> in, int i, TensorType to, List<Integer> out, int j) {
    for (int count = 2; count <= in.size() - i + out.size() - j; count++) {
      for (int a = Math.max(1, count - (out.size() - j)); a < count && a <= in.size() - i; a++) {
        Dim x = product(from, in.subList(i, i + a));
        if (!x.is(0) && x.equals(product(to, out.subList(j, j + count - a)))) return new int[] {i + a, j + count - a};
      }
    }
    return null;
  }

  private static Dim product(TensorType type, List<Integer> axes) {
    Dim product = Dim.of(1);
    for (int axis : axes) {
      product = product.times(type.dim(axis));
    }
    return product;
  }
}
