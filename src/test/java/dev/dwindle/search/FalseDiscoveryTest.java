package dev.dwindle.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class FalseDiscoveryTest {
  /** The example of Benjamini and Hochberg (1995), table of 15 hypotheses: four are rejected at 5 %. */
  @Test
  void theExampleOfThePaper() {
    double[] p = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
        0.6528,
        0.7590, 1.0000};
    boolean[] expected = new boolean[15];
    for (int i = 0; i < 4; i++) expected[i] = true;
    assertArrayEquals(expected, FalseDiscovery.believed(p, 0.05));
  }

  @Test
  void aLaterFindingCarriesThoseBeforeIt() {
    assertArrayEquals(new boolean[] {true, true}, FalseDiscovery.believed(new double[] {0.05, 0.04}, 0.05));
    assertArrayEquals(new boolean[] {false, false}, FalseDiscovery.believed(new double[] {0.06, 0.03}, 0.05));
    assertArrayEquals(new boolean[] {true, false}, FalseDiscovery.believed(new double[] {0.02, 0.06}, 0.05));
    assertArrayEquals(new boolean[] {}, FalseDiscovery.believed(new double[] {}, 0.05));
  }
}
