package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.result.IntegerArithmetic.Layer;
import dev.dwindle.result.IntegerArithmetic.Sums;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A quantized net is emulated to the values that its integers give. */
class EmulationTest {
  private static final IntegerArithmetic SATURATING = new IntegerArithmetic(
      Arrays.stream(Layer.values()).collect(Collectors.toMap(layer -> layer, layer -> Sums.CHANNEL_PAIRS)), "to even",
      "32 bits, wraps", true);

  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[1,2,1,2] x) => (float[1,2,1,2] y)
      <float[] s = {0.5}, uint8[] z = {0}, int8[2,2,1,1] w = {%s}, float[2] ws = {0.25, 2}, int8[2] wz = {0, 0},
       float[2] b = {1, -1}>
      {
        q = QuantizeLinear(x, s, z)
        d = DequantizeLinear(q, s, z)
        v = DequantizeLinear <axis = 0> (w, ws, wz)
        y = Conv(d, v, b)
      }
      """;

  private static float[] run(Model model, Tensor x) {
    return Interpreter.run(model.graph(), Map.of("x", x)).getFirst().floats();
  }

  private static Model emulated(Model model) {
    Model copy = Emulation.of(model, SATURATING);
    GraphVerifier.verify(copy.graph());
    assertTrue(copy.graph().nodes().stream().anyMatch(n -> n.domain().equals("dev.dwindle")));
    assertEquals("y", copy.graph().outputs().getFirst().name());
    return copy;
  }

  @Test
  void aConvolutionSaturatesAndIsScaledByChannel() {
    Tensor x = Tensor.of(Shape.of(1, 2, 1, 2), 127.5f, 10, 127.5f, 20);
    Model model = GraphText.parse(NET.formatted("127, 127, -127, -127"));
    float first = 32767 * 0.125f + 1;
    float second = -32768 - 1;
    float third = (20 + 40) * 127 * 0.125f + 1;
    float fourth = -(20 + 40) * 127 - 1;
    assertArrayEquals(new float[] {first, third, second, fourth}, run(emulated(model), x));
    assertArrayEquals(new float[] {2 * 255 * 127 * 0.125f + 1, third, -2 * 255 * 127 - 1, fourth}, run(model, x));
  }

  @ParameterizedTest
  @ValueSource(strings = {"y = MatMul(d, v)", "y = Gemm(d, v, b)", "y = Gemm <transB = 1> (d, v, b)"})
  void productsThatFitStayAsTheyAre(String product) {
    String axis = product.contains("transB") ? "0" : "1";
    Model model = GraphText.parse(
        """
            <ir_version: 8, opset_import: ["": 13]>
            net (float[3,2] x) => (float[3,2] y)
            <float[] s = {0.5}, uint8[] z = {100}, int8[2,2] w = {63, -2, 5, 63}, float[2] ws = {0.25, 2}, int8[2] wz = {0, 0},
             float[2] b = {1, -1}>
            {
              q = QuantizeLinear(x, s, z)
              d = DequantizeLinear(q, s, z)
              v = DequantizeLinear <axis = %s> (w, ws, wz)
              %s
            }
            """
            .formatted(axis, product));
    Tensor x = Tensor.of(Shape.of(3, 2), -50, 77.5f, 1, 2, 3.5f, -4);
    assertArrayEquals(run(model, x), run(emulated(model), x), 1e-3f);
  }

  @Test
  void whatIsNotBetweenPairsIsLeftAlone() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 13]>
        net (float[3,2] x) => (float[3,2] y) <float[2,2] w = {1, 2, 3, 4}> { y = MatMul(x, w) }
        """);
    assertEquals(model.graph().nodes().size(), Emulation.of(model, SATURATING).graph().nodes().size());
    Model exact = Emulation.of(GraphText.parse(NET.formatted("1, 2, 3, 4")), IntegerArithmetic.EXACT);
    assertEquals("Conv", exact.graph().nodes().getLast().operator());
  }

  @Test
  void sixteenBitsAndScalesOfAnotherAxisAreLeftAlone() {
    String net = """
        <ir_version: 10, opset_import: ["": 21]>
        net (float[3,2] x) => (float[3,2] y)
        <float[] s = {0.5}, %s[] z = {0}, int8[2,2] w = {127, 127, 127, 127}, float[2] ws = {0.25, 2}>
        {
          q = QuantizeLinear(x, s, z)
          d = DequantizeLinear(q, s, z)
          v = DequantizeLinear <axis = %d> (w, ws)
          y = MatMul(d, v)
        }
        """;
    assertTrue(emulates(net.formatted("uint8", 1)));
    assertFalse(emulates(net.formatted("uint16", 1)));
    assertFalse(emulates(net.formatted("uint8", 0)), "scales of rows");
  }

  private static boolean emulates(String net) {
    return Emulation.of(GraphText.parse(net), SATURATING).graph().nodes().stream()
        .anyMatch(n -> n.domain().equals("dev.dwindle"));
  }
}
