package dev.dwindle.pass.share;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.Distance;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShareTest {
  private static final Share PASS = new Share();

  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[2,3,8,8] x) => (float[2,10] y)
      <float[16,3,3,3] c = random(1), float[16] b = random(2), float[576,24] m = random(3), float[10,24] g = random(4)>
      {
        [conv] h = Conv(x, c, b)  r = Relu(h)  f = Flatten(r)  [product] p = MatMul(f, m)  [gemm] y = Gemm<transB = 1>(p, g)
      }
      """;

  private static PassResult share(Model model, Map<String, Object> settings) {
    PassResult result = PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", settings),
        TargetProfile.of("cpu"), null, Samples.none(), 2, 0, Progress.SILENT));
    GraphVerifier.verify(model.graph());
    return result;
  }

  private static Map<String, Tensor> input() {
    float[] x = new float[2 * 3 * 64];
    Random random = new Random(9);
    for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
    return Map.of("x", Tensor.of(Shape.of(2, 3, 8, 8), x));
  }

  private static double[] output(Model model) {
    return Elements.doubles(Interpreter.run(model.graph(), input()).getFirst());
  }

  /** What is written as places means what is written as values, and both runtimes that judge files say so. */
  @ParameterizedTest
  @CsvSource({"16, tensor", "16, channel", "5, channel", "17, tensor", "200, channel"})
  void placesMeanTheValues(int entries, String per, @TempDir Path folder) throws Exception {
    Map<String, Object> settings = Map.of("entries", entries, "per", per);
    Model places = GraphText.parse(NET);
    PassResult result = share(places, settings);
    Model values = GraphText.parse(NET);
    Map<String, Object> stored = new LinkedHashMap<>(settings);
    stored.put("store", "values");
    share(values, stored);
    assertArrayEquals(output(values), output(places));
    assertTrue(result.changed().containsKey("MatMul 'product'"), result.toString());
    DType expected = entries <= 16 ? DType.UINT4 : DType.UINT8;
    assertTrue(places.graph().constants().stream().anyMatch(c -> c.tensor().dtype() == expected));
    Map<String, Tensor> outputs = Distance.outputs(places, folder.resolve("places.onnx"), input());
    Distance.assertClose("in ONNX Runtime", 1e-5,
        Map.of("y", Interpreter.run(places.graph(), input()).getFirst()), outputs);
  }

  @Test
  void eachChannelHasItsOwnValues() {
    Model model = GraphText.parse(NET);
    share(model, Map.of("entries", 4, "per", "channel", "store", "values"));
    Node product = model.graph().nodes().stream().filter(n -> n.is("MatMul")).findFirst().orElseThrow();
    float[] weights = product.input(1).tensor().floats();
    for (int channel = 0; channel < 24; channel++) {
      int at = channel;
      double[] column = new double[576];
      Arrays.setAll(column, i -> weights[i * 24 + at]);
      assertEquals(4, Arrays.stream(column).distinct().count());
    }
    assertTrue(Arrays.stream(Elements.doubles(product.input(1).tensor())).distinct().count() > 80);
  }

  @Test
  void zerosStayZero() {
    Model model = GraphText.parse(NET);
    Value weight = model.graph().value("m");
    float[] numbers = weight.tensor().floats();
    for (int i = 0; i < numbers.length; i++) numbers[i] = i % 5 == 0 ? numbers[i] : 0;
    model.graph().setConstant(weight, Constant.of(Tensor.of(weight.tensor().shape(), numbers)));
    share(model, Map.of("entries", 8, "store", "values"));
    float[] shared = model.graph().value("m_shared").tensor().floats();
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] == 0) assertEquals(0, shared[i], "at " + i);
    }
  }

  @Test
  void whatIsLeftAloneIsTold() {
    Model model = GraphText.parse(NET);
    PassResult result = share(model, Map.of("exclude", List.of("product", "nothing")));
    assertEquals(Map.of("MatMul 'product'", "left alone by the recipe"), result.skipped());
    assertEquals("exclude: [nothing] match no node", result.figures().get("warning"));
    assertEquals("weights of 2 of 3 layers shared", result.summary());
    Model small = GraphText.parse("g (float[1,4] x) => (y) <float[4,4] w = random(1)> { y = MatMul(x, w) }");
    assertEquals(Map.of("MatMul 'y'", "too small to gain by it"), share(small, Map.of()).skipped());
  }

  /** What decides is how many values there are, not how many there might be; where nothing is shared the operator set stays. */
  @Test
  void fewValuesAreStoredAsTheyNeed(@TempDir Path folder) throws Exception {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 11]>
        g (float[2,3,8,8] x) => (y) <float[192,64] w = random(1)> { f = Flatten(x)  y = MatMul(f, w) }""");
    float[] w = model.graph().value("w").tensor().floats();
    for (int i = 0; i < w.length; i++) w[i] = Math.round(4 * w[i]);
    model.graph().setConstant(model.graph().value("w"), Constant.of(Tensor.of(Shape.of(192, 64), w)));
    Tensor expected = Interpreter.run(model.graph(), input()).getFirst();
    share(model, Map.of("entries", 256));
    assertEquals(21, model.graph().opset(""));
    Distance.assertClose("in ONNX Runtime", 1e-5, Map.of("y", expected),
        Distance.outputs(model, folder.resolve("few.onnx"), input()));
    Model small = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 11]>
        g (float[1,4] x) => (y) <float[4,4] w = random(1)> { y = MatMul(x, w) }""");
    share(small, Map.of());
    assertEquals(11, small.graph().opset(""));
  }

  /** As a mask of attention may be. */
  @Test
  void tablesOfInfinitiesStay() {
    Model model = GraphText.parse("""
        g (int64[1] i, float[1,64] x) => (y, z)
        <float[64,64] mask = {-inf}, float[64,64] w = random(1)> { y = Gather(mask, i)  z = MatMul(x, w) }""");
    assertEquals(List.of("MatMul 'z'"), List.copyOf(share(model, Map.of()).changed().keySet()));
  }

  @Test
  void weightsThatAreNoNumbersAreRefused() {
    Model model = GraphText.parse(NET.replace("g = random(4)", "g = {nan}"));
    assertTrue(assertThrows(InvalidInputException.class, () -> share(model, Map.of())).getMessage()
        .startsWith("constant 'g': found 240 of 240 numbers NaN or infinite"));
  }
}
