package dev.dwindle.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegionTest {
  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[1,2,4,4] x) => (float[1,2,4,4] y)
      <float[2,2,1,1] p = {1, 2, 3, 4}, float[2,1,1,2] d = {1, 2, 3, 4}, float[2,2,1,2] c = {1, 2, 3, 4, 5, 6, 7, 8}>
      {
        a = Conv <pads = [0, 0, 0, 1]> (x, c)
        b = Conv <group = 2, pads = [0, 0, 0, 1]> (a, d)
        e = Conv(b, p)
        f = Conv(e, p)
        g = Conv(f, p)
        h = Conv(g, p)
        i = Conv(h, p)
        y = Add(i, x)
      }
      """;

  @Test
  void layersOfAKindAreARegionAndManyAreTwo() {
    Map<String, Node> layers = new LinkedHashMap<>();
    GraphText.parse(NET).graph().nodes().forEach(node -> layers.put(node.output().name(), node));
    List<String> regions = Region.of(layers).stream().map(r -> r.name() + " " + r.layers()).toList();
    assertEquals(List.of("Conv [a]", "depthwise Conv [b]", "pointwise Conv, first half [e, f, g]",
        "pointwise Conv, second half [h, i]", "Add [y]"), regions);
  }
}
