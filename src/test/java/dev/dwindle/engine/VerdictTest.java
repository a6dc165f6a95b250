package dev.dwindle.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Gate;
import dev.dwindle.result.Latency;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.PackedModel;
import dev.dwindle.result.Timing;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static final ModelFile ONE = new ModelFile("a", 1000, 900, "", 8, 13);
  private static final ModelFile FOUR = new ModelFile("b", 4000, 900, "", 8, 13);

  private static String verdict(ModelFile before, ModelFile after, Measured measured) {
    return Verdict.of(before, after, List.of(new Judged(measured, List.of())));
  }

  private static Measured measured(List<Accuracy> accuracy, Latency latency, List<LayerFidelity> layers) {
    return new Measured("cpu", null, accuracy, latency, layers, null);
  }

  private static Measured speedup(double value, double low, double high) {
    Timing timing = new Timing(50, 20, new Estimate(1, 1, 1, .95), 1.0, null, 1, 0, List.of());
    return measured(List.of(),
        new Latency("cpu", "f32", "", 1, timing, timing, new Estimate(value, low, high, .95), List.of()), List.of());
  }

  @Test
  void aLargerFileThatIsNoFasterIsNoGain() {
    assertEquals("done: 4.00x smaller, latency not measured, accuracy not measured",
        verdict(FOUR, ONE, measured(List.of(), null, List.of())));
    assertEquals("no gain: 4.00x larger, latency not measured, accuracy not measured",
        verdict(ONE, FOUR, measured(List.of(), null, List.of())));
    assertEquals("done: 4.00x larger, 2.00x as fast, accuracy not measured",
        verdict(ONE, FOUR, speedup(2, 1.9, 2.1)));
    assertEquals("no gain: 4.00x larger, no faster and no slower than the noise, accuracy not measured",
        verdict(ONE, FOUR, speedup(1, 0.9, 1.1)));
  }

  @Test
  void aPackedFileCounts() {
    ModelFile packed = FOUR.withPacked(new PackedModel("b.dwz", "small", 500));
    assertEquals("done: 4.00x larger, packed 2.00x smaller, latency not measured, accuracy not measured",
        verdict(ONE, packed, measured(List.of(), null, List.of())));
    assertEquals("no gain: 4.00x larger, packed 1.50x larger, latency not measured, accuracy not measured",
        verdict(ONE, FOUR.withPacked(new PackedModel("b.dwz", "small", 1500)), measured(List.of(), null, List.of())));
  }

  @Test
  void outputsThatAreNotFiniteFail() {
    Estimate none = new Estimate(Double.NaN, Double.NaN, Double.NaN, .95);
    Estimate some = new Estimate(3, 2, 4, .95);
    Accuracy broken = new Accuracy("perplexity", "", false, 1, 10, some, none, none);
    String failed = "FAILED: outputs are not finite";
    assertEquals(failed, verdict(FOUR, ONE, measured(List.of(broken), null, List.of())));
    assertEquals(failed, verdict(FOUR, ONE, measured(List.of(), null,
        List.of(new LayerFidelity("c", "Conv", Double.NaN, Double.NaN, null, "", null)))));
    assertEquals("done", verdict(FOUR, ONE, measured(List.of(), null,
        List.of(new LayerFidelity("c", "Conv", Double.POSITIVE_INFINITY, 0, null, "", null)))).split(":")[0]);
  }

  private static Judged on(String device, double speedup, Gate.Outcome outcome) {
    Measured measured = speedup(speedup, speedup - 0.1, speedup + 0.1);
    return new Judged(new Measured(device, null, List.of(), measured.latency(), List.of(), null),
        List.of(new Gate("max-drop", outcome, "0.2pt", "0.5pt", "")));
  }

  @Test
  void ofSeveralDevicesTheWorstDecidesAndEachIsTold() {
    Judged good = on("openvino:CPU", 2, Gate.Outcome.PASSED);
    Judged other = on("cpu", 1, Gate.Outcome.PASSED);
    assertEquals("passed: 4.00x smaller; on openvino:CPU 2.00x as fast, accuracy not measured; on cpu no faster and no"
        + " slower than the noise, accuracy not measured", Verdict.of(FOUR, ONE, List.of(good, other)));
    assertSame(good, Verdict.worst(FOUR, ONE, List.of(good, other)));
    Judged open = on("cpu", 2, Gate.Outcome.UNDECIDED);
    Judged bad = on("onnxruntime:CPU", 2, Gate.Outcome.FAILED);
    assertEquals("UNDECIDED: 4.00x smaller; on openvino:CPU passed, 2.00x as fast, accuracy not measured; on cpu"
        + " UNDECIDED, 2.00x as fast, accuracy not measured", Verdict.of(FOUR, ONE, List.of(good, open)));
    assertSame(bad, Verdict.worst(FOUR, ONE, List.of(good, open, bad)));
    assertTrue(Verdict.of(FOUR, ONE, List.of(open, bad)).startsWith("FAILED: "));
  }
}
