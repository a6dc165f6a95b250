package dev.dwindle.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.engine.Validation.Measured;
import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Latency;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.Timing;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static final ModelFile ONE = new ModelFile("a", 1000, 900, "", 8, 13);
  private static final ModelFile FOUR = new ModelFile("b", 4000, 900, "", 8, 13);

  private static String verdict(ModelFile before, ModelFile after, Measured measured) {
    return Verdict.of(before, after, measured, List.of());
  }

  private static Measured speedup(double value, double low, double high) {
    Timing timing = new Timing(50, 20, new Estimate(1, 1, 1, .95), 1.0, null, 1, 0, List.of());
    return new Measured(List.of(),
        new Latency("cpu", "f32", "", 1, timing, timing, new Estimate(value, low, high, .95), List.of()), List.of(),
        null);
  }

  @Test
  void aLargerFileThatIsNoFasterIsNoGain() {
    assertEquals("done: 4.00x smaller, latency not measured, accuracy not measured",
        verdict(FOUR, ONE, Measured.NOTHING));
    assertEquals("no gain: 4.00x larger, latency not measured, accuracy not measured",
        verdict(ONE, FOUR, Measured.NOTHING));
    assertEquals("done: 4.00x larger, 2.00x as fast, accuracy not measured",
        verdict(ONE, FOUR, speedup(2, 1.9, 2.1)));
    assertEquals("no gain: 4.00x larger, no faster and no slower than the noise, accuracy not measured",
        verdict(ONE, FOUR, speedup(1, 0.9, 1.1)));
  }

  @Test
  void outputsThatAreNotFiniteFail() {
    Estimate none = new Estimate(Double.NaN, Double.NaN, Double.NaN, .95);
    Estimate some = new Estimate(3, 2, 4, .95);
    Accuracy broken = new Accuracy("perplexity", "", false, 1, 10, some, none, none);
    String failed = "FAILED: outputs are not finite";
    assertEquals(failed, verdict(FOUR, ONE, new Measured(List.of(broken), null, List.of(), null)));
    assertEquals(failed, verdict(FOUR, ONE, new Measured(List.of(), null,
        List.of(new LayerFidelity("c", "Conv", Double.NaN, Double.NaN, null, "", null)), null)));
    assertEquals("done", verdict(FOUR, ONE, new Measured(List.of(), null,
        List.of(new LayerFidelity("c", "Conv", Double.POSITIVE_INFINITY, 0, null, "", null)), null)).split(":")[0]);
  }
}
