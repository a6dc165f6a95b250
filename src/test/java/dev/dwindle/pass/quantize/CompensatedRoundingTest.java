package dev.dwindle.pass.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.op.OutputError;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompensatedRoundingTest {
  /** Numbers that have much to do with each other: a common one, and a little of their own. */
  private static Tensor[] samples(int count, long... shape) {
    Random random = new Random(5);
    Tensor[] samples = new Tensor[count];
    for (int i = 0; i < count; i++) {
      float[] values = new float[Shape.of(shape).intSize()];
      double common = 2 * random.nextGaussian();
      for (int k = 0; k < values.length; k++) values[k] = (float) (common + 0.4 * random.nextGaussian());
      samples[i] = Tensor.of(Shape.of(shape), values);
    }
    return samples;
  }

  private static void requireBetter(String text, String weights, int most, long... shape) {
    Model original = GraphText.parse(text);
    Model nearest = original.copy();
    Model compensated = original.copy();
    Tensor[] samples = samples(40, shape);
    QuantizeRun.of(nearest, Map.of("weight_bits", 4, "weights", weights), "x", samples);
    PassResult result = QuantizeRun.of(compensated,
        Map.of("weight_bits", 4, "weights", weights, "rounding", "compensated"), "x", samples);
    assertEquals("weights of 1 layers make up for each other's errors, by what layers read of " + most + " samples",
        result.figures().get("rounding"));
    double before = OutputError.of(original, nearest, List.of(samples));
    double after = OutputError.of(original, compensated, List.of(samples));
    assertTrue(after < 0.7 * before, after + " instead of " + before);
  }

  @ParameterizedTest
  @CsvSource({"1, per_channel", "2, per_channel", "4, per_channel", "4, per_tensor"})
  void aConvolutionErrsLess(int groups, String weights) {
    requireBetter("""
        net (float[1,4,9,9] x) => (y)
        <float[8,%d,3,3] w = random(1)>
        {
          y = Conv <group = %d, strides = [2, 2], pads = [1, 0, 1, 2]> (x, w)
        }
        """.formatted(4 / groups, groups), weights, 32, 1, 4, 9, 9);
  }

  @ParameterizedTest
  @CsvSource({"0", "1"})
  void aGemmErrsLess(int transposed) {
    requireBetter("""
        net (float[3,12] x) => (y)
        <float[%s] w = random(1)>
        {
          y = Gemm <transB = %d> (x, w)
        }
        """.formatted(transposed == 1 ? "5,12" : "12,5", transposed), "per_channel", 40, 3, 12);
  }

  @Test
  void aMatMulErrsLessWhereChannelsAreDividedToo() {
    Model original = GraphText.parse("""
        net (float[1,6,64] x) => (y)
        <float[64,5] w = random(1)>
        {
          y = MatMul(x, w)
        }
        """);
    Model nearest = original.copy();
    Model compensated = original.copy();
    Tensor[] samples = samples(40, 1, 6, 64);
    for (int i = 0; i < samples.length; i++) {
      float[] values = samples[i].floats();
      for (int row = 0; row < values.length; row += 64) {
        values[row + 9] *= 6;
        values[row + 4] *= 40;
      }
      samples[i] = Tensor.of(samples[i].shape(), values);
    }
    PassResult result = QuantizeRun.of(nearest, Map.of("weight_bits", 4), "x", samples);
    assertTrue(result.figures().get("smoothing").startsWith("1 of 1"), result.figures().toString());
    QuantizeRun.of(compensated, Map.of("weight_bits", 4, "rounding", "compensated"), "x", samples);
    double before = OutputError.of(original, nearest, List.of(samples));
    double after = OutputError.of(original, compensated, List.of(samples));
    assertTrue(after < 0.7 * before, after + " instead of " + before);
  }

  @Test
  void whatSumsOverTooManyInputsIsRoundedToNearest() {
    String text = """
        net (float[1,2049] x) => (y)
        <float[2049,2] w = random(1)>
        {
          y = Gemm(x, w)
        }
        """;
    Model nearest = GraphText.parse(text);
    Model compensated = GraphText.parse(text);
    Tensor[] samples = samples(2, 1, 2049);
    QuantizeRun.of(nearest, Map.of(), "x", samples);
    PassResult result = QuantizeRun.of(compensated, Map.of("rounding", "compensated"), "x", samples);
    assertFalse(result.figures().containsKey("rounding"), result.figures().toString());
    assertEquals(GraphText.print(nearest.graph()), GraphText.print(compensated.graph()));
  }
}
