package dev.dwindle.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.op.Bins;
import dev.dwindle.quant.Affine;
import dev.dwindle.tensor.DType;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElementFunctionTest {
  private static Graph graph(String nodes) {
    return GraphText.parse(
        "g (float[2,3] x, float[2,3] z) => (y) <float[] three = {3}, float[] zero = {0}, float[] six = {6}, float[3] row = {1, 2, 3}, "
            + "float[] half = {0.5}, float[] root = {0.70710678}, float[] one = {1}> { h = Neg(x) " + nodes + " }")
        .graph();
  }

  private static Distribution distribution(float[] elements) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float x : elements) {
      min = Math.min(min, x);
      max = Math.max(max, x);
    }
    Bins bins = Bins.covering(min, max, 4096);
    long[] counts = new long[4096];
    for (float x : elements) counts[(int) bins.place(x)]++;
    return new Distribution(new Range(min, max), counts);
  }

  private static float[] bell(int count) {
    Random random = new Random(5);
    float[] elements = new float[count];
    for (int i = 0; i < count; i++) elements[i] = (float) (3 * random.nextGaussian());
    return elements;
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      leaky | i = LeakyRelu <alpha = 0.1> (h) y = Add(i, z)
      swish | s = HardSigmoid <alpha = 0.16666667, beta = 0.5> (h) i = Mul(h, s) y = Add(i, z)
      swish | a = Add(h, three) b = Clip(a, zero, six) c = Mul(h, b) i = Div(c, six) y = Add(i, z)
      gelu  | a = Mul(h, root) b = Erf(a) c = Add(b, one) d = Mul(h, c) i = Mul(d, half) y = Add(i, z)
      """)
  void isTheWholeOfWhatIsBehindAValue(String name, String nodes) {
    DoubleUnaryOperator expected = switch (name) {
      case "leaky" -> x -> x >= 0 ? x : 0.1 * x;
      case "swish" -> x -> x * Math.clamp(x / 6 + 0.5, 0, 1);
      default -> x -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
    };
    Distribution distribution = distribution(bell(10_000));
    // The function that is closed first: of a product that is divided at last it is the product.
    double last = nodes.contains("Div(c, six)") ? 6 : nodes.contains("Mul(d, half)") ? 2 : 1;
    DoubleUnaryOperator found = ElementFunction.behind(graph(nodes).value("h")).over(distribution);
    for (double x = distribution.range().min(); x <= distribution.range().max(); x += 0.01) {
      assertEquals(last * expected.applyAsDouble(x), found.applyAsDouble(x), 2e-3, name + " at " + x);
    }
  }

  /** By its series, far out by its limit. */
  private static double erf(double x) {
    if (Math.abs(x) > 4) return Math.signum(x);
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      a row of numbers    | i = Mul(h, row) y = Relu(i)
      another activation  | i = Mul(h, z) y = Relu(i)
      a way around        | i = LeakyRelu(h) j = Softmax(h) y = Add(i, j)
      an output           | y = Identity(h) i = Relu(y)
      """)
  void isNoneWhereSomethingElseReads(String what, String nodes) {
    Graph graph = graph(nodes);
    assertNull(ElementFunction.behind(graph.value(what.equals("an output") ? "y" : "h")), what);
  }

  @Test
  void aStraightOneIsNone() {
    assertNull(ElementFunction.behind(graph("y = Mul(h, three)").value("h")));
    ElementFunction function = ElementFunction.behind(graph("y = LeakyRelu(h) i = Neg(y)").value("h"));
    float[] above = bell(1000);
    for (int i = 0; i < above.length; i++) above[i] = Math.abs(above[i]);
    assertTrue(function.bends(distribution(bell(1000))));
    assertFalse(function.bends(distribution(above)));
    assertEquals(distribution(above).range(),
        SquaredError.least(distribution(above), ElementFunctionTest::uint8, function));
  }

  private static Affine uint8(Range range) {
    return Affine.covering(range.min(), range.max(), DType.UINT8, false);
  }

  @Test
  void theLeastErrorBehindItIsThatOfASearchOverAllElements() {
    float[] elements = bell(20_000);
    ElementFunction function = ElementFunction
        .behind(graph("i = LeakyRelu <alpha = 0.1> (h) y = Add(i, z)").value("h"));
    Distribution distribution = distribution(elements);
    Range full = distribution.range();
    Range found = SquaredError.least(distribution, ElementFunctionTest::uint8, function);
    double least = Double.POSITIVE_INFINITY;
    for (int i = 1; i <= 40; i++) {
      for (int k = 1; k <= 40; k++) {
        least = Math.min(least, error(elements, uint8(new Range(full.min() * i / 40, full.max() * k / 40))));
      }
    }
    double error = error(elements, uint8(found));
    assertTrue(error <= 1.02 * least, found + " errs by " + error + ", the best of the search by " + least);
    double whole = error(elements, uint8(full));
    assertTrue(error <= 0.9 * whole, "what is nearly lost behind it takes few steps: " + error + " of " + whole);
  }

  private static double error(float[] elements, Affine affine) {
    double sum = 0;
    for (float x : elements) {
      double y = affine.dequantize(affine.quantize(x));
      sum += Math.pow((x >= 0 ? x : 0.1 * x) - (y >= 0 ? y : 0.1 * y), 2);
    }
    return sum;
  }
}
