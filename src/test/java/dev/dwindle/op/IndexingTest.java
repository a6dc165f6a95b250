package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Attribute;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Gathering, scattering, selecting: places named by other tensors. */
class IndexingTest {
  private static Tensor count(long... dims) {
    Shape shape = Shape.of(dims);
    return Tensor.of(shape, LongStream.range(0, shape.size()).toArray());
  }

  private static Tensor integers(long... values) {
    return Tensor.of(Shape.of(values.length), values);
  }

  private static Attribute axis(long axis) {
    return Attribute.of("axis", axis);
  }

  @Test
  void gathersSlicesByIndexFromBothEnds() {
    Tensor rows = new OneNode(13, "Gather", count(3, 2), integers(-1, 0)).result();
    assertArrayEquals(new long[] {4, 5, 0, 1}, rows.longs());
    Tensor column = new OneNode(13, "Gather", count(3, 2), Tensor.scalar(1L)).with(axis(-1)).result();
    assertArrayEquals(new long[] {1, 3, 5}, column.longs());
    assertEquals(Shape.of(3, 0), new OneNode(13, "Gather", count(3, 2), integers()).with(axis(1)).result().shape());
    InvalidInputException beyond = assertThrows(InvalidInputException.class,
        () -> new OneNode(13, "Gather", count(3, 2), integers(3)).result());
    assertTrue(beyond.getMessage().endsWith("index is 3, expected -3 to 2"), beyond.getMessage());
  }

  @Test
  void gathersElementsAndTuples() {
    Tensor indices = Tensor.of(Shape.of(1, 2), 2L, -1L);
    assertArrayEquals(new long[] {2, 2}, new OneNode(13, "GatherElements", count(2, 3), indices).with(axis(1)).result()
        .longs());
    assertArrayEquals(new long[] {5},
        new OneNode(13, "GatherND", count(2, 3), Tensor.of(Shape.of(1, 2), 1L, -1L)).result()
            .longs());
    Tensor batched = new OneNode(13, "GatherND", count(2, 2, 2), Tensor.of(Shape.of(2, 1), 1L, 0L))
        .with(Attribute.of("batch_dims", 1)).result();
    assertArrayEquals(new long[] {2, 3, 4, 5}, batched.longs());
    assertThrows(InvalidInputException.class,
        () -> new OneNode(13, "GatherND", count(2, 3), Tensor.of(Shape.of(1, 3), 0L, 0L, 0L)).result());
  }

  @Test
  void scattersWithEveryReduction() {
    Tensor data = integers(1, 2, 3);
    Tensor places = integers(1, 1, -1);
    Tensor updates = integers(10, 4, 5);
    long[][] expected = {{1, 4, 5}, {1, 16, 8}, {1, 80, 15}, {1, 10, 5}, {1, 2, 3}};
    List<String> reductions = List.of("none", "add", "mul", "max", "min");
    for (int i = 0; i < reductions.size(); i++) {
      Attribute reduction = Attribute.of("reduction", reductions.get(i));
      Tensor elements = new OneNode(18, "ScatterElements", data, places, updates).with(reduction).result();
      assertArrayEquals(expected[i], elements.longs(), reductions.get(i));
      Tensor slices = new OneNode(18, "ScatterND", data, places.reshape(Shape.of(3, 1)), updates).with(reduction)
          .result();
      assertArrayEquals(expected[i], slices.longs(), reductions.get(i));
    }
    assertThrows(InvalidInputException.class,
        () -> new OneNode(18, "ScatterElements", data, integers(3), integers(0)).result());
  }

  @Test
  void tensorScatterWrapsOnlyWhereCircular() {
    Tensor cache = count(1, 4, 1);
    Tensor update = Tensor.of(Shape.of(1, 2, 1), 8L, 9L);
    Tensor circular = new OneNode(24, "TensorScatter", cache, update, integers(3))
        .with(Attribute.of("mode", "circular")).result();
    assertArrayEquals(new long[] {9, 1, 2, 8}, circular.longs());
    assertThrows(InvalidInputException.class,
        () -> new OneNode(24, "TensorScatter", cache, update, integers(3)).result());
  }

  @Test
  void selectsByConditionAndPosition() {
    Tensor picked = new OneNode(11, "Compress", count(2, 3), Tensor.of(Shape.of(2), false, true)).with(axis(-1))
        .result();
    assertArrayEquals(new long[] {1, 4}, picked.longs());
    assertArrayEquals(new long[] {0, 0, 1, 0, 2, 1}, new OneNode(13, "NonZero",
        Tensor.of(Shape.of(2, 3), 1f, 0f, Float.NaN, -0f, 5f, 0f)).result().longs());
    assertEquals(Shape.of(0, 1), new OneNode(13, "NonZero", Tensor.scalar(2f)).result().shape());
    assertArrayEquals(new long[] {0, 0, 0, 3, 0, 0}, new OneNode(14, "Trilu", count(2, 3), Tensor.scalar(-1L))
        .with(Attribute.of("upper", 0)).result().longs());
  }

  @Test
  void oneHotIgnoresIndicesBeyondTheDepth() {
    Tensor hot = new OneNode(11, "OneHot", integers(0, -1, 3), Tensor.scalar(3f), integers(5, 7)).with(axis(0))
        .result();
    assertArrayEquals(new long[] {7, 5, 5, 5, 5, 5, 5, 7, 5}, hot.longs());
  }

  @Test
  void uniqueKeepsOrderWhereNotSorted() {
    Tensor x = Tensor.of(Shape.of(5), 2f, Float.NaN, 1f, Float.NaN, 2f);
    List<Tensor> sorted = new OneNode(11, "Unique", x).outputs(4).results();
    assertArrayEquals(new float[] {1, 2, Float.NaN}, sorted.get(0).floats());
    assertArrayEquals(new long[] {2, 0, 1}, sorted.get(1).longs());
    assertArrayEquals(new long[] {1, 2, 0, 2, 1}, sorted.get(2).longs());
    assertArrayEquals(new long[] {1, 2, 2}, sorted.get(3).longs());
    List<Tensor> first = new OneNode(11, "Unique", x).with(Attribute.of("sorted", 0)).outputs(4).results();
    assertArrayEquals(new float[] {2, Float.NaN, 1}, first.get(0).floats());
    assertEquals(Shape.of(0), new OneNode(11, "Unique", count(0)).result().shape());
  }

  @Test
  void sortKeysKeepTheOrderOfEveryType() {
    Tensor unsigned = Elements.ofLongs(DType.UINT64, Shape.of(3), new long[] {-1, 0, Long.MIN_VALUE});
    Tensor top = new OneNode(11, "TopK", unsigned, integers(2)).outputs(2).results().get(1);
    assertArrayEquals(new long[] {0, 2}, top.longs());
    Tensor floats = Tensor.of(Shape.of(4), -0f, 0f, -3f, Float.NEGATIVE_INFINITY);
    List<Tensor> least = new OneNode(11, "TopK", floats, integers(3)).with(Attribute.of("largest", 0)).outputs(2)
        .results();
    assertArrayEquals(new long[] {3, 2, 0}, least.get(1).longs());
    assertThrows(InvalidInputException.class, () -> new OneNode(11, "TopK", floats, integers(5)).outputs(2).results());
  }
}
