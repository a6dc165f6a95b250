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
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReductionTest {
  private static Tensor integers(long... values) {
    return Tensor.of(Shape.of(values.length), values);
  }

  private static Tensor random(long... dims) {
    Random random = new Random(3);
    float[] values = new float[Shape.of(dims).intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(Shape.of(dims), values);
  }

  @ParameterizedTest
  @CsvSource({"ReduceSum,0", "ReduceProd,1", "ReduceMax,-Infinity", "ReduceMin,Infinity", "ReduceMean,NaN",
      "ReduceL1,0",
      "ReduceL2,0", "ReduceSumSquare,0", "ReduceLogSum,-Infinity", "ReduceLogSumExp,-Infinity"})
  void anEmptySetHasANeutralResult(String operator, float expected) {
    Tensor folded = new OneNode(20, operator, random(2, 0, 3), integers(1)).result();
    assertEquals(Shape.of(2, 1, 3), folded.shape());
    assertEquals(expected, folded.floats()[5]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "-1", "0,2", "2,0", "1,2", "0,1,2,3", "1,3"})
  void foldsAnyAxesWithAndWithoutKeepingThem(String text) {
    String[] parts = text.split(",");
    long[] axes = java.util.Arrays.stream(parts).mapToLong(Long::parseLong).toArray();
    Tensor x = random(2, 3, 4, 5);
    Tensor kept = new OneNode(18, "ReduceSum", x, integers(axes)).result();
    float[] expected = new float[kept.shape().intSize()];
    for (int i = 0; i < 120; i++) {
      long[] index = {i / 60, i / 20 % 3, i / 5 % 4, i % 5};
      int at = 0;
      for (int axis = 0; axis < 4; axis++) {
        at += (int) (kept.shape().dim(axis) == 1 ? 0 : index[axis] * kept.shape().strides()[axis]);
      }
      expected[at] += x.floats()[i];
    }
    assertArrayEquals(expected, kept.floats(), 1e-5f);
    Tensor dropped = new OneNode(18, "ReduceSum", x, integers(axes)).with(Attribute.of("keepdims", 0)).result();
    assertEquals(4 - axes.length, dropped.shape().rank());
    assertArrayEquals(kept.floats(), dropped.floats());
  }

  @Test
  void noAxesMeanAllUnlessNoop() {
    Tensor x = Tensor.of(Shape.of(2), -3f, 2f);
    assertArrayEquals(new float[] {13}, new OneNode(18, "ReduceSumSquare", x).result().floats());
    Attribute noop = Attribute.of("noop_with_empty_axes", 1);
    assertArrayEquals(new float[] {9, 4}, new OneNode(18, "ReduceSumSquare", x).with(noop).result().floats());
    assertArrayEquals(new float[] {-3, 2}, new OneNode(13, "ReduceSum", x, integers()).with(noop).result().floats());
    assertEquals(7f, new OneNode(18, "ReduceMean", Tensor.scalar(7f)).result().floats()[0]);
  }

  @Test
  void everyIntegerTypeKeepsItsRange() {
    Tensor unsigned = Elements.ofLongs(DType.UINT64, Shape.of(2), new long[] {-1, 1});
    assertEquals(-1, Elements.longs(new OneNode(18, "ReduceMax", unsigned).result())[0]);
    assertEquals(1, Elements.longs(new OneNode(18, "ReduceMin", unsigned).result())[0]);
    Tensor bytes = Tensor.of(DType.INT8, Shape.of(3), (byte) -128, (byte) -2, (byte) -3);
    assertEquals(-2, Elements.longs(new OneNode(18, "ReduceMax", bytes).result())[0]);
    assertEquals(123, Elements.longs(new OneNode(18, "ReduceSum", bytes).result())[0], "the sum wraps");
    Tensor flags = Tensor.of(Shape.of(2), false, true);
    assertEquals(DType.BOOL, new OneNode(20, "ReduceMin", flags).result().dtype());
    assertEquals(0, Elements.longs(new OneNode(20, "ReduceMin", flags).result())[0]);
  }

  @Test
  void logSumExpDoesNotOverflow() {
    Tensor x = Tensor.of(Shape.of(2), 1000f, 1000f);
    assertEquals(1000 + Math.log(2), new OneNode(18, "ReduceLogSumExp", x).result().floats()[0], 1e-4);
    Tensor nothing = Tensor.of(Shape.of(2), Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
    assertEquals(Float.NEGATIVE_INFINITY, new OneNode(18, "ReduceLogSumExp", nothing).result().floats()[0]);
  }

  @ParameterizedTest
  @EnumSource(value = Reduction.Kind.class, names = {"L1", "L2", "SUM_SQUARE", "LOG_SUM", "LOG_SUM_EXP"})
  void decomposesInEveryVersion(Reduction.Kind kind) {
    String operator = new Reduction(kind).name();
    Tensor x = Tensor.of(Shape.of(2, 2), 1f, 2f, 3f, 4f);
    for (int opset : new int[] {11, 13, 18}) {
      Attribute drop = Attribute.of("keepdims", 0);
      OneNode whole = opset < 18 ? axes(new OneNode(opset, operator, x)) : new OneNode(opset, operator, x, integers(1));
      OneNode parts = opset < 18 ? axes(new OneNode(opset, operator, x)) : new OneNode(opset, operator, x, integers(1));
      assertArrayEquals(whole.with(drop).result().floats(), parts.with(drop).decomposed().getFirst().floats(), 1e-5f);
    }
  }

  private static OneNode axes(OneNode node) {
    return node.with(Attribute.of("axes", new long[] {1}));
  }

  @Test
  void argTakesTheFirstOrTheLastOfEqualOnes() {
    Tensor x = Tensor.of(Shape.of(2, 3), 5f, 7f, 7f, 1f, 0f, 1f);
    Attribute axis = Attribute.of("axis", -1);
    assertArrayEquals(new long[] {1, 0}, new OneNode(13, "ArgMax", x).with(axis).result().longs());
    Tensor last = new OneNode(13, "ArgMax", x).with(axis).with(Attribute.of("select_last_index", 1))
        .with(Attribute.of("keepdims", 0)).result();
    assertArrayEquals(new long[] {2, 2}, last.longs());
    assertEquals(Shape.of(2), last.shape());
    assertArrayEquals(new long[] {1, 1, 1}, new OneNode(13, "ArgMin", x).result().longs());
    assertThrows(InvalidInputException.class, () -> new OneNode(13, "ArgMax", random(2, 0)).with(axis).result());
  }

  @Test
  void cumulatesForwardsBackwardsAndExclusively() {
    Tensor x = Tensor.of(Shape.of(2, 3), 1L, 2L, 3L, 4L, 5L, 6L);
    assertArrayEquals(new long[] {1, 3, 6, 4, 9, 15},
        new OneNode(14, "CumSum", x, Tensor.scalar(-1L)).result().longs());
    Tensor after = new OneNode(26, "CumProd", x, Tensor.scalar(1L)).with(Attribute.of("exclusive", 1))
        .with(Attribute.of("reverse", 1)).result();
    assertArrayEquals(new long[] {6, 3, 1, 30, 6, 1}, after.longs());
    assertEquals(Shape.of(0, 3), new OneNode(14, "CumSum", Tensor.of(Shape.of(0, 3), new long[0]), Tensor.scalar(0L))
        .result().shape());
  }
}
