package dev.dwindle.pass.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Interpreter;
import dev.dwindle.op.Ops;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightsTest {
  private static final Weights PASS = new Weights();

  private static PassResult store(Model model, Map<String, Object> settings) {
    PassResult result = PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", settings),
        TargetProfile.of("cpu"), null, Samples.none(), 2, 0, Progress.SILENT));
    GraphVerifier.verify(model.graph());
    return result;
  }

  private static final String PRODUCT = """
      <ir_version: 8, opset_import: ["": 11]>
      net (float[2,128] x) => (float[2,32] y)
      <float[128,32] w = random(1)>
      { y = MatMul(x, w) }
      """;

  private static Node before(Model model, String operator, int input) {
    return model.graph().nodes().stream().filter(n -> n.is(operator)).findFirst().orElseThrow().input(input).producer();
  }

  /** Axis, block size, type of the codes and shape of the scales of the node that dequantizes. */
  private static String form(Node node) {
    return node.operator() + (node.attribute("axis") == null ? "" : " axis " + integer(node, "axis"))
        + (node.attribute("block_size") == null ? "" : " block " + integer(node, "block_size"))
        + " " + node.input(0).tensor().dtype().text()
        + (node.input(1) == null ? "" : " scales " + node.input(1).tensor().shape());
  }

  private static long integer(Node node, String attribute) {
    return new Call(node).integer(attribute);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      int8     | DequantizeLinear axis 1 int8 scales [32]                  | 13
      int4     | DequantizeLinear axis 0 block 64 uint4 scales [2,32]      | 21
      fp8      | DequantizeLinear axis 1 float8e4m3fn scales [32]          | 19
      fp8_e5m2 | DequantizeLinear axis 1 float8e5m2 scales [32]            | 19
      fp16     | Cast float16                                              | 13
      bf16     | Cast bfloat16                                             | 13
      """)
  void everyFormatHasItsFormAndItsLowestOperatorSet(String format, String form, int opset) {
    Model model = GraphText.parse(PRODUCT);
    store(model, Map.of("format", format));
    assertEquals(form, form(before(model, "MatMul", 1)));
    assertEquals(opset, model.graph().opset(""));
  }

  @ParameterizedTest
  @CsvSource({"int8, 0.01", "int4, 0.12", "fp8, 0.05", "fp8_e5m2, 0.1", "fp16, 0.0005", "bf16, 0.004"})
  void theResultComputesNearlyTheSame(String format, double tolerance) {
    Model original = GraphText.parse(PRODUCT);
    Model model = original.copy();
    store(model, Map.of("format", format));
    float[] numbers = new float[256];
    for (int i = 0; i < numbers.length; i++) numbers[i] = (i * 37 % 17 - 8) / 8f;
    Map<String, Tensor> x = Map.of("x", Tensor.of(Shape.of(2, 128), numbers));
    float[] expected = Interpreter.run(original.graph(), x).getFirst().floats();
    float[] found = Interpreter.run(model.graph(), x).getFirst().floats();
    double noise = 0;
    double signal = 0;
    for (int i = 0; i < expected.length; i++) {
      noise += Math.pow(found[i] - expected[i], 2);
      signal += Math.pow(expected[i], 2);
    }
    assertTrue(Math.sqrt(noise / signal) < tolerance, format + ": " + Math.sqrt(noise / signal));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      float[2,128] x | float[32,128] w | y = Gemm <transB = 1> (x, w)               | Gemm   | 1 | axis 1 block 64 uint4 scales [32,2]
      float[2,100] x | float[100,64] w | y = MatMul(x, w)                           | MatMul | 1 | axis 0 block 50 uint4 scales [2,64]
      float[2,97] x  | float[97,64] w  | y = MatMul(x, w)                           | MatMul | 1 | axis 1 uint4 scales [64]
      float[64,3] x  | float[32,64] w  | y = MatMul(w, x)                           | MatMul | 0 | axis 1 block 64 uint4 scales [32,1]
      float[2,9,128] x | float[2,128,16] w | y = MatMul(x, w)                       | MatMul | 1 | axis 1 block 64 uint4 scales [2,2,16]
      float[1,64,4,4] x | float[8,64,3,3] w | y = Conv(x, w)                        | Conv   | 1 | axis 1 block 64 uint4 scales [8,1,3,3]
      float[1,8,4,4] x | float[32,8,3,3] w | y = Conv(x, w)                         | Conv   | 1 | axis 0 uint4 scales [32]
      float[1,64,4,4] x | float[64,8,2,2] w | y = ConvTranspose(x, w)               | ConvTranspose | 1 | axis 0 block 64 uint4 scales [1,8,2,2]
      int64[3] x     | float[50,128] w | y = Gather(w, x)                           | Gather | 0 | axis 1 block 64 uint4 scales [50,2]
      float[5,1,64] x | float[1,96,64] w  | y, h = GRU <hidden_size = 32> (x, w, r) | GRU    | 1 | axis 2 block 64 uint4 scales [1,96,1]
      """)
  void blocksLieAlongWhatTheOperatorSumsOverAndDivideIt(String input, String weight, String node, String operator,
      int index, String form) {
    Model model = GraphText
        .parse("net (" + input + ") => (y) <" + weight + " = random(1), float[1,96,32] r = random(2)> { "
            + node + " }");
    if (!operator.equals("GRU")) model.graph().removeConstant(model.graph().value("r"));
    store(model, Map.of("format", "int4"));
    assertEquals("DequantizeLinear " + form, form(before(model, operator, index)));
  }

  @Test
  void aSymmetricFormHasNoZeroPointsAndAnAsymmetricOneUnsignedCodes() {
    Model model = GraphText.parse(PRODUCT);
    store(model, Map.of("format", "int4", "symmetric", "true"));
    assertEquals(DType.INT4, before(model, "MatMul", 1).input(0).tensor().dtype());
    assertEquals(2, before(model, "MatMul", 1).inputs().size());
    Model other = GraphText.parse(PRODUCT);
    store(other, Map.of("format", "int8", "symmetric", "false", "group", 32));
    assertEquals("DequantizeLinear axis 0 block 32 uint8 scales [4,32]", form(before(other, "MatMul", 1)));
    assertEquals(Shape.of(4, 32), before(other, "MatMul", 1).input(2).tensor().shape());
  }

  @Test
  void layersGetFormatsByPatternAndTheFirstThatMatchesCounts() {
    Model model = GraphText.parse("""
        net (float[2,64] x, int64[2] i) => (y, z, e)
        <float[64,64] w = random(1), float[64,64] v = random(2), float[90,64] t = random(3)>
        {
          [head/a] y = MatMul(x, w)
          [head/b] z = MatMul(x, v)
          e = Gather(t, i)
        }
        """);
    Map<String, String> layers = new LinkedHashMap<>();
    layers.put("head/b", "float");
    layers.put("head/*", "fp16");
    layers.put("op:Gather", "int8");
    layers.put("tail", "int4");
    PassResult result = store(model, Map.of("format", "int4", "layers", layers));
    assertEquals("fp16", result.changed().get("MatMul 'head/a'"));
    assertEquals("left in float by the recipe", result.skipped().get("MatMul 'head/b'"));
    assertTrue(result.changed().get("Gather 'e'").startsWith("int8 per channel, SQNR "), result.changed().toString());
    assertEquals("layers: [tail] match no node", result.figures().get("warning"));
  }

  @Test
  void aWeightOfTwoLayersIsStoredOnceAndTheWideOneIsGone() {
    Model model = GraphText.parse("""
        net (float[2,64] x) => (z) <float[64,64] w = random(1)> { y = MatMul(x, w)
          z = MatMul(y, w) }
        """);
    store(model, Map.of());
    assertEquals(1, model.graph().nodes().stream().filter(n -> n.is("DequantizeLinear")).count());
    assertEquals(List.of(DType.INT8, DType.FLOAT),
        model.graph().constants().stream().map(v -> v.tensor().dtype()).toList());
  }

  @Test
  void weightsInsideOfBranchesAreStoredThere() {
    Model model = GraphText.parse("""
        net (bool[] c, float[2,64] x) => (y)
        {
          y = If <then_branch = yes () => (a) <float[64,64] w = random(1)> { a = MatMul(x, w) },
                  else_branch = no () => (b) { b = Identity(x) }> (c)
        }
        """);
    store(model, Map.of());
    Graph yes = model.graph().nodes().getFirst().subgraphs().getFirst();
    assertEquals(List.of("DequantizeLinear", "MatMul"), yes.nodes().stream().map(Node::operator).toList());
  }

  @Test
  void whatCannotBeStoredIsSaid() {
    Model model = GraphText.parse(
        """
            net (float[2,64] x) => (y, z, s, q)
            <float[64,64] w = {1e6}, float[64,64] n = random(1), float[2,2] small = random(2), int8[64,64] i = {1}, float[] scale = {1}>
            {
              y = MatMul(x, w)
              t = Transpose(x)
              z = MatMul(x, t)
              s = MatMul(small, x)
              d = DequantizeLinear(i, scale)
              q = MatMul(x, d)
            }
            """);
    PassResult result = store(model, Map.of("format", "fp16"));
    assertEquals("a weight of 1000000.0 is beyond the range of fp16", result.skipped().get("MatMul 'y'"));
    assertEquals("its weights are not constant", result.skipped().get("MatMul 'z'"));
    assertEquals("too small to gain by it", result.skipped().get("MatMul 's'"));
    assertEquals("quantized already", result.skipped().get("MatMul 'q'"));
  }

  private static Model withOneNumber(String text, float number) {
    Model model = GraphText.parse(text);
    float[] numbers = model.graph().value("w").tensor().floats();
    numbers[77] = number;
    model.graph().setConstant(model.graph().value("w"), Constant.of(Tensor.of(Shape.of(128, 32), numbers)));
    return model;
  }

  @Test
  void aLayerWhoseWeightsAreNotFiniteIsRefused() {
    for (String format : List.of("int8", "int4", "fp8")) {
      Model model = withOneNumber(PRODUCT, Float.NaN);
      String message = assertThrows(InvalidInputException.class, () -> store(model, Map.of("format", format)))
          .getMessage();
      assertEquals("constant 'w': found 1 of 4096 numbers NaN or infinite, expected finite ones;"
          + " mend the model, or leave out MatMul 'y' by 'layers' in a recipe", message);
    }
    Model left = withOneNumber(PRODUCT, Float.NaN);
    assertEquals(Map.of("MatMul 'y'", "left in float by the recipe"),
        store(left, Map.of("layers", Map.of("y", "float"))).skipped());
  }

  @Test
  void aTableOfInfinitiesIsLeftAlone() {
    Model model = withOneNumber("""
        <ir_version: 8, opset_import: ["": 11]>
        net (int64[2] x) => (float[2,32] y)
        <float[128,32] w = random(1)>
        { y = Gather(w, x) }
        """, Float.NEGATIVE_INFINITY);
    for (String format : List.of("int8", "int4", "fp8")) {
      assertEquals("a weight is not finite", store(model, Map.of("format", format)).skipped().get("Gather 'y'"),
          format);
    }
  }

  @Test
  void onAnyNumberOfThreadsTheSameBytes() {
    Model one = GraphText.parse(PRODUCT);
    store(one, Map.of("format", "int4"));
    Model two = GraphText.parse(PRODUCT);
    PASS.apply(two.graph(), new PassContext(PASS.settings().check("test", Map.of("format", "int4")),
        TargetProfile.of("cpu"), null, Samples.none(), 1, 0, Progress.SILENT));
    assertEquals(GraphText.print(one.graph()), GraphText.print(two.graph()));
  }

  @Test
  void clippingOutliersErrsLess() {
    float[] numbers = GraphText.parse(PRODUCT).graph().value("w").tensor().floats();
    double[] errors = new double[2];
    for (boolean clip : new boolean[] {false, true}) {
      Model model = GraphText.parse(PRODUCT);
      store(model, Map.of("format", "int4", "clip", clip));
      float[] found = dequantized(before(model, "MatMul", 1)).floats();
      for (int i = 0; i < found.length; i++) errors[clip ? 1 : 0] += Math.pow(found[i] - numbers[i], 2);
    }
    assertTrue(errors[1] < errors[0], errors[1] + " of " + errors[0]);
  }

  private static Tensor dequantized(Node node) {
    List<Tensor> inputs = node.inputs().stream().map(Value::tensor).toList();
    return Ops.find(node).evaluate(new Evaluation(node, inputs, null)).getFirst();
  }

  @Test
  void codesAreThoseOfQuantizeLinear() {
    for (String format : List.of("int8", "int4", "fp8", "fp8_e5m2")) {
      Model model = GraphText.parse(PRODUCT);
      Tensor weights = model.graph().value("w").tensor();
      store(model, Map.of("format", format));
      Node node = before(model, "MatMul", 1);
      DType dtype = node.input(0).tensor().dtype();
      Model quantizer = GraphText.parse("""
          <ir_version: 10, opset_import: ["": 21]>
          q (float[128,32] x, float[?] s, %s[?] z) => (y) { y = QuantizeLinear <axis = %d%s> (x, s, z) }
          """.formatted(dtype.text(), integer(node, "axis"),
          node.attribute("block_size") == null ? "" : ", block_size = " + integer(node, "block_size")));
      Tensor scales = node.input(1).tensor();
      Tensor zeros = node.input(2) != null ? node.input(2).tensor()
          : Tensor.of(dtype, scales.shape(), new byte[(int) dtype.bytes(scales.size())]);
      Tensor expected = Interpreter.run(quantizer.graph(), Map.of("x", weights, "s", scales, "z", zeros)).getFirst();
      assertArrayEquals(Elements.floats(expected), Elements.floats(node.input(0).tensor()), format);
    }
  }
}
