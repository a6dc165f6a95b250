package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.WeightChange;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LayerComparisonTest {
  private static final String ORIGINAL = """
      net (float[1,2] x) => (float[1,2] y)
      < float[2,2] v = {1, 0, 0, 1}, float[2,2] w = {1, 0, 0, 0.26} >
      {
        h = MatMul (x, v)
        y = MatMul (h, w)
      }
      """;

  /** The second layer's weight 0.26 became 0.5. */
  private static final String COMPRESSED = """
      net (float[1,2] x) => (float[1,2] y)
      < float[2,2] v = {1, 0, 0, 1}, int8[2,2] w = {2, 0, 0, 1}, float[] s = {0.5} >
      {
        h = MatMul (x, v)
        wd = DequantizeLinear (w, s)
        y = MatMul (h, wd)
      }
      """;

  private static Map<String, LayerFidelity> compare(String original, String compressed, Shape shape, float... x) {
    Samples samples = Samples.of(List.of(new Sample(Map.of("x", Tensor.of(shape, x)), null, true)));
    try (CpuBackend backend = new CpuBackend()) {
      return new LayerComparison(backend, CompileOptions.DEFAULT.withThreads(1))
          .compare(GraphText.parse(original), GraphText.parse(compressed), samples, 4, Progress.SILENT).stream()
          .collect(Collectors.toMap(LayerFidelity::node, layer -> layer));
    }
  }

  @Test
  void sensitivityIsTheRatioAtTheOutputsWithOneLayerCompressed() {
    Map<String, LayerFidelity> layers = compare(ORIGINAL, COMPRESSED, Shape.of(1, 2), 3, 1);
    double expected = 10 * Math.log10((9 + 0.26 * 0.26) / (0.24 * 0.24));
    assertEquals(expected, layers.get("y").sensitivity(), 1e-4);
    assertNull(layers.get("h").sensitivity());
    assertEquals(Double.POSITIVE_INFINITY, layers.get("h").sqnr());
    assertEquals("float", layers.get("y").activations());
  }

  @Test
  void weightsAreToldByStorageBytesNoiseAndHistograms() {
    WeightChange weights = compare(ORIGINAL, COMPRESSED, Shape.of(1, 2), 3, 1).get("y").weights();
    assertEquals("int8", weights.storage());
    assertEquals(16, weights.originalBytes());
    assertEquals(8, weights.bytes());
    assertEquals(10 * Math.log10((1 + 0.26 * 0.26) / (0.24 * 0.24)), weights.sqnr(), 1e-4);
    assertEquals(List.of(0.0, 1.0), List.of(weights.low(), weights.high()));
    assertEquals(2, weights.original().getFirst());
    assertEquals(1, weights.original().getLast());
    assertEquals(1, weights.compressed().get(24), "0.5 lies in the middle bin");
    assertEquals(4, weights.compressed().stream().mapToInt(Integer::intValue).sum());
  }

  @Test
  void weightsThatTookInABatchNormalizationAreComparedAfterThat() {
    Map<String, LayerFidelity> layers = compare("""
        net (float[1,1,1,2] x) => (float[1,1,1,2] y)
        < float[1,1,1,1] w = {3}, float[1] two = {2}, float[1] one = {1}, float[1] zero = {0} >
        {
          h = Conv (x, w)
          y = BatchNormalization <epsilon = 0.0> (h, two, zero, zero, one)
        }
        """, """
        net (float[1,1,1,2] x) => (float[1,1,1,2] y)
        < int8[1,1,1,1] w = {3}, float[] s = {2.0}, float[1] zero = {0} >
        {
          wd = DequantizeLinear (w, s)
          y = Conv (x, wd, zero)
        }
        """, Shape.of(1, 1, 1, 2), 1, 2);
    LayerFidelity layer = layers.get("y");
    assertEquals("Conv", layer.operator());
    assertEquals(Double.POSITIVE_INFINITY, layer.weights().sqnr());
    assertTrue(layer.sensitivity() > 60, "equal but for rounding: " + layer);
  }

  @Test
  void anEmbeddingIsALayerToo() {
    Map<String, LayerFidelity> layers = compare("""
        net (float[1] x) => (float[1,2] y)
        < float[2,2] table = {1, 2, 3, 4} >
        {
          i = Cast <to = 7> (x)
          y = Gather (table, i)
        }
        """, """
        net (float[1] x) => (float[1,2] y)
        < int4[2,2] table = {1, 2, 3, 4}, float[] s = {1.0} >
        {
          i = Cast <to = 7> (x)
          t = DequantizeLinear (table, s)
          y = Gather (t, i)
        }
        """, Shape.of(1), 1);
    assertEquals("int4", layers.get("y").weights().storage());
    assertEquals(Double.POSITIVE_INFINITY, layers.get("y").sensitivity());
  }
}
