package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.Equalization.Site;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EqualizationTest {
  private static final String CONSTANTS = """
      float[6,4,3,3] w = random(1), float[6] b = random(2), float[6,1,3,3] d = random(3), float[6] t = random(4),
      float[5,6,1,1] v = random(5), float[4,3,1,1] grouped = random(6), float[12,1,3,3] wider = random(7),
      float[6,1,1] slopes = random(8), float[384,5] p = random(9), float[5,384] q = random(10), float[5] s = random(11),
      float[24,5] after = random(12), float[5,3] m = random(13), float[3,5] n = random(14), float[1] one = {0.5},
      float[6,6,1,1] square = random(15)
      """;

  private static Model model(String nodes) {
    return GraphText.parse("g (float[N,4,10,10] x) => (y) <" + CONSTANTS + "> {" + nodes + "}");
  }

  private static int[] steps(Site site) {
    int[] steps = new int[site.channels()];
    for (int c = 0; c < steps.length; c++) steps[c] = 7 * c % (Equalization.MOST_STEPS + 1);
    return steps;
  }

  private static void assertSame(Model expected, Model found) {
    for (int batch : new int[] {1, 3}) {
      Map<String, Tensor> samples = Samples.of(expected.graph(), batch);
      double[] a = Elements.doubles(Interpreter.run(expected.graph(), samples).getFirst());
      double[] b = Elements.doubles(Interpreter.run(found.graph(), samples).getFirst());
      double largest = 0;
      for (double each : a) largest = Math.max(largest, Math.abs(each));
      assertArrayEquals(a, b, 1e-6 * largest);
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      1 | h = Conv(x, w, b) y = Conv(h, v)
      2 | h = Conv(x, w, b) i = LeakyRelu(h) j = Conv <group = 6, pads = [1,1,1,1]> (i, d, t) k = Relu(j) y = Conv(k, v)
      1 | h = Conv(x, w) i = Relu(h) j = MaxPool <kernel_shape = [2,2], strides = [2,2]> (i) y = Conv <group = 2> (j, grouped)
      1 | h = Conv(x, w, b) i = PRelu(h, slopes) j = AveragePool <kernel_shape = [3,3], pads = [1,1,1,1]> (i) y = Conv <group = 6> (j, wider)
      1 | h = Conv(x, w, b) i = Relu(h) j = Flatten(i) y = Gemm(j, p, s)
      1 | h = Conv(x, w, b) i = Flatten(h) y = Gemm <alpha = 0.5, beta = 2.0, transB = 1> (i, q, s)
      2 | h = Conv(x, w, b) i = Flatten(h) j = Gemm(i, p, s) k = Relu(j) y = Gemm(k, m)
      2 | h = Conv(x, w, b) i = Flatten(h) j = Gemm <transB = 1> (i, q) k = Identity(j) y = Gemm <transB = 1> (k, n)
      1 | h = Conv(x, w, b) i = GlobalMaxPool(h) j = Relu(h) k = Conv(j, v) l = Conv(i, square) m1 = GlobalAveragePool(l) o = ReduceMean(k) y = Add(m1, o)
      """)
  void leavesWhatIsComputedAsItIs(int places, String nodes) {
    Model original = model(nodes);
    Model model = original.copy();
    List<Site> sites = Equalization.sites(model.graph());
    assertEquals(places, sites.size());
    assertFalse(Equalization.isIn(model));
    sites.forEach(site -> Equalization.divide(site, steps(site)));
    assertSame(original, model);
    assertTrue(Equalization.isIn(model));
    Set<String> divided = Equalization.unlike(model, original);
    assertEquals(places, divided.size());
    // The other model gets the very same constants.
    Model other = original.copy();
    Equalization.repeat(model, other);
    assertEquals(Set.of(), Equalization.unlike(model, other));
    model.graph().nodes().forEach(node -> node.inputs().stream().filter(v -> v != null && v.isConstant())
        .forEach(v -> assertTrue(v.tensor().contentEquals(other.graph().value(v.name()).tensor()), v.name())));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      y = Conv(x, w, b)
      h = Conv(x, w, b) i = Sigmoid(h) y = Conv(i, v)
      h = Conv(x, w, b) i = Conv(h, square) y = Add(h, i)
      h = Conv(x, w, b) i = Clip(h, one) y = Conv(i, v)
      h = Conv(x, w, b) y = BatchNormalization(h, b, t, b, t)
      h = Conv(x, w, b) i = Flatten <axis = 2> (h) y = Identity(i)
      h = Conv(x, w, b) i = Conv(x, w, b) j = Conv(h, square) k = Conv(i, square) y = Add(j, k)
      h = Conv(x, w, b) u = Neg(v) y = Conv(h, u)
      """)
  void refusesWhatWouldChange(String nodes) {
    assertEquals(List.of(), Equalization.sites(model(nodes).graph()));
  }

  @Test
  void sharesTellTheLargestPartInAnyOutput() {
    Model model = GraphText.parse("""
        g (float[1,3,1,1] x) => (y) <float[3,3,1,1] w = random(1), float[2,3,1,1] v = {4, -1, 0, 1, 2, 0}> {
          h = Conv(x, w)
          y = Conv(h, v)
        }
        """);
    assertArrayEquals(new float[] {1, 1, 0}, Equalization.shares(model.graph().value("y").producer(), 3));
    assertArrayEquals(new float[] {1, 0.25f, 0}, Equalization.shares(GraphText.parse("""
        g (float[1,3] x) => (y) <float[3,2] w = {4, 8, -1, 2, 0, 0}> { y = Gemm(x, w) }
        """).graph().value("y").producer(), 3));
  }

  @Test
  void whatAnotherModelHasNotIsTold() {
    Model model = model("h = Conv(x, w, b) i = Relu(h) y = Conv(i, v)");
    Site site = Equalization.sites(model.graph()).getFirst();
    assertFalse(site.isDepthwise());
    Equalization.divide(site, steps(site));
    Model other = model("h = Conv(x, w, b) i = Sigmoid(h) y = Conv(i, v)");
    Model before = other.copy();
    Equalization.repeat(model, other);
    assertEquals(Set.of("h"), Equalization.unlike(model, other));
    assertSame(before, other);
    assertEquals(Set.of("h"), Equalization.unlike(other, model));
    // What was divided once is no place any more.
    assertEquals(List.of(), Equalization.sites(model.graph()));
    assertTrue(
        Equalization.sites(model("h = Conv(x, w) y = Conv <group = 6> (h, d)").graph()).getFirst().isDepthwise());
  }
}
