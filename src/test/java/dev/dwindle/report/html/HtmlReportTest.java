package dev.dwindle.report.html;

import static dev.dwindle.report.SampleResult.complete;
import static dev.dwindle.report.SampleResult.layer;
import static dev.dwindle.report.SampleResult.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.report.SampleResult;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.PackedModel;
import dev.dwindle.result.WeightChange;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
  /** The page without its style and script. */
  private static String content(JobResult result) {
    return HtmlReport.of(result).replaceAll("(?s)<(style|script)>.*?</\\1>", "");
  }

  private static void requireParts(String page, String... parts) {
    for (String part : parts) assertTrue(page.contains(part), part + " is missing in:\n" + page);
  }

  @Test
  void everythingThatWasMeasuredStandsOnThePageVerdictFirst() {
    String page = HtmlReport.of(complete());
    requireParts(page, ">passed</span>", "3.47× smaller", "+0.10", "−0.35 to +0.55", "0.801\u00a0ms", "1.12 to 1.17",
        "the machine drifted", "max-drop", "−0.10pt", "0.5pt", "Distribution of latency", "conv1", "INT8",
        "33.5\u00a0dB",
        "excluded by the recipe", "Conv &#39;c1&#39;", "passes: [fold]", "dwindle compress a.onnx -o b.onnx --int8",
        "a processor", "SHA-256", "3,000 samples", "1,092,166 B");
    assertTrue(page.indexOf("3.47× smaller") < page.indexOf("Figures</h2>"));
  }

  @Test
  void ofSeveralDevicesEachHasItsFiguresGatesAndVerdict() {
    String page = content(SampleResult.onTwoDevices());
    requireParts(page, ">failed</span><span> 3.47× smaller, measured on openvino:CPU, onnxruntime:CPU</span>",
        "<h2>openvino:CPU</h2><p><span class=\"status passed\">passed</span>",
        "<h2>onnxruntime:CPU</h2><p><span class=\"status failed\">failed</span>", "+0.10", "−1.30",
        "1.14×", "1.90×", "1.85 to 1.96", "On onnxruntime:CPU, max-drop is 1.30pt, expected at most 0.5pt",
        "Original, openvino:CPU", "Compressed, onnxruntime:CPU", "Latency on openvino:CPU",
        "Latency on onnxruntime:CPU",
        "on onnxruntime:CPU: the machine drifted", "Layers on onnxruntime:CPU", "onnxruntime:CPU, library");
    assertFalse(page.contains("On openvino:CPU, "), page);
    assertEquals(4, page.split("<td class=\"outcome\"").length - 1);
  }

  @Test
  void whatWasNotMeasuredIsSaidSo() {
    String page = content(SampleResult.unmeasured());
    requireParts(page, "not measured", "Nothing was measured");
    assertFalse(page.contains("Distribution of latency") || page.contains("null") || page.contains("NaN"), page);
  }

  @Test
  void namesInModelsAreEscapedWhereverTheyStand() {
    String hostile = "</script><img src=x onerror=alert(1)>\"'&\u0000";
    String page = HtmlReport.of(with(new ModelFile(hostile, 10, 5, hostile, 8, 13),
        new ModelFile(hostile, 5, 2, hostile, 8, 13), List.of(layer(hostile, 20, 1))));
    assertFalse(page.contains("<img"), page);
    assertTrue(page.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\ufffd"), page);
  }

  @Test
  void packedFilesAreShownByNameAndSize() {
    PackedModel packed = new PackedModel("b<.dwz", "fast", 109_216);
    String page = HtmlReport.of(with(complete().original(), complete().compressed().withPacked(packed), List.of()));
    requireParts(page, "File, packed", "109,216 B", "10.0\u00a0% of the original file, packed", "b&lt;.dwz", "fast");
    assertFalse(HtmlReport.of(complete()).contains("File, packed"));
  }

  @Test
  void nothingIsFetchedAndOnlyOurScriptRuns() {
    String page = HtmlReport.of(complete());
    assertFalse(page.contains("http://") || page.contains("https://"), page);
    requireParts(page, "default-src &#39;none&#39;", "script-src &#39;sha256-");
  }

  @Test
  void layersWithoutNumbersAndNumbersThatAreNotFiniteAreShown() {
    String page = content(with(complete().original(), complete().compressed(),
        List.of(new LayerFidelity("add", "Add", Double.POSITIVE_INFINITY, 0, null, "", null),
            new LayerFidelity("lost", "Conv", Double.NaN, Double.NaN, Double.NaN, "float", null))));
    requireParts(page, ">equal<", ">n/a<");
    assertFalse(page.contains("NaN") || page.contains("Infinity"), page);
  }

  @Test
  void aPageOfFiveHundredLayersStaysBelowAMegabyte() {
    List<Integer> counts = IntStream.range(0, 49).mapToObj(i -> 1000 - (i - 24) * (i - 24)).toList();
    List<LayerFidelity> layers = IntStream.range(0, 500).mapToObj(i -> {
      LayerFidelity one = layer("/encoder/layer." + i + "/attention/output/dense/MatMul", 20 + i % 30, 0.1);
      WeightChange w = one.weights();
      return new LayerFidelity(one.node(), one.operator(), one.sqnr(), 0.1, 30.0 + i % 20, "uint8",
          new WeightChange(w.storage(), w.shape(), 9, 3, 40, -1, 1, counts, counts));
    }).toList();
    int bytes = HtmlReport.of(with(complete().original(), complete().compressed(), layers)).length();
    assertTrue(bytes < 1_000_000, bytes + " bytes");
  }
}
