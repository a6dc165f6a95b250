package dev.dwindle.search;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Layers that a device is likely to treat alike, and that earn their place together: of one kind, and in one half of the net where there are
 * many.
 *
 * @param name such as {@code depthwise Conv, first half}
 */
record Region(String name, Set<String> layers) {
  /** So many layers of a kind are two regions: early layers work on much larger activations. */
  private static final int MANY = 4;

  /** The regions of these nodes, in the order in which their kinds come. */
  static List<Region> of(Map<String, Node> layers) {
    Map<String, List<String>> kinds = new LinkedHashMap<>();
    layers.forEach((name, node) -> kinds.computeIfAbsent(kind(node), kind -> new ArrayList<>()).add(name));
    List<Region> regions = new ArrayList<>();
    kinds.forEach((kind, names) -> {
      int half = (names.size() + 1) / 2;
      if (names.size() < MANY) {
        regions.add(region(kind, names));
      } else {
        regions.add(region(kind + ", first half", names.subList(0, half)));
        regions.add(region(kind + ", second half", names.subList(half, names.size())));
      }
    });
    return regions;
  }

  private static Region region(String kind, Collection<String> names) {
    return new Region(kind, new LinkedHashSet<>(names));
  }

  private static String kind(Node node) {
    if (!node.is("Conv")) return node.operator();
    Value weights = node.input(1);
    Shape shape = weights == null || !weights.isConstant() ? null : weights.tensor().shape();
    if (new Call(node).integer("group", 1) > 1) {
      return shape != null && shape.dim(1) == 1 ? "depthwise Conv" : "grouped Conv";
    }
    boolean pointwise = shape != null && shape.size() == shape.dim(0) * shape.dim(1);
    return pointwise ? "pointwise Conv" : "Conv";
  }
}
