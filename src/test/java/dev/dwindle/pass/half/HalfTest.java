package dev.dwindle.pass.half;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfTest {
  private static final Half PASS = new Half();

  private static PassResult store(Model model, Map<String, Object> settings, Samples samples) {
    try (CpuBackend backend = new CpuBackend()) {
      PassResult result = PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", settings),
          TargetProfile.of("cpu"), backend, samples, 1, 0, Progress.SILENT));
      GraphVerifier.verify(model.graph());
      return result;
    }
  }

  private static final String NET = """
      <ir_version: 3, opset_import: ["": 9]>
      net (float[2,16] x, float[16,32] w = random(1), float[32] b = random(2)) => (float[2,32] y)
      {
        p = MatMul(x, w)
        y = Add(p, b)
      }
      """;

  @ParameterizedTest
  @CsvSource({"fp16, FLOAT16, 9", "bf16, BFLOAT16, 13"})
  void constantsOfSomeSizeStandBehindACastAndTheRestStays(String format, DType dtype, int opset) {
    Model model = GraphText.parse(NET);
    PassResult result = store(model, Map.of("format", format), Samples.none());
    assertEquals(dtype, model.graph().nodes().getFirst().input(0).tensor().dtype());
    assertEquals(List.of("Cast", "MatMul", "Add"), model.graph().nodes().stream().map(n -> n.operator()).toList());
    assertEquals(opset, model.graph().opset(""));
    assertEquals(List.of("x", "b"), model.graph().inputs().stream().map(v -> v.name()).toList(),
        "an old file's wide constant is no input any more");
    assertEquals(List.of("MatMul 'p'"), List.copyOf(result.changed().keySet()));
  }

  @Test
  void whatOverflowsFp16TakesBf16AndStaysWideWhereThatErrsTooMuch() {
    Model model = GraphText.parse(NET.replace("= random(1)", "= {70144}"));
    assertEquals(Map.of("MatMul 'p'", "bf16, error 0.0 %"), store(model, Map.of(), Samples.none()).changed());
    Model other = GraphText.parse(NET.replace("= random(1)", "= {70000}"));
    assertEquals(Map.of("MatMul 'p'", "holds 70000.0, beyond the range of float16"),
        store(other, Map.of("max_error", 0.001), Samples.none()).skipped());
  }

  @Test
  void onlyWeightsOfProductsTakeBf16() {
    Model model = GraphText.parse("net (float[1,256] x) => (y) <float[256] b = random(1)> { y = Add(x, b) }");
    assertEquals(1, store(model, Map.of("format", "bf16"), Samples.none()).changed().size());
    assertEquals(DType.FLOAT16, model.graph().nodes().getFirst().input(0).tensor().dtype());
  }

  @Test
  void whatLosesTooMuchByItselfStaysWide() {
    Model model = GraphText.parse(NET.replace("= random(1)", "= {1.3e-7}"));
    PassResult result = store(model, Map.of("max_error", 0.0005), Samples.none());
    assertEquals("rounding changes its constant by 8.3 %, more than 0.050 %", result.skipped().get("MatMul 'p'"));
  }

  @Test
  void withSamplesTheOutputsOfLayersDecide() {
    // Numbers that cancel: what is left of each sum is as small as the rounding to BF16.
    Model model = GraphText.parse("""
        net (float[1,128] x) => (y, z)
        <float[128,8] w = {1.001}, float[128,8] v = {1.001}>
        {
          y = MatMul(x, w)
          a = Abs(x)
          z = MatMul(a, v)
        }
        """);
    model.graph().setConstant(model.graph().value("w"), Constant.of(ramp(1)));
    PassResult result = store(model, Map.of("format", "bf16"), alternating(-0.9f));
    assertTrue(result.changed().get("MatMul 'y'").startsWith("fp16"), result.toString());
    assertTrue(result.changed().get("MatMul 'z'").startsWith("bf16"), result.toString());
    Model large = GraphText.parse("net (float[1,128] x) => (y) <float[128,8] w = {1}> { y = MatMul(x, w) }");
    large.graph().setConstant(large.graph().value("w"), Constant.of(ramp(65536)));
    String reason = store(large, Map.of("format", "bf16", "max_error", 0.003), alternating(-0.99f)).skipped()
        .get("MatMul 'y'");
    assertTrue(reason.startsWith("rounding changes its outputs by "), reason);
  }

  /** What is left of the first product behind the subtraction is as small as its rounding; the second has twice the numbers. */
  private static Model dominated(double nearTheSum) {
    Model model = GraphText.parse("""
        net (float[1,128] x) => (y)
        <float[128,8] w = {1}, float[1] c = {%s}, float[8,256] v = random(2)>
        {
          p = MatMul(x, w)
          q = Sub(p, c)
          y = MatMul(q, v)
        }
        """.formatted(nearTheSum));
    model.graph().setConstant(model.graph().value("w"), Constant.of(ramp(1)));
    return model;
  }

  @Test
  void theLayerThatMovesTheOutputsMostTakesFp16() {
    Model model = dominated(136);
    float[] exact = outputs(model);
    PassResult result = store(model, Map.of("format", "bf16", "max_error", 0.004, "max_output_error", 0.004),
        alternating(1));
    assertTrue(result.changed().get("MatMul 'p'").startsWith("fp16"), result.toString());
    assertTrue(result.changed().get("MatMul 'y'").startsWith("bf16"), result.toString());
    assertEquals("1 constants stored as fp16, 1 as bf16 (67 % of the numbers), 0 layers keep wide ones",
        result.summary());
    String figure = result.figures().get("error of the outputs");
    assertTrue(figure.endsWith(" % before 1 constants took fp16"), figure);
    float[] now = outputs(model);
    double noise = 0;
    double signal = 0;
    for (int i = 0; i < now.length; i++) {
      noise += Math.pow(now[i] - exact[i], 2);
      signal += Math.pow(exact[i], 2);
    }
    assertTrue(Math.sqrt(noise / signal) <= 0.004, figure);
  }

  @Test
  void noMoreThanItsShareTakesFp16() {
    PassResult result = store(dominated(136), Map.of("format", "bf16", "max_error", 0.004, "fp16_share", 0.3),
        alternating(1));
    assertTrue(result.changed().values().stream().allMatch(what -> what.startsWith("bf16")), result.toString());
    String figure = result.figures().get("error of the outputs");
    assertTrue(figure.contains(" %, more than 0.10 % (all in fp16 "), figure);
  }

  @Test
  void whatAddsLittleToTheErrorOfFp16StaysBf16() {
    PassResult result = store(dominated(136.12),
        Map.of("format", "bf16", "max_error", 0.004, "max_output_error", 0, "fp16_share", 1), alternating(1));
    assertTrue(result.changed().get("MatMul 'p'").startsWith("fp16"), result.toString());
    assertTrue(result.changed().get("MatMul 'y'").startsWith("bf16"), result.toString());
  }

  @Test
  void withoutSamplesOnlyTheConstantsDecide() {
    PassResult result = store(dominated(136), Map.of("format", "bf16", "max_error", 0.004), Samples.none());
    assertTrue(result.changed().values().stream().allMatch(what -> what.startsWith("bf16")), result.toString());
    assertEquals(Map.of(), result.figures());
  }

  private static float[] outputs(Model model) {
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind();
        Stream<Sample> samples = alternating(1).stream()) {
      bound.set("x", samples.findFirst().orElseThrow().inputs().get("x"));
      bound.run();
      return bound.outputs().get("y").floats();
    }
  }

  /** A row of 1 and another number in turn. */
  private static Samples alternating(float second) {
    float[] row = new float[128];
    for (int i = 0; i < 128; i++) row[i] = i % 2 == 0 ? 1 : second;
    return Samples.of(List.of(new Sample(Map.of("x", Tensor.of(Shape.of(1, 128), row)), null, true)));
  }

  /** Neighbours that differ by less than BF16 can say. */
  private static Tensor ramp(float first) {
    float[] numbers = new float[128 * 8];
    for (int i = 0; i < numbers.length; i++) numbers[i] = first * (1 + i / 8 * 0.001f);
    return Tensor.of(Shape.of(128, 8), numbers);
  }

  @Test
  void layersAreLeftOutByName() {
    PassResult result = store(GraphText.parse(NET), Map.of("exclude", List.of("op:MatMul", "q")), Samples.none());
    assertEquals(Map.of("MatMul 'p'", "excluded by the recipe"), result.skipped());
    assertEquals("exclude: [q] match no node", result.figures().get("warning"));
  }

  @Test
  void scalesAndCodesOfQuantizedLayersAreLeftAlone() {
    Model model = GraphText.parse("""
        net (float[2,16] x) => (y) <int8[16,256] w = {1}, float[256] s = {0.1}>
        { d = DequantizeLinear(w, s)
          y = MatMul(x, d) }
        """);
    String before = GraphText.print(model.graph());
    store(model, Map.of(), Samples.none());
    assertEquals(before, GraphText.print(model.graph()));
  }
}
