package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairedIntegersTest {
  private static Tensor random(DType type, Shape shape, int bits, Random random) {
    byte[] bytes = new byte[shape.intSize()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (bits == 8 ? random.nextInt(256) : random.nextInt(127) - 63);
    }
    return Tensor.of(type, shape, bytes);
  }

  private static int[] run(String call, Map<String, Tensor> inputs) {
    Tensor x = inputs.get("x");
    Tensor w = inputs.get("w");
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 21, "dev.dwindle": 1]>
        net (%1$s%2$s x, int8%3$s w, %1$s[] z) => (y) { y = %4$s }
        """.formatted(x.dtype().text(), x.shape(), w.shape(), call));
    return Interpreter.run(model.graph(), inputs).getFirst().ints();
  }

  /** Weights of seven bits never saturate, so that the sums are those of the standard operators. */
  @ParameterizedTest
  @CsvSource({"UINT8, 1, 5, 1, channels", "UINT8, 7, 3, 2, channels", "INT8, 3, 6, 1, taps", "UINT8, 4, 4, 1, taps",
      "INT8, 2, 9, 2, channels"})
  void sumsThatFitAreThoseOfConvInteger(DType type, int channels, int size, int stride, String pairs) {
    Random random = new Random(channels);
    Map<String, Tensor> inputs = Map.of("x", random(type, Shape.of(2, 2L * channels, size, size + 1), 8, random),
        "w", random(DType.INT8, Shape.of(6, channels, 3, 2), 7, random),
        "z", Tensor.of(type, Shape.SCALAR, (byte) 3));
    String attributes = "group = 2, pads = [1, 0, 2, 1], strides = [" + stride + ", 1], dilations = [1, 2]";
    assertArrayEquals(run("ConvInteger <" + attributes + "> (x, w, z)", inputs),
        run("dev.dwindle.PairedConvInteger <pairs = \"" + pairs + "\", " + attributes + "> (x, w, z)", inputs));
  }

  @ParameterizedTest
  @CsvSource({"UINT8, 1", "INT8, 17", "UINT8, 300"})
  void sumsThatFitAreThoseOfMatMulInteger(DType type, int inner) {
    Random random = new Random(inner);
    Map<String, Tensor> inputs = Map.of("x", random(type, Shape.of(2, 150, inner), 8, random),
        "w", random(DType.INT8, Shape.of(inner, 5), 7, random), "z", Tensor.of(type, Shape.SCALAR, (byte) -7));
    assertArrayEquals(run("MatMulInteger(x, w, z)", inputs), run("dev.dwindle.PairedMatMulInteger(x, w, z)", inputs));
  }

  /** Against sums written down pair by pair. */
  @Test
  void pairsOfLargeProductsSaturate() {
    Random random = new Random(5);
    int inner = 9;
    Tensor x = random(DType.UINT8, Shape.of(4, inner), 8, random);
    Tensor w = random(DType.INT8, Shape.of(inner, 3), 8, random);
    int[] found = run("dev.dwindle.PairedMatMulInteger(x, w, z)",
        Map.of("x", x, "w", w, "z", Tensor.of(DType.UINT8, Shape.SCALAR, (byte) 100)));
    int saturated = 0;
    for (int i = 0; i < 12; i++) {
      int sum = 0;
      for (int k = 0; k < inner; k += 2) {
        int pair = 0;
        for (int j = k; j < Math.min(inner, k + 2); j++) {
          pair += (x.bytes()[i / 3 * inner + j] & 0xff) * w.bytes()[j * 3 + i % 3];
          sum -= 100 * w.bytes()[j * 3 + i % 3];
        }
        if (pair != (short) pair) saturated++;
        sum += pair > 32767 ? 32767 : Math.max(pair, -32768);
      }
      assertEquals(sum, found[i], "sum " + i);
    }
    assertTrue(saturated > 5, "saturated: " + saturated);
  }

  @Test
  void signedInputsAreShiftedBeforeTheySaturate() {
    Tensor x = Tensor.of(DType.INT8, Shape.of(1, 2), (byte) 127, (byte) 127);
    Tensor w = Tensor.of(DType.INT8, Shape.of(2, 1), (byte) 127, (byte) 127);
    Tensor z = Tensor.of(DType.INT8, Shape.SCALAR, (byte) 0);
    assertArrayEquals(new int[] {32767 - 2 * 128 * 127},
        run("dev.dwindle.PairedMatMulInteger(x, w, z)", Map.of("x", x, "w", w, "z", z)));
  }

  @Test
  void whichProductsArePairedIsSaid() {
    Tensor x = Tensor.of(DType.UINT8, Shape.of(1, 2, 1, 2), (byte) -1, (byte) -1, (byte) -1, (byte) -1);
    Tensor z = Tensor.of(DType.UINT8, Shape.SCALAR, (byte) 0);
    Tensor acrossChannels = Tensor.of(DType.INT8, Shape.of(1, 2, 1, 2), (byte) 127, (byte) 0, (byte) 127, (byte) 0);
    Tensor acrossTaps = Tensor.of(DType.INT8, Shape.of(1, 2, 1, 2), (byte) 127, (byte) 127, (byte) 0, (byte) 0);
    int exact = 2 * 255 * 127;
    for (boolean taps : List.of(false, true)) {
      String call = "dev.dwindle.PairedConvInteger <pairs = \"" + (taps ? "taps" : "channels") + "\"> (x, w, z)";
      assertEquals(taps ? exact : 32767, run(call, Map.of("x", x, "w", acrossChannels, "z", z))[0]);
      assertEquals(taps ? 32767 : exact, run(call, Map.of("x", x, "w", acrossTaps, "z", z))[0]);
    }
    assertThrows(InvalidInputException.class,
        () -> run("dev.dwindle.PairedConvInteger <pairs = \"rows\"> (x, w, z)",
            Map.of("x", x, "w", acrossTaps, "z", z)));
  }
}
