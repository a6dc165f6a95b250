package dev.dwindle.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Gate;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.Latency;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.MachineInfo;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.PassResult;
import dev.dwindle.result.Timing;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextReportTest {
  private static Estimate estimate(double value, double low, double high) {
    return new Estimate(value, low, high, 0.95);
  }

  private static JobResult result() {
    return new JobResult(
        "0.1", "dwindle compress a.onnx -o b.onnx --int8", "2026-01-01T00:00:00Z", 3.5, "cpu", "passes: [fold]", 0,
        new MachineInfo("a processor", 2, List.of("avx2"), 1L << 34, "Linux", "25", 0.1, Map.of()),
        new ModelFile("a.onnx", 1_092_166, 1_076_328, "aa", 8, 13),
        new ModelFile("b.onnx", 314_498, 280_494, "bb", 8, 13),
        List.of(new PassResult("quantize", "20 of 21 layers quantized to INT8", Map.of(),
            Map.of("Conv 'c1'", "excluded by the recipe"), Map.of())),
        List.of(new Accuracy("top-1", "%", true, 3000, estimate(90.633, 89.54, 91.63), estimate(90.733, 89.64, 91.72),
            estimate(0.1, -0.35, 0.55))),
        new Latency("cpu", "f32", "input [1,3,32,32]", 1,
            new Timing(500, 60, estimate(0.801, 0.795, 0.81), 0.9, 1.25, 0.7, 0.08),
            new Timing(500, 50, estimate(0.7, 0.69, 0.71), 0.8, 1.1, 0.6, 0.07), estimate(1.144, 1.12, 1.17),
            List.of("the machine drifted")),
        List.of(new LayerFidelity("conv1", "Conv", 31.25, 0.2)), 138_000_000L,
        List.of(new Gate("max-drop", Gate.Outcome.PASSED, "-0.10pt", "0.5pt", "")), "passed: 3.47x smaller");
  }

  @Test
  void everyNumberHasItsUnitAndEveryEstimateItsInterval() {
    String text = TextReport.of(result());
    for (String part : List.of(
        "90.63 %", "[89.54, 91.63]", "+0.10 pt [-0.35, +0.55]", "0.801 ms", "1.14x as fast [1.12, 1.17]",
        "latency, P90", "latency, P99",
        "3,000 samples", "500 runs each in turn after 60 and 50 to warm up", "1 thread",
        "left alone: Conv 'c1' (excluded by the recipe)",
        "31.3 dB  Conv 'conv1'", "warning: the machine drifted", "passed: max-drop is -0.10pt, expected at most 0.5pt",
        "132 MiB")) {
      assertTrue(text.contains(part), part + " is missing in:\n" + text);
    }
  }

  private static JobResult with(ModelFile before, ModelFile after, List<LayerFidelity> layers) {
    JobResult r = result();
    return new JobResult(r.version(), r.command(), r.started(), r.seconds(), r.target(), r.recipe(), r.seed(),
        r.machine(), before, after, r.passes(), r.accuracy(), r.latency(), layers, r.peakMemoryBytes(), r.gates(),
        r.verdict());
  }

  @Test
  void filesThatGrewAreLargerAndNoWeightsHaveNoRatio() {
    String text = TextReport.of(
        with(new ModelFile("a", 100, 0, "", 8, 13), new ModelFile("b", 400, 0, "", 8, 13), List.of()));
    assertTrue(text.contains("4.00x larger"), text);
    assertTrue(text.lines().anyMatch(l -> l.matches(" *weights +0 B +0 B +-")), text);
    assertFalse(text.contains("NaN"), text);
  }

  @Test
  void layersThatAreEqualDoNotDifferAndThoseThatAreNotFiniteComeFirst() {
    JobResult equal = with(result().original(), result().compressed(),
        List.of(new LayerFidelity("same", "Conv", Double.POSITIVE_INFINITY, 0)));
    assertFalse(TextReport.of(equal).contains("layers that differ"), TextReport.of(equal));
    JobResult broken = with(result().original(), result().compressed(),
        List.of(new LayerFidelity("near", "Conv", 30, 1), new LayerFidelity("lost", "Conv", Double.NaN, Double.NaN)));
    String text = TextReport.of(broken);
    assertTrue(text.indexOf("not finite  Conv 'lost'") > 0, text);
    assertTrue(text.indexOf("'lost'") < text.indexOf("'near'"), text);
  }

  @Test
  void numbersThatAreNotFiniteAreNullInJsonAndComeBackAsNoNumber() {
    String json = JsonReport.of(new LayerFidelity("c", "Conv", Double.POSITIVE_INFINITY, Double.NaN));
    assertTrue(json.contains("\"sqnr\" : null"), json);
    LayerFidelity back = JsonReport.read("test", json, LayerFidelity.class);
    assertEquals(new LayerFidelity("c", "Conv", Double.NaN, Double.NaN), back);
  }

  @Test
  void jsonCarriesEveryFieldAndComesBack() {
    assertEquals(result(), JsonReport.read("test", JsonReport.of(result()), JobResult.class));
  }
}
