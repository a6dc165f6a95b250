package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RegionsTest {
  /** A block whose shortcut takes every other place, one whose shortcut is a layer, and a layer that two read. */
  private static final Graph NET = GraphText
      .parse(
          """
              net (float[1,4,8,8] x) => (y, z)
              <float[4,4,1,1] w = random(1), int64[2] begin = {0, 0}, int64[2] end = {8, 8}, int64[2] axes = {2, 3}, int64[2] by = {2, 2}, float[4,1,1] k = random(2)>
              {
                a = Conv(x, w)
                b = Relu(a)
                c = Conv <strides = [2, 2]> (b, w)
                d = Relu(c)
                e = Conv(d, w)
                s = Slice(b, begin, end, axes, by)
                f = Add(e, s)
                g = Relu(f)
                h = Conv(g, w)
                i = Conv(g, w)
                j = Add(h, i)
                l = Add(j, k)
                m = Conv(l, w)
                y = Relu(m)
                z = Sigmoid(m)
              }
              """)
      .graph();

  private static List<Node> layers() {
    return NET.nodes().stream().filter(node -> node.is("Conv")).toList();
  }

  @Test
  void layersTakeTheActivationThatAloneReadsThem() {
    assertEquals(List.of("b", "d", "e", "h", "i", "m"),
        Regions.layers(NET, layers()).stream().map(Region::exit).toList());
    assertEquals(List.of("x", "b", "d", "g", "g", "l"),
        Regions.layers(NET, layers()).stream().map(Region::entry).toList());
  }

  @Test
  void blocksBeginWhereAllOfTheirPathsDo() {
    assertEquals(List.of(new Region("x", "b", Set.of("a")), new Region("b", "g", Set.of("c", "e")),
        new Region("g", "j", Set.of("h", "i")), new Region("l", "m", Set.of("m"))), Regions.blocks(NET, layers()));
  }

  @Test
  void aRegionIsWhereItsExitFollowsFromItsEntryAlone() {
    assertTrue(new Region("b", "g", Set.of()).isIn(NET));
    assertFalse(new Region("c", "g", Set.of()).isIn(NET));
    assertFalse(new Region("b", "none", Set.of()).isIn(NET));
  }
}
