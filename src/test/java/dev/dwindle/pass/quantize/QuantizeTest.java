package dev.dwindle.pass.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QuantizeTest {
  private static final Quantize PASS = new Quantize();

  private static PassResult quantize(Model model, String target, Map<String, Object> settings, Samples samples) {
    try (CpuBackend backend = new CpuBackend()) {
      PassResult result = PASS.apply(
          model.graph(),
          new PassContext(PASS.settings().check("test", settings), TargetProfile.of(target), backend, samples, 1, 0,
              Progress.SILENT));
      GraphVerifier.verify(model.graph());
      return result;
    }
  }

  private static Samples samples(long... shape) {
    float[] values = new float[Shape.of(shape).intSize()];
    for (int i = 0; i < values.length; i++) values[i] = (i % 5 - 1) * 0.5f;
    return Samples.of(List.of(new Sample(Map.of("x", Tensor.of(Shape.of(shape), values)), null, true)));
  }

  private static final String CONV = """
      <ir_version: 8, opset_import: ["": 11]>
      net (float[1,1,3,3] x) => (float[1,2,3,3] y)
      <float[2,1,1,1] w = {1.27, -2.54}, float[2] b = {0.5, 1}>
      {
        y = Conv(x, w, b)
      }
      """;

  @Test
  void weightsPerChannelBiasInUnitsOfBothScalesActivationsInTheirRange() {
    Model model = GraphText.parse(CONV);
    quantize(model, "cpu", Map.of(), samples(1, 1, 3, 3));
    Graph g = model.graph();
    assertEquals(13, g.opset(""), "per-axis DequantizeLinear needs 13, and no more is asked");
    Node conv = g.nodes().getLast();
    Node weight = conv.input(1).producer();
    assertEquals(DType.INT8, weight.input(0).tensor().dtype());
    assertEquals(List.of((byte) 127, (byte) -127),
        List.of(weight.input(0).tensor().bytes()[0], weight.input(0).tensor().bytes()[1]));
    assertEquals(0.01f, weight.input(1).tensor().floats()[0], 1e-8);
    assertEquals(0.02f, weight.input(1).tensor().floats()[1], 1e-8);
    Node quantized = conv.input(0).producer().input(0).producer();
    assertTrue(quantized.is("QuantizeLinear"));
    float scale = quantized.input(1).tensor().floats()[0];
    assertEquals(2f / 255, scale, 1e-7, "range -0.5 to 1.5 in 255 steps");
    assertEquals(64, quantized.input(2).tensor().bytes()[0] & 0xff);
    Node bias = conv.input(2).producer();
    assertEquals(DType.INT32, bias.input(0).tensor().dtype());
    assertEquals(Math.rint(0.5 / (scale * 0.01f)), bias.input(0).tensor().ints()[0]);
  }

  @Test
  void theResultComputesNearlyTheSame() {
    Model original = GraphText.parse(CONV);
    Model model = original.copy();
    quantize(model, "onnxruntime", Map.of(), samples(1, 1, 3, 3));
    Map<String, Tensor> inputs = samples(1, 1, 3, 3).stream().findFirst().orElseThrow().inputs();
    float[] expected = Interpreter.run(original.graph(), inputs).getFirst().floats();
    float[] found = Interpreter.run(model.graph(), inputs).getFirst().floats();
    for (int i = 0; i < expected.length; i++) assertEquals(expected[i], found[i], 0.02, "element " + i);
  }

  @Test
  void perTensorNeedsOnlyOpset10() {
    Model model = GraphText.parse(CONV.replace("11", "9"));
    quantize(model, "cpu", Map.of("weights", "per_tensor"), samples(1, 1, 3, 3));
    assertEquals(10, model.graph().opset(""));
  }

  private static final String POOLED = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[1,1,4,4] x) => (float[1,1,1,1] y)
      <float[1,1,1,1] w = {1}, float[1,1,1,1] v = {-1}>
      {
        a = Conv(x, w)
        r = Relu(a)
        p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (r)
        c = Conv <kernel_shape = [1, 1], strides = [2, 2]> (p, v)
        y = Softmax(c)
      }
      """;

  @Test
  void whereTheTargetGainsACarrierStandsBetweenEqualPairs() {
    Model model = GraphText.parse(POOLED);
    quantize(model, "onnxruntime", Map.of(), samples(1, 1, 4, 4));
    Node pool = find(model, "MaxPool");
    Node before = pool.input(0).producer();
    Node after = pool.output().uses().getFirst().node();
    assertTrue(before.is("DequantizeLinear") && after.is("QuantizeLinear"));
    assertEquals(before.input(1).tensor().floats()[0], after.input(1).tensor().floats()[0]);
    assertTrue(before.input(0).producer().input(0).producer().is("Relu"), "the pair stands behind the fused Relu");
  }

  @Test
  void whereItDoesNotNoPairIsWasted() {
    Model model = GraphText.parse(POOLED);
    quantize(model, "cpu", Map.of(), samples(1, 1, 4, 4));
    assertTrue(find(model, "MaxPool").input(0).producer().is("Relu"));
    assertEquals(2, model.graph().nodes().stream().filter(n -> n.is("QuantizeLinear")).count());
  }

  @Test
  void layersAreLeftOutByNameAndOperator() {
    Model model = GraphText.parse(POOLED);
    PassResult result = quantize(model, "cpu", Map.of("exclude", List.of("a*")), samples(1, 1, 4, 4));
    assertEquals(Map.of("Conv 'a'", "excluded by the recipe"), result.skipped());
    assertEquals(List.of("Conv 'c'"), List.copyOf(result.changed().keySet()));
    Model other = GraphText.parse(POOLED);
    assertEquals("nothing to quantize",
        quantize(other, "cpu", Map.of("exclude", "op:Conv"), samples(1, 1, 4, 4)).summary());
  }

  @Test
  void whatIsQuantizedAlreadyOrForeignIsLeftAloneAndSaidSo() {
    Model model = GraphText.parse(CONV);
    quantize(model, "cpu", Map.of(), samples(1, 1, 3, 3));
    String before = GraphText.print(model.graph());
    PassResult again = quantize(model, "cpu", Map.of(), samples(1, 1, 3, 3));
    assertEquals(before, GraphText.print(model.graph()));
    assertEquals("quantized already", again.skipped().get("Conv 'y'"));
    Model foreign = GraphText.parse("net (float[1] x) => (y) { y = com.acme.Magic(x) }");
    assertEquals(
        "operator of domain com.acme, carried along",
        quantize(foreign, "cpu", Map.of(), Samples.none()).skipped().get("com.acme.Magic 'y'"));
  }

  @Test
  void aDeadChannelAndALargeBiasAreHarmless() {
    Model model = GraphText.parse(CONV.replace("{1.27, -2.54}", "{0, 1e-12}").replace("{0.5, 1}", "{3, 100}"));
    Map<String, Tensor> inputs = samples(1, 1, 3, 3).stream().findFirst().orElseThrow().inputs();
    quantize(model, "cpu", Map.of(), samples(1, 1, 3, 3));
    float[] found = Interpreter.run(model.graph(), inputs).getFirst().floats();
    assertEquals(3, found[0], 0.01);
    assertEquals(100, found[9], 0.01);
  }

  @Test
  void aBiasThatIsBroadcastStaysInFloatingPoint() {
    Model model = GraphText
        .parse("net (float[2,2] x) => (y) <float[2,3] w = random(1), float[1] b = {2.5}> { y = Gemm(x, w, b) }");
    quantize(model, "cpu", Map.of(), samples(2, 2));
    assertTrue(find(model, "Gemm").input(2).isConstant());
    assertTrue(find(model, "Gemm").input(1).producer().is("DequantizeLinear"));
  }

  @Test
  void aValueThatFeedsTwoCarriersGivesAllThreeOneRange() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 13]>
        net (float[1,1,4,4] x) => (y, z)
        <float[1,1,1,1] w = {1}, float[1,1,1,1] v = {-1}>
        {
          r = Relu(x)
          p = MaxPool <kernel_shape = [2, 2]> (r)
          q = MaxPool <kernel_shape = [3, 3]> (r)
          y = Conv(p, w)
          z = Conv(q, v)
        }
        """);
    quantize(model, "openvino", Map.of(), samples(1, 1, 4, 4));
    assertEquals(
        1, model.graph().nodes().stream().filter(n -> n.is("QuantizeLinear")).map(n -> n.input(1).tensor().floats()[0])
            .distinct().count());
  }

  @Test
  void aMatMulOfTwoActivationsGetsBothQuantized() {
    Model model = GraphText.parse("net (float[2,2] x) => (y) { t = Transpose(x)\n y = MatMul(x, t) }");
    quantize(model, "cpu", Map.of(), samples(2, 2));
    Node product = find(model, "MatMul");
    assertTrue(
        product.input(0).producer().is("DequantizeLinear") && product.input(1).producer().is("DequantizeLinear"));
  }

  @Test
  void withoutSamplesThereIsNoRange() {
    var e = assertThrows(InvalidInputException.class,
        () -> quantize(GraphText.parse(CONV), "cpu", Map.of(), Samples.none()));
    assertTrue(e.getMessage().startsWith("calibration: found no samples"), e.getMessage());
  }

  @Test
  void anActivationThatIsNotFiniteIsNamed() {
    Samples bad = Samples.of(List.of(new Sample(
        Map.of("x", Tensor.of(Shape.of(1, 1, 3, 3), new float[] {1, 2, 3, Float.POSITIVE_INFINITY, 5, 6, 7, 8, 9})),
        null, true)));
    var e = assertThrows(InvalidInputException.class, () -> quantize(GraphText.parse(CONV), "cpu", Map.of(), bad));
    assertTrue(e.getMessage().contains("activation 'x'"), e.getMessage());
  }

  private static Node find(Model model, String operator) {
    Node found = model.graph().nodes().stream().filter(n -> n.is(operator)).findFirst().orElse(null);
    assertNotNull(found, operator);
    return found;
  }
}
