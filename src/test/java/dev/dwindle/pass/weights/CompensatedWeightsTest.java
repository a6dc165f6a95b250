package dev.dwindle.pass.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.op.OutputError;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights that make up for each other's errors, in every form in which they can be stored. */
class CompensatedWeightsTest {
  private static final Weights PASS = new Weights();
  private static final int TEXTS = 300;

  /**
   * Numbers that have much to do with each other: common ones, and a little of their own. In a row every third is alike, in an image the channels at a place are.
   */
  private static List<Tensor> samples(int count, long seed, long... shape) {
    Random random = new Random(seed);
    boolean image = shape.length == 4;
    int row = (int) (image ? shape[1] * shape[2] * shape[3] : shape[shape.length - 1]);
    double[] common = new double[image ? (int) (shape[2] * shape[3]) : 3];
    List<Tensor> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] values = new float[Shape.of(shape).intSize()];
      for (int k = 0; k < values.length; k++) {
        if (k % row == 0) Arrays.setAll(common, c -> 2 * random.nextGaussian());
        values[k] = (float) (common[k % row % common.length] + 0.4 * random.nextGaussian());
      }
      samples.add(Tensor.of(Shape.of(shape), values));
    }
    return samples;
  }

  private static PassResult store(Model model, Map<String, Object> settings, List<Tensor> samples) {
    Samples calibration = samples.isEmpty() ? Samples.none()
        : Samples.of(samples.stream().map(t -> new Sample(Map.of("x", t), null, true)).toList());
    try (CpuBackend backend = new CpuBackend()) {
      PassResult result = PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", settings),
          TargetProfile.of("cpu"), backend, calibration, 1, 0, Progress.SILENT));
      GraphVerifier.verify(model.graph());
      return result;
    }
  }

  /** On samples that the rounding has not seen. */
  private static void requireBetter(String text, Map<String, Object> settings, int most, long... shape) {
    Model original = GraphText.parse(text);
    Model nearest = original.copy();
    Model compensated = original.copy();
    Map<String, Object> asked = new HashMap<>(settings);
    asked.put("rounding", "compensated");
    store(nearest, settings, List.of());
    PassResult result = store(compensated, asked, samples(TEXTS, 1, shape));
    assertEquals("weights of 1 layers make up for each other's errors, by what layers read of " + most + " samples",
        result.figures().get("rounding"));
    List<Tensor> others = samples(20, 2, shape);
    double before = OutputError.of(original, nearest, others);
    double after = OutputError.of(original, compensated, others);
    assertTrue(after < 0.7 * before, after + " instead of " + before);
  }

  @ParameterizedTest
  @CsvSource({"int4, format, false", "int4, format, true", "int4, channel, false", "int8, 32, format",
      "fp8, channel, format", "fp8_e5m2, 32, format"})
  void aProductErrsLess(String format, String group, String symmetric) {
    requireBetter("""
        <ir_version: 8, opset_import: ["": 11]>
        net (float[3,64] x) => (y)
        <float[64,16] w = random(1)>
        { y = MatMul(x, w) }
        """, Map.of("format", format, "group", group, "symmetric", symmetric), 256, 3, 64);
  }

  @Test
  void aGemmWithTransposedWeightsErrsLess() {
    requireBetter("""
        net (float[3,64] x) => (y)
        <float[16,64] w = random(1)>
        { y = Gemm <transB = 1> (x, w) }
        """, Map.of("format", "int4"), 256, 3, 64);
  }

  @ParameterizedTest
  @CsvSource({"1, int4", "4, int4", "2, fp8"})
  void aConvolutionErrsLess(int groups, String format) {
    requireBetter("""
        net (float[1,8,7,7] x) => (y)
        <float[8,%d,3,3] w = random(1)>
        { y = Conv <group = %d, pads = [1, 1, 1, 1]> (x, w) }
        """.formatted(8 / groups, groups), Map.of("format", format), 32, 1, 8, 7, 7);
  }

  @Test
  void rowsOfAllSamplesCountHoweverTheyAreCut() {
    String text = """
        net (float[N,64] x) => (y)
        <float[64,16] w = random(1)>
        { y = MatMul(x, w) }
        """;
    List<Tensor> whole = samples(1, 3, 700, 64);
    float[] numbers = whole.getFirst().floats();
    List<Tensor> cut = new ArrayList<>();
    int[] lengths = {1, 299, 255, 45, 100};
    for (int i = 0, from = 0; i < lengths.length; from += lengths[i++]) {
      float[] some = new float[lengths[i] * 64];
      System.arraycopy(numbers, from * 64, some, 0, some.length);
      cut.add(Tensor.of(Shape.of(lengths[i], 64), some));
    }
    Model one = GraphText.parse(text);
    Model other = GraphText.parse(text);
    store(one, Map.of("format", "int4", "rounding", "compensated"), whole);
    store(other, Map.of("format", "int4", "rounding", "compensated"), cut);
    assertEquals(GraphText.print(one.graph()), GraphText.print(other.graph()));
  }

  @Test
  void whatSeveralLayersReadAndTablesAreRoundedToNearest() {
    String text = """
        net (float[3,64] x, int64[2] i) => (y, z, row)
        <float[64,16] w = random(1), float[64,16] table = random(2)>
        {
          y = MatMul(x, w)
          half = Relu(x)
          z = MatMul(half, w)
          row = Gather(table, i)
        }
        """;
    Model nearest = GraphText.parse(text);
    Model compensated = GraphText.parse(text);
    store(nearest, Map.of("format", "int4"), List.of());
    Samples samples = Samples.of(samples(40, 1, 3, 64).stream()
        .map(t -> new Sample(Map.of("x", t, "i", Tensor.of(Shape.of(2), new long[2])), null, true)).toList());
    try (CpuBackend backend = new CpuBackend()) {
      PassResult result = PASS.apply(compensated.graph(),
          new PassContext(PASS.settings().check("test", Map.of("format", "int4", "rounding", "compensated")),
              TargetProfile.of("cpu"), backend, samples, 1, 0, Progress.SILENT));
      assertTrue(!result.figures().containsKey("rounding"), result.figures().toString());
    }
    assertEquals(GraphText.print(nearest.graph()), GraphText.print(compensated.graph()));
  }

  @Test
  void withoutSamplesItIsRefused() {
    Model model = GraphText.parse("""
        net (float[3,64] x) => (y)
        <float[64,16] w = random(1)>
        { y = MatMul(x, w) }
        """);
    var e = assertThrows(InvalidInputException.class,
        () -> store(model, Map.of("format", "int4", "rounding", "compensated"), List.of()));
    assertTrue(e.getMessage().contains("found no samples"), e.getMessage());
  }
}
