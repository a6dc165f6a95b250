package dev.dwindle.pass.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import dev.dwindle.quant.Elements;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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

  /** By the narrow types of operator set 21; the pass's own words say so. */
  @Test
  void fourBits() {
    Model original = GraphText.parse(CONV);
    for (String type : List.of("uint4", "int4")) {
      Model model = original.copy();
      PassResult result = quantize(model, "onnxruntime", Map.of("activations", type, "weight_bits", "4"),
          samples(1, 1, 3, 3));
      assertEquals(21, model.graph().opset(""));
      Node conv = model.graph().nodes().stream().filter(node -> node.is("Conv")).findFirst().orElseThrow();
      Tensor weights = conv.input(1).producer().input(0).tensor();
      assertEquals(DType.INT4, weights.dtype());
      assertArrayEquals(new long[] {7, -7}, Elements.longs(weights));
      Node quantized = conv.input(0).producer().input(0).producer();
      assertEquals(2f / 15, quantized.input(1).tensor().floats()[0], 1e-7, "range -0.5 to 1.5 in 15 steps");
      assertEquals(type, quantized.input(2).tensor().dtype().text());
      assertTrue(result.summary().startsWith("1 of 1 layers quantized to INT4"), result.summary());
      assertEquals(Set.of("int4"), Set.copyOf(result.changed().values()));
    }
    Model wide = original.copy();
    quantize(wide, "cpu", Map.of("weight_bits", "4"), samples(1, 1, 3, 3));
    assertEquals(DType.INT8, wide.graph().nodes().getLast().input(1).producer().input(0).tensor().dtype());
  }

  /** All ways to find ranges take steps of four bits. */
  @Test
  void fourBitsByEveryMethodComputeNearlyTheSame() {
    Model original = GraphText.parse(CONV);
    Map<String, Tensor> inputs = samples(1, 1, 3, 3).stream().findFirst().orElseThrow().inputs();
    float[] expected = Interpreter.run(original.graph(), inputs).getFirst().floats();
    for (String method : List.of("minmax", "percentile", "entropy", "mse", "moving_average", "auto")) {
      Model model = original.copy();
      quantize(model, "cpu", Map.of("activations", "uint4", "weight_bits", "4", "calibration", method),
          samples(1, 1, 3, 3));
      float[] found = Interpreter.run(model.graph(), inputs).getFirst().floats();
      for (int i = 0; i < expected.length; i++) assertEquals(expected[i], found[i], 0.3, method + ", element " + i);
    }
  }

  private static final String CHAIN = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[1,1,4,4] x) => (float[1,1,4,4] y)
      <float[1,1,1,1] w = {1}, float[1,1,1,1] v = {-1}, float[1,1,1,1] u = {2}>
      {
        a = Conv(x, w)
        r = Relu(a)
        b = Conv(r, v)
        s = Relu(b)
        y = Conv(s, u)
      }
      """;

  @Test
  void aFloatLayerBetweenPairsIsGuardedWhereTheTargetWouldQuantizeIt() {
    Model model = GraphText.parse(CHAIN);
    PassResult result = quantize(model, "onnxruntime", Map.of("exclude", List.of("b")), samples(1, 1, 4, 4));
    Node clip = model.graph().value("b").producer().input(0).producer();
    assertTrue(clip.is("Clip"), clip.toString());
    assertTrue(clip.input(0).producer().is("DequantizeLinear"));
    assertEquals("1 kept in FLOAT that onnxruntime would quantize by itself", result.figures().get("guarded"));
    Map<String, Tensor> inputs = samples(1, 1, 4, 4).stream().findFirst().orElseThrow().inputs();
    Model bare = model.copy();
    Node twin = bare.graph().value("b").producer();
    twin.setInput(0, twin.input(0).producer().input(0));
    assertTrue(
        Interpreter.run(bare.graph(), inputs).getFirst()
            .contentEquals(Interpreter.run(model.graph(), inputs).getFirst()),
        "the numbers are the same");
  }

  @Test
  void noGuardWhereTheTargetLeavesFloatLayersAlone() {
    Model model = GraphText.parse(CHAIN);
    quantize(model, "openvino", Map.of("exclude", List.of("b")), samples(1, 1, 4, 4));
    assertTrue(model.graph().nodes().stream().noneMatch(node -> node.is("Clip")));
  }

  @Test
  void anAddOfWhatShapesAloneDecideIsLeftAlone() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 13]>
        net (float[1,2] x) => (float[1,2] y)
        <float[2,2] w = {1, 2, 3, 4}, int64[] zero = {0}, int64[] one = {1}, int64[1] axis = {1}>
        {
          a = MatMul(x, w)
          s = Shape(x)
          n = Gather(s, one)
          r = Range(zero, n, one)
          c = Cast <to = 1> (r)
          y = Add(a, c)
        }
        """);
    PassResult result = quantize(model, "openvino", Map.of(), samples(1, 2));
    assertEquals("an input is constant once shapes are known, so there is nothing to gain",
        result.skipped().get("Add 'y'"));
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
  void aMatMulOfTwoActivationsGetsBothQuantizedWhereThatIsAskedFor() {
    Model model = GraphText.parse("net (float[2,2] x) => (y) { t = Transpose(x)\n y = MatMul(x, t) }");
    assertEquals(
        Map.of("MatMul 'y'", "both of its inputs are activations; 'activation_products' quantizes such"),
        quantize(model, "cpu", Map.of(), samples(2, 2)).skipped());
    quantize(model, "cpu", Map.of("activation_products", true), samples(2, 2));
    Node product = find(model, "MatMul");
    assertTrue(
        product.input(0).producer().is("DequantizeLinear") && product.input(1).producer().is("DequantizeLinear"));
  }

  private static final String DEPTHWISE = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[1,2,3,3] x) => (float[1,2,3,3] y)
      <float[2,1,1,1] w = {0.503, 1.27}, float[2] b = {0, 0}>
      {
        h = Conv <group = 2> (x, w, b)
        y = Relu(h)
      }
      """;

  @Test
  void biasesTakeBackWhatRoundingTheWeightsDoesToTheMean() {
    Model plain = GraphText.parse(DEPTHWISE);
    Model corrected = GraphText.parse(DEPTHWISE);
    float[] ones = new float[18];
    Arrays.fill(ones, 1);
    Samples samples = Samples.of(List.of(new Sample(Map.of("x", Tensor.of(Shape.of(1, 2, 3, 3), ones)), null, true)));
    Map<String, Object> perTensor = Map.of("weights", "per_tensor");
    quantize(plain, "cpu", Map.of("weights", "per_tensor", "bias_correction", false), samples);
    PassResult result = quantize(corrected, "cpu", perTensor, samples);
    assertEquals("1 of 1 corrected for the rounding of weights", result.figures().get("biases"));
    Map<String, Tensor> inputs = samples.stream().findFirst().orElseThrow().inputs();
    assertEquals(0.50f, Interpreter.run(plain.graph(), inputs).getFirst().floats()[0], 1e-4,
        "0.503 is 50 steps of 0.01");
    assertEquals(0.503f, Interpreter.run(corrected.graph(), inputs).getFirst().floats()[0], 1e-4);
    assertEquals(1.27f, Interpreter.run(corrected.graph(), inputs).getFirst().floats()[9], 1e-4);
  }

  @Test
  void aCorrectionFollowsGroupsTapsAndTransposedWeights() {
    for (String net : List.of(
        "net (float[2,4,5,5] x) => (y) <float[6,2,3,3] w = random(1), float[6] b = random(2)>"
            + " { h = Conv <group = 2> (x, w, b)\n y = Neg(h) }",
        "net (float[50,4] x) => (y) <float[4,3] w = random(1), float[3] b = random(2)> { y = Gemm(x, w, b) }",
        "net (float[50,4] x) => (y) <float[3,4] w = random(1), float[3] b = random(2)>"
            + " { y = Gemm <transB = 1> (x, w, b) }")) {
      Model original = GraphText.parse(net);
      Shape shape = original.graph().inputs().getFirst().tensorType().shape();
      float[] values = new float[shape.intSize()];
      Random random = new Random(1);
      for (int i = 0; i < values.length; i++) values[i] = random.nextFloat();
      Tensor x = Tensor.of(shape, values);
      Samples samples = Samples.of(List.of(new Sample(Map.of("x", x), null, true)));
      double[] drift = new double[2];
      for (boolean correction : new boolean[] {false, true}) {
        Model model = original.copy();
        quantize(model, "cpu", Map.of("weight_bits", "4", "bias_correction", correction), samples);
        drift[correction ? 1 : 0] = drift(original, model, Map.of("x", x));
      }
      assertTrue(drift[1] < 0.1 * drift[0], net + ": " + drift[0] + " became " + drift[1]);
    }
  }

  /** How far the means of the output's channels (axis 1) are apart, squared and summed. */
  private static double drift(Model original, Model model, Map<String, Tensor> inputs) {
    Tensor a = Interpreter.run(original.graph(), inputs).getFirst();
    float[] b = Interpreter.run(model.graph(), inputs).getFirst().floats();
    int channels = a.shape().intDim(1);
    int inner = (int) a.shape().product(2, a.shape().rank());
    double[] means = new double[channels];
    for (int i = 0; i < b.length; i++) means[i / inner % channels] += a.floats()[i] - b[i];
    return Arrays.stream(means).map(m -> m * m).sum();
  }

  @Test
  void autoTakesTheRangeThatMovesTheLayerLeast() {
    // The layer does not read the channel of the one large number, so that cutting it costs nothing.
    String net = "net (float[N,2] x) => (y) <float[2,1] w = {0, 1}, float[1] b = {0}> { y = Gemm(x, w, b) }";
    float[] values = new float[4000];
    Random random = new Random(2);
    for (int i = 0; i < values.length; i++) values[i] = random.nextFloat(-1, 1);
    values[0] = 40;
    Samples samples = Samples.of(List.of(new Sample(Map.of("x", Tensor.of(Shape.of(2000, 2), values)), null, true)));
    assertTrue(rangeOf(net.replace("{0, 1}", "{1, 1}"), "minmax", samples) > 40);
    assertTrue(rangeOf(net, "auto", samples) < 3, "the large number is cut");
    values[1] = 40;
    Samples read = Samples.of(List.of(new Sample(Map.of("x", Tensor.of(Shape.of(2000, 2), values)), null, true)));
    assertTrue(rangeOf(net, "auto", read) > 40, "what the layer reads is not");
  }

  private static float rangeOf(String net, String method, Samples samples) {
    Model model = GraphText.parse(net);
    quantize(model, "cpu", Map.of("calibration", method), samples);
    return find(model, "QuantizeLinear").input(1).tensor().floats()[0] * 255;
  }

  @Test
  void everyMethodGivesAModelThatComputesNearlyTheSame() {
    Map<String, Tensor> inputs = samples(1, 1, 3, 3).stream().findFirst().orElseThrow().inputs();
    float[] expected = Interpreter.run(GraphText.parse(CONV).graph(), inputs).getFirst().floats();
    for (String method : List.of("minmax", "percentile", "entropy", "mse", "moving_average", "auto")) {
      Model model = GraphText.parse(CONV);
      PassResult result = quantize(model, "cpu", Map.of("calibration", method), samples(1, 1, 3, 3));
      assertTrue(result.figures().get("ranges").startsWith(method + ": "), result.figures().toString());
      float[] found = Interpreter.run(model.graph(), inputs).getFirst().floats();
      for (int i = 0; i < expected.length; i++) assertEquals(expected[i], found[i], 0.02, method + " at " + i);
    }
  }

  private static final String PRODUCTS = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[2,3,4] x) => (float[2,3,5] y, float[2,3,6] z, float[6,2] u)
      <float[4,5] w = random(1), float[4,6] v = random(2), int64[2] flat = {6, 4}, float[2,4] m = random(3), float[2] c = {1, 2}>
      {
        y = MatMul(x, w)
        z = MatMul(x, v)
        r = Reshape(x, flat)
        u = Gemm <transB = 1> (r, m, c)
      }
      """;

  @Test
  void dynamicProductsQuantizeTheirActivationsInEachRun() {
    Model original = GraphText.parse(PRODUCTS);
    Model model = original.copy();
    PassResult result = quantize(model, "onnxruntime", Map.of(), Samples.none());
    assertEquals("dynamic, since there are no calibration samples, and MatMul and Gemm hold 100 % of the weights",
        result.figures().get("mode"));
    assertEquals(3, result.changed().size());
    assertEquals(List.of("y", "z", "u"), model.graph().outputs().stream().map(v -> v.name()).toList());
    assertEquals(3, model.graph().nodes().stream().filter(n -> n.is("MatMulInteger")).count());
    assertEquals(2, model.graph().nodes().stream().filter(n -> n.is("DynamicQuantizeLinear")).count(),
        "what two products read is quantized once");
    float[] x = new float[24];
    for (int i = 0; i < x.length; i++) x[i] = i * 0.1f - 1;
    Map<String, Tensor> inputs = Map.of("x", Tensor.of(Shape.of(2, 3, 4), x));
    List<Tensor> expected = Interpreter.run(original.graph(), inputs);
    List<Tensor> found = Interpreter.run(model.graph(), inputs);
    for (int k = 0; k < 3; k++) {
      float[] e = expected.get(k).floats();
      for (int i = 0; i < e.length; i++) assertEquals(e[i], found.get(k).floats()[i], 0.03, k + " at " + i);
    }
  }

  @Test
  void dynamicLeavesOtherLayersAlone() {
    Model model = GraphText.parse("net (float[2,2] x, float[2,2] v) => (y, z) <float[2,3] w = random(1)> "
        + "{ y = MatMul(x, v)\n z = Gemm <transA = 1> (x, w) }");
    PassResult result = quantize(model, "onnxruntime", Map.of("mode", "dynamic"), samples(2, 2));
    assertEquals(Map.of("MatMul 'y'", "its second input is no constant matrix",
        "Gemm 'z'", "it scales or transposes what it reads"), result.skipped());
    assertEquals("nothing to quantize", result.summary());
  }

  @Test
  void dynamicIsChosenOnlyForNetsOfProductsAndTargetsThatGain() {
    for (String target : List.of("cpu", "onnxruntime")) {
      assertTrue(quantize(GraphText.parse(PRODUCTS), target, Map.of(), Samples.none()).figures().get("mode")
          .startsWith("dynamic"));
      assertTrue(quantize(GraphText.parse(CONV), target, Map.of(), samples(1, 1, 3, 3)).figures().get("mode")
          .startsWith("static"));
    }
    for (String target : List.of("openvino", "tensorrt")) {
      assertThrows(InvalidInputException.class,
          () -> quantize(GraphText.parse(PRODUCTS), target, Map.of(), Samples.none()));
    }
    assertEquals("dynamic, since the recipe says so",
        quantize(GraphText.parse(PRODUCTS), "openvino", Map.of("mode", "dynamic"), Samples.none()).figures()
            .get("mode"));
    assertThrows(InvalidInputException.class,
        () -> quantize(GraphText.parse(PRODUCTS), "cpu", Map.of("mode", "static"), Samples.none()));
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

  @Test
  void weightsAndBiasesThatAreNotFiniteAreRefusedBeforeAnySampleRuns() {
    Map<String, String> damages = Map.of("1.27", "w", "0.5", "b");
    damages.forEach((number, constant) -> {
      for (String other : List.of("nan", "inf", "-inf")) {
        Model model = GraphText.parse(CONV.replace(number, other));
        String message = assertThrows(InvalidInputException.class,
            () -> PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", Map.of("mode", "static")),
                TargetProfile.of("cpu"), null, null, 1, 0, Progress.SILENT)))
            .getMessage();
        assertEquals("constant '" + constant + "': found 1 of 2 numbers NaN or infinite, expected finite ones;"
            + " mend the model, or leave out Conv 'y' by 'exclude' in a recipe", message);
      }
    });
  }

  @Test
  void aMaskOfInfinitiesBesideTheLayersIsAllowed() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 13]>
        net (float[2,2] x) => (float[2,2] y)
        <float[2,2] w = {1, 2, 3, 4}, float[2,2] mask = {0, -inf, 0, 0}>
        {
          a = MatMul(x, w)
          m = Add(a, mask)
          y = Softmax(m)
        }
        """);
    PassResult result = quantize(model, "cpu", Map.of("operators", List.of("MatMul")), samples(2, 2));
    assertEquals(Map.of("MatMul 'a'", "int8"), result.changed());
  }

  private static final String SHARED = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[1,1,3,3] x) => (float[1,2,3,3] y)
      <float[2,1,1,1] w = {1.27, -2.54}, float[2] b = {0.5, 1}>
      {
        [first] a = Conv(x, w, b)
        [second] c = Conv(x, w, b)
        y = Add(a, c)
      }
      """;

  @Test
  void layersThatShareWeightsMayHaveThemInDifferentBits() {
    Model model = GraphText.parse(SHARED);
    quantize(model, "openvino", Map.of("reduce_range", List.of("first")), samples(1, 1, 3, 3));
    assertEquals(63, stored(model, "first"));
    assertEquals(127, stored(model, "second"));
  }

  private static int stored(Model model, String name) {
    Node node = model.graph().nodes().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
    return node.input(1).producer().input(0).tensor().bytes()[0];
  }
}
