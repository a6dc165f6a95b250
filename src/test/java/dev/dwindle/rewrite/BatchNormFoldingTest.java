package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchNormFoldingTest {
  private static final String CONSTANTS = """
      float[6] s = random(1), float[6] b = random(2), float[6] m = random(3), float[6] v = {0.5},
      float[1,6,1,1] column = random(4), float[6,1,1] short = random(5), float[] half = {0.5},
      float[6] row = random(6), float[1,6] wide = random(7), float[5,1] rows = random(8),
      float[6,4,3,3] w = random(9), float[6,2,3,3] grouped = random(10), float[4,3,3,3] transposed = random(11),
      float[5,6] p = random(12), float[6,5] q = random(13), float[1,1,1,8] along = random(14)
      """;

  private static Model model(String inputs, String nodes) {
    return GraphText.parse("g (" + inputs + ") => (y) <" + CONSTANTS + "> {" + nodes + "}");
  }

  private static void assertFolds(String expected, String inputs, String nodes, double tolerance) {
    Model model = model(inputs, nodes);
    Graph original = model.copy().graph();
    Simplification.simplify(model.graph());
    assertEquals(List.of(expected.split(" ")), model.graph().nodes().stream().map(n -> n.operator()).toList());
    for (int size : new int[] {1, 3}) {
      Map<String, Tensor> samples = Samples.of(original, size);
      assertArrayEquals(Elements.doubles(Interpreter.run(original, samples).getFirst()),
          Elements.doubles(Interpreter.run(model.graph(), samples).getFirst()), tolerance);
    }
  }

  @ParameterizedTest(name = "{1} -> {0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      Conv          | h = Conv(x, w) y = BatchNormalization(h, s, b, m, v)
      Conv          | h = Conv(x, w, b) y = BatchNormalization <epsilon = 0.1> (h, s, b, m, v)
      Conv          | h = Conv <group = 2> (x, grouped, b) y = BatchNormalization(h, s, b, m, v)
      Conv          | h = Conv(x, w) i = Mul(h, column) j = Add(short, i) y = BatchNormalization(j, s, b, m, v)
      Conv          | h = Conv(x, w, b) i = Sub(h, column) j = Div(i, half) y = Sub(half, j)
      ConvTranspose | h = ConvTranspose <group = 2> (x, transposed) y = BatchNormalization(h, s, b, m, v)
      ConvTranspose | h = ConvTranspose <group = 2> (x, transposed, b) y = Mul(h, column)
      Conv Mul      | h = Conv(x, w) y = Mul(h, along)
      Conv Div      | h = Conv(x, w) y = Div(half, h)
      Conv Mul Add  | h = Conv(x, w) i = Mul(h, column) y = Add(h, i)
      """)
  void intoConvolutions(String expected, String nodes) {
    assertFolds(expected, "float[N,4,10,10] x", nodes, 2e-5);
  }

  @ParameterizedTest(name = "{1} -> {0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      Gemm       | h = Gemm <alpha = 0.5, beta = 2.0> (x, p, b) y = BatchNormalization(h, s, b, m, v)
      Gemm       | h = Gemm <transB = 1, beta = 2.0> (x, q, wide) y = BatchNormalization(h, s, b, m, v)
      Gemm       | h = Gemm(x, p) y = Add(h, half)
      Gemm       | h = Gemm(x, p) y = Mul(wide, h)
      Gemm       | h = MatMul(x, p) y = Add(row, h)
      MatMul     | h = MatMul(x, p) y = Mul(h, row)
      """)
  void intoMatrixProducts(String expected, String nodes) {
    assertFolds(expected, "float[N,5] x", nodes, 1e-5);
  }

  @Test
  void productsOfMoreAxesTakeScalesButNoShifts() {
    assertFolds("MatMul Add", "float[N,3,5] x", "h = MatMul(x, p) i = Mul(h, row) y = Add(i, row)", 1e-5);
  }

  @Test
  void biasForEachRowStays() {
    assertFolds("Gemm Mul", "float[5,5] x", "h = Gemm(x, p, rows) y = Mul(h, row)", 1e-5);
  }

  @Test
  void narrowWeightsKeepTheirType() {
    Model model = GraphText.parse("""
        g (float16[N,4,5,5] x) => (y)
        < float16[2,4,3,3] w = random(1), float16[2] s = {0.5, 2}, float16[2] b = {1}, float16[2] v = {3} >
        { h = Conv(x, w)  y = BatchNormalization(h, s, b, b, v) }""");
    Simplification.simplify(model.graph());
    assertEquals("y = Conv(x, w, h_bias)", GraphText.print(model.graph()).lines().filter(l -> l.contains("Conv"))
        .findFirst().orElseThrow().strip());
    assertEquals("float16[2,4,3,3]", model.graph().value("w").tensor().toString());
    assertEquals("float16[2]", model.graph().value("h_bias").tensor().toString());
  }

  @Test
  void weightsThatAnotherLayerReadsStayForIt() {
    Model model = GraphText.parse("""
        g (float[N,5] x) => (y, z) < float[5,2] w = random(1), float[2] s = {2, 3} >
        { h = MatMul(x, w)  y = Mul(h, s)  z = MatMul(x, w) }""");
    Graph original = model.copy().graph();
    Simplification.simplify(model.graph());
    assertEquals(2, model.graph().nodes().size());
    Map<String, Tensor> samples = Samples.of(original, 2);
    List<Tensor> expected = Interpreter.run(original, samples);
    List<Tensor> actual = Interpreter.run(model.graph(), samples);
    for (int i = 0; i < 2; i++) {
      assertArrayEquals(expected.get(i).floats(), actual.get(i).floats(), 1e-6f);
    }
  }
}
