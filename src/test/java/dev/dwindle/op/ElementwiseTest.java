package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.graph.Attribute;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Corners of the elementwise operators that ONNX's node tests leave out. */
class ElementwiseTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  private static Tensor floats(float... x) {
    return Tensor.of(Shape.of(x.length), x);
  }

  private static Tensor integers(DType type, long... x) {
    return Elements.ofLongs(type, Shape.of(x.length), x);
  }

  private static float[] floats(int opset, String operator, Tensor... inputs) {
    return Elements.floats(new OneNode(opset, operator, inputs).result());
  }

  private static long[] longs(int opset, String operator, Tensor... inputs) {
    return Elements.longs(new OneNode(opset, operator, inputs).result());
  }

  @Test
  void integersWrapAroundAtTheirWidth() {
    assertArrayEquals(new long[] {-128, 4}, longs(14, "Add", integers(DType.INT8, 127, 2), integers(DType.INT8, 1, 2)));
    assertArrayEquals(new long[] {255}, longs(14, "Sub", integers(DType.UINT8, 0), integers(DType.UINT8, 1)));
    assertArrayEquals(new long[] {Integer.MIN_VALUE},
        longs(14, "Mul", integers(DType.INT32, 1 << 30), integers(DType.INT32, 2)));
    assertArrayEquals(new long[] {Integer.MIN_VALUE},
        longs(14, "Div", integers(DType.INT32, Integer.MIN_VALUE), integers(DType.INT32, -1)));
    assertArrayEquals(new long[] {-128}, longs(13, "Neg", integers(DType.INT8, -128)));
    assertArrayEquals(new long[] {1, -128},
        longs(15, "Pow", integers(DType.INT8, 127, 2), integers(DType.INT32, 2, 7)));
  }

  @Test
  void unsignedIntegersOf64BitsHaveTheirUpperHalf() {
    Tensor big = integers(DType.UINT64, -2, 4);
    Tensor small = integers(DType.UINT64, 3, 3);
    assertArrayEquals(new long[] {Long.divideUnsigned(-2, 3), 1}, longs(14, "Div", big, small));
    assertArrayEquals(new long[] {-2, 4}, longs(13, "Max", big, small));
    assertArrayEquals(new long[] {3, 3}, longs(13, "Min", big, small));
    assertArrayEquals(new long[] {1, 1}, longs(13, "Greater", big, small));
    assertArrayEquals(new long[] {Long.remainderUnsigned(-2, 3), 1}, longs(13, "Mod", big, small));
    assertArrayEquals(new long[] {-2, 4}, longs(13, "Clip", big, Elements.ofLongs(DType.UINT64, Shape.SCALAR,
        new long[] {2})));
  }

  @Test
  void quotientsOfIntegersGoTowardsZeroAndByZeroGiveZero() {
    assertArrayEquals(new long[] {-2, 2, -2, 0},
        longs(14, "Div", integers(DType.INT32, -5, 5, 5, 7), integers(DType.INT32, 2, 2, -2, 0)));
  }

  @ParameterizedTest
  @CsvSource({"5,3,2,2", "-5,3,1,-2", "5,-3,-1,2", "-5,-3,-2,-2", "-6,3,0,0"})
  void remaindersTakeTheSignOfTheDivisorOrOfTheDividend(int a, int b, int floored, int truncated) {
    assertArrayEquals(new long[] {floored}, longs(13, "Mod", integers(DType.INT8, a), integers(DType.INT8, b)));
    assertArrayEquals(new float[] {floored}, floats(28, "Mod", floats(a), floats(b)), 0);
    Attribute fmod = Attribute.of("fmod", 1);
    assertEquals(truncated,
        Elements.floats(new OneNode(13, "Mod", floats(a), floats(b)).with(fmod).result())[0], 0);
  }

  @Test
  void remaindersOfSpecialNumbers() {
    assertArrayEquals(new float[] {-0f, NAN, NAN, -INF, 3, NAN},
        floats(28, "Mod", floats(0, INF, 1, 3, 3, NAN), floats(-2, 1, 0, -INF, INF, 1)));
    OneNode old = new OneNode(13, "Mod", floats(1), floats(1));
    assertThrows(InvalidInputException.class, old::result);
  }

  @Test
  void powersAsIeeeHasThem() {
    assertArrayEquals(new float[] {1, 1, 1, NAN, 0.25f, INF},
        floats(15, "Pow", floats(1, -1, NAN, -8, -2, 0), floats(NAN, INF, 0, 1 / 3f, -2, -1)));
    assertArrayEquals(new long[] {9, -27, 0, 1},
        longs(15, "Pow", integers(DType.INT64, 3, -3, 2, 1), integers(DType.INT64, 2, 3, -1, -5)));
    assertArrayEquals(new long[] {3}, longs(15, "Pow", integers(DType.INT32, 10), floats(0.5f)));
  }

  @Test
  void notANumberIsNeitherLessNorEqualButLargest() {
    assertArrayEquals(new long[] {0, 0}, longs(13, "Equal", floats(NAN, 1), floats(NAN, 2)));
    assertArrayEquals(new long[] {0, 1}, longs(16, "GreaterOrEqual", floats(NAN, 1), floats(1, 1)));
    assertArrayEquals(new float[] {NAN, 2, NAN}, floats(13, "Max", floats(NAN, 1, 0), floats(1, 2, NAN)));
    assertArrayEquals(new float[] {NAN, 0, 6}, floats(13, "Clip", floats(NAN, -3, INF), Tensor.scalar(0f),
        Tensor.scalar(6f)));
  }

  @Test
  void clipWithCrossedEndsGivesTheUpperOne() {
    assertArrayEquals(new float[] {1, 1}, floats(13, "Clip", floats(0, 9), Tensor.scalar(5f), Tensor.scalar(1f)));
    assertArrayEquals(new float[] {-1, 9}, floats(13, "Clip", floats(-7, 9), Tensor.scalar(-1f)));
    assertArrayEquals(new float[] {-7, 2}, floats(13, "Clip", floats(-7, 9), null, Tensor.scalar(2f)));
    assertArrayEquals(new float[] {0, 6}, Elements.floats(new OneNode(6, "Clip", floats(-1, 9))
        .with(Attribute.of("min", 0f)).with(Attribute.of("max", 6f)).result()));
  }

  @Test
  void shiftsByTheWidthOrMoreLeaveOnlyTheSign() {
    Tensor x = integers(DType.INT8, -7, -7, 7, -7);
    Tensor by = integers(DType.INT8, 1, 8, 9, -1);
    Attribute right = Attribute.of("direction", "RIGHT");
    Attribute left = Attribute.of("direction", "LEFT");
    assertArrayEquals(new long[] {-4, -1, 0, -1},
        Elements.longs(new OneNode(28, "BitShift", x, by).with(right).result()));
    assertArrayEquals(new long[] {-14, 0, 0, 0},
        Elements.longs(new OneNode(28, "BitShift", x, by).with(left).result()));
  }

  @Test
  void chosenElementsOfEveryWidth() {
    Tensor condition = Tensor.of(Shape.of(3, 1), true, false, true);
    for (DType type : new DType[] {DType.UINT8, DType.FLOAT16, DType.INT32, DType.DOUBLE}) {
      Tensor x = type.isFloating() ? Elements.ofDoubles(type, Shape.of(2), new double[] {1, 2})
          : Elements.ofLongs(type, Shape.of(2), new long[] {1, 2});
      Tensor y = type.isFloating() ? Elements.ofDoubles(type, Shape.SCALAR, new double[] {7})
          : Elements.ofLongs(type, Shape.SCALAR, new long[] {7});
      assertArrayEquals(new double[] {1, 2, 7, 7, 1, 2},
          Elements.doubles(new OneNode(16, "Where", condition, x, y).result()), type.text());
    }
  }

  @Test
  void theErrorFunctionToDoublePrecision() {
    double[] x = {0, 1e-8, 0.5, 1, 2, 2.4999, 2.5001, 3.5, 5.9, 6.1, -0.5, Double.NEGATIVE_INFINITY};
    // By Simpson's rule on the definition, 2/sqrt(pi) times the integral of exp(-t^2).
    for (double v : x) {
      assertEquals(Double.isInfinite(v) ? -1 : integral(v), ErrorFunction.erf(v), 2e-14, "erf " + v);
    }
    assertEquals(Double.NaN, ErrorFunction.erf(Double.NaN));
  }

  private static double integral(double end) {
    int steps = 4_000;
    double h = end / steps;
    double sum = 1 + Math.exp(-end * end);
    for (int i = 1; i < steps; i++) {
      double t = i * h;
      sum += (i % 2 == 0 ? 2 : 4) * Math.exp(-t * t);
    }
    return 2 / Math.sqrt(Math.PI) * sum * h / 3;
  }

  @Test
  void activationsDoNotOverflow() {
    assertArrayEquals(new float[] {0, 1, NAN}, floats(13, "Sigmoid", floats(-1e30f, 1e30f, NAN)));
    assertArrayEquals(new float[] {0, 1e30f, INF}, floats(22, "Softplus", floats(-1e30f, 1e30f, INF)));
    assertArrayEquals(new float[] {-1, 1e30f}, floats(22, "Elu", floats(-1e30f, 1e30f)));
  }

  @Test
  void halvesAreRoundedOnce() {
    Tensor a = Elements.ofFloats(DType.FLOAT16, Shape.of(2), new float[] {2048, 1});
    Tensor b = Elements.ofFloats(DType.FLOAT16, Shape.of(2), new float[] {1, 0x1p-11f});
    assertArrayEquals(new float[] {2048, 1}, floats(14, "Add", a, b));
    Tensor third = Elements.ofFloats(DType.FLOAT16, Shape.of(2), new float[] {1, 0x1.8p-11f});
    assertArrayEquals(new float[] {2048, 1 + 0x1p-10f}, floats(14, "Add", a, third));
  }

  @Test
  void inferenceModeOfDropoutKeepsEverything() {
    OneNode dropout = new OneNode(13, "Dropout", floats(1, 2), Tensor.scalar(0.5f)).outputs(2);
    var results = dropout.results();
    assertArrayEquals(new float[] {1, 2}, Elements.floats(results.get(0)));
    assertArrayEquals(new long[] {1, 1}, Elements.longs(results.get(1)));
    OneNode training = new OneNode(13, "Dropout", floats(1, 2), Tensor.scalar(0.5f), Tensor.of(Shape.SCALAR, true));
    assertThrows(InvalidInputException.class, training::result);
  }
}
