package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.measure.LatencyComparison.Runs;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatencyRunsTest {
  private static List<String> warnings(int runs) {
    double[] times = new double[runs];
    Arrays.fill(times, 1);
    return new Runs(new double[][] {times, times}, new int[] {20, 20}).warnings();
  }

  @Test
  void fewRunsAreWarnedOf() {
    assertEquals(List.of("49 runs: intervals of so few runs are rough"), warnings(49));
    assertEquals(List.of(), warnings(50));
  }
}
