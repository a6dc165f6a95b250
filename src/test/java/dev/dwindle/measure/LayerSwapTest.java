package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import org.junit.jupiter.api.Test;

class LayerSwapTest {
  private static final String ORIGINAL = """
      net (float[1,2] x) => (float[1,2] y)
      < float[2,2] v = {1, 2, 3, 4}, float[2,2] w = {5, 6, 7, 8} >
      {
        h = MatMul (x, v)
        y = MatMul (h, w)
      }
      """;

  private static final String COMPRESSED = """
      net (float[1,2] x) => (float[1,2] y)
      < float[2,2] v = {1, 2, 3, 4}, int8[2,2] w = {50, 60, 70, 80}, float[] s = {0.1}, int8[] z = {0} >
      {
        h = MatMul (x, v)
        hq = QuantizeLinear (h, s, z)
        hd = DequantizeLinear (hq, s, z)
        wd = DequantizeLinear (w, s, z)
        y = MatMul (hd, wd)
      }
      """;

  private static String swapped(String original, String compressed, String layer) {
    Model other = GraphText.parse(compressed);
    Model swap = LayerSwap.of(GraphText.parse(original), other.graph().value(layer).producer());
    return swap == null ? null : GraphText.print(swap.graph());
  }

  @Test
  void aLayerComesWithTheQuantizationOfItsInputsAndNothingElse() {
    String expected = GraphText.print(GraphText.parse("""
        net (float[1,2] x) => (float[1,2] y)
        < float[2,2] v = {1, 2, 3, 4}, float[] s_compressed = {0.1}, int8[] z_compressed = {0},
          int8[2,2] w_compressed = {50, 60, 70, 80} >
        {
          h = MatMul (x, v)
          hq_compressed = QuantizeLinear (h, s_compressed, z_compressed)
          hd_compressed = DequantizeLinear (hq_compressed, s_compressed, z_compressed)
          wd_compressed = DequantizeLinear (w_compressed, s_compressed, z_compressed)
          y = MatMul (hd_compressed, wd_compressed)
        }
        """).graph());
    assertEquals(expected, swapped(ORIGINAL, COMPRESSED, "y"));
  }

  @Test
  void anUnchangedLayerIsNotSwapped() {
    assertNull(swapped(ORIGINAL, COMPRESSED, "h"));
  }

  @Test
  void aLayerOfAnotherTypeIsCastBothWays() {
    String expected = GraphText.print(GraphText.parse("""
        net (float[1,2] x) => (float[1,2] z)
        < float16[2,2] v_compressed = {1, 2, 3, 4}, float[1,2] h, float16[1,2] h_cast, float16[1,2] y_compressed,
          float[1,2] y_compressed_cast >
        {
          h = Relu (x)
          h_cast = Cast <to = 10> (h)
          y_compressed = MatMul (h_cast, v_compressed)
          y_compressed_cast = Cast <to = 1> (y_compressed)
          z = Relu (y_compressed_cast)
        }
        """).graph());
    assertEquals(expected, swapped("""
        net (float[1,2] x) => (float[1,2] z)
        < float[2,2] v = {1, 2, 3, 4}, float[1,2] h, float[1,2] y >
        {
          h = Relu (x)
          y = MatMul (h, v)
          z = Relu (y)
        }
        """, """
        net (float[1,2] x) => (float[1,2] z)
        < float16[2,2] v = {1, 2, 3, 4}, float16[1,2] h, float16[1,2] y >
        {
          g = Cast <to = 10> (x)
          h = Relu (g)
          y = MatMul (h, v)
          f = Cast <to = 1> (y)
          z = Relu (f)
        }
        """, "y"));
  }

  @Test
  void modelsOfDifferentOperatorSetsAreNotMixed() {
    assertNull(swapped("<ir_version: 7, opset_import: [\"\": 12]>\n" + ORIGINAL, COMPRESSED, "y"));
  }
}
