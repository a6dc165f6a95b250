package dev.dwindle.report;

import static dev.dwindle.report.SampleResult.complete;
import static dev.dwindle.report.SampleResult.layer;
import static dev.dwindle.report.SampleResult.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.result.JobResult;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.PackedModel;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextReportTest {
  @Test
  void everyNumberHasItsUnitAndEveryEstimateItsInterval() {
    String text = TextReport.of(complete());
    for (String part : List.of(
        "90.63 %", "[89.54, 91.63]", "+0.10 pt [-0.35, +0.55]", "0.801 ms", "1.14x as fast [1.12, 1.17]",
        "latency, P90", "latency, P99",
        "3,000 samples", "500 runs each in turn after 60 and 60 to warm up", "1 thread",
        "left alone: Conv 'c1' (excluded by the recipe)",
        "31.3 dB  Conv 'conv1'", "warning: the machine drifted", "passed: max-drop is -0.10pt, expected at most 0.5pt",
        "132 MiB")) {
      assertTrue(text.contains(part), part + " is missing in:\n" + text);
    }
  }

  @Test
  void packedFilesHaveARowAndTheirName() {
    JobResult packed = with(complete().original(),
        complete().compressed().withPacked(new PackedModel("b.dwz", "fast", 109_216)), List.of());
    String text = TextReport.of(packed);
    assertTrue(text.lines().anyMatch(l -> l.matches(" *packed +1,092,166 B +109,216 B +10.00x smaller")), text);
    assertTrue(text.contains("  packed: b.dwz, 10.00 % of the original file, preset fast\n"), text);
    assertEquals(packed.compressed(), JsonReport.read("test", JsonReport.of(packed), JobResult.class).compressed());
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
    JobResult equal = with(complete().original(), complete().compressed(),
        List.of(layer("same", Double.POSITIVE_INFINITY, 0)));
    assertFalse(TextReport.of(equal).contains("layers that differ"), TextReport.of(equal));
    JobResult broken = with(complete().original(), complete().compressed(),
        List.of(layer("near", 30, 1), layer("lost", Double.NaN, Double.NaN)));
    String text = TextReport.of(broken);
    assertTrue(text.indexOf("not finite  Conv 'lost'") > 0, text);
    assertTrue(text.indexOf("'lost'") < text.indexOf("'near'"), text);
  }

  @Test
  void numbersThatAreNotFiniteAreNullInJsonAndComeBackAsNoNumber() {
    String json = JsonReport.of(layer("c", Double.POSITIVE_INFINITY, Double.NaN));
    assertTrue(json.contains("\"sqnr\" : null"), json);
    LayerFidelity back = JsonReport.read("test", json, LayerFidelity.class);
    assertEquals(layer("c", Double.NaN, Double.NaN), back);
  }

  @Test
  void ofSeveralDevicesEachHasItsRowsAndGates() {
    String text = TextReport.of(SampleResult.onTwoDevices());
    for (String part : List.of("  on openvino:CPU\n", "  on onnxruntime:CPU\n", "+0.10 pt [-0.35, +0.55]",
        "-1.30 pt [-1.90, -0.70]", "1.14x as fast [1.12, 1.17]", "1.90x as fast [1.85, 1.96]",
        "latency on openvino:CPU (f32", "latency on onnxruntime:CPU (f32",
        "warning: on onnxruntime:CPU: the machine drifted", "layers that differ most on onnxruntime:CPU",
        "passed on openvino:CPU: max-drop is -0.10pt", "failed on onnxruntime:CPU: max-drop is 1.30pt",
        "passed on onnxruntime:CPU: right-on-device is 0.40 %")) {
      assertTrue(text.contains(part), part + " is missing in:\n" + text);
    }
    assertFalse(text.contains("made for"), text);
    JobResult two = SampleResult.onTwoDevices();
    assertEquals(two, JsonReport.read("test", JsonReport.of(two), JobResult.class));
  }

  @Test
  void jsonCarriesEveryFieldAndComesBack() {
    assertEquals(complete(), JsonReport.read("test", JsonReport.of(complete()), JobResult.class));
  }
}
