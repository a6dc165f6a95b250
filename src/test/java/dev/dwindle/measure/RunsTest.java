package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.result.Estimate;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class RunsTest {
  private static Runs runs(int rounds, boolean steady, IntToDoubleFunction a, IntToDoubleFunction b) {
    double[][] times = new double[2][rounds];
    Arrays.setAll(times[0], a);
    Arrays.setAll(times[1], b);
    return new Runs(times, Runs.blockLength(rounds), new WarmUp.Outcome(60, 1.5, steady, new double[] {1, 1}));
  }

  private static List<String> warnings(int rounds) {
    return runs(rounds, true, i -> 1, i -> 1).warnings();
  }

  @Test
  void fewRunsAreWarnedOf() {
    assertEquals(List.of("49 runs: intervals of so few runs are rough"), warnings(49));
    assertEquals(List.of(), warnings(50));
  }

  @Test
  void aModelThatIsNotSteadyIsWarnedOf() {
    assertEquals(List.of(
        "not steady after 1.5 s and 60 runs of each to warm up: the figures may be those of a model still warming up"),
        runs(100, false, i -> 1, i -> 1).warnings());
  }

  @Test
  void aMachineThatDriftsIsWarnedOfAndOneThatOnlyWaversIsNot() {
    SplittableRandom random = new SplittableRandom(2);
    List<String> warnings = runs(500, true, i -> random.nextDouble(1, 1.2), i -> 1 + i * 4e-4).warnings();
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(warnings.getFirst().startsWith("the machine drifted: median 1.0"), warnings.getFirst());
    assertEquals(List.of(), runs(500, true, i -> random.nextDouble(1, 1.2), i -> random.nextDouble(1, 3)).warnings());
    assertEquals(List.of(), runs(500, true, i -> 1 + i * 1e-5, i -> 1).warnings());
  }

  @Test
  void theSpeedupIsPairedByRound() {
    SplittableRandom random = new SplittableRandom(4);
    double[] machine = random.doubles(500, 1, 5).toArray();
    Estimate e = runs(500, true, i -> 2 * machine[i], i -> machine[i]).speedup(0, 1);
    assertEquals(2, e.value(), 1e-12);
    assertEquals(2, e.low(), 1e-12);
    assertEquals(2, e.high(), 1e-12);
  }

  /** Blocks that differ, as buffers in other places do: runs taken for independent would call nearly all such pairs different. */
  @Test
  void blocksThatDifferByChanceAreNoDifferenceOfModels() {
    SplittableRandom random = new SplittableRandom(9);
    int different = 0;
    for (int trial = 0; trial < 1_000; trial++) {
      double[] places = random.doubles(20, 0.95, 1.05).toArray();
      Runs runs = runs(500, true, i -> places[i / 25] * random.nextDouble(1, 1.01), i -> random.nextDouble(1, 1.01));
      Estimate e = runs.speedup(0, 1);
      if (e.low() > 1 || e.high() < 1) different++;
      assertEquals(e.low() > 1 || e.high() < 1, runs.pValue(0, 1) <= 0.05);
    }
    assertTrue(different > 25 && different < 75, "different " + different);
  }
}
