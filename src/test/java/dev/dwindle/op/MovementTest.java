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
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Permuting, slicing, joining, padding: elements move, whatever their type. */
class MovementTest {
  private static Tensor integers(long... values) {
    return Tensor.of(Shape.of(values.length), values);
  }

  private static Tensor count(long... dims) {
    Shape shape = Shape.of(dims);
    return Tensor.of(shape, LongStream.range(0, shape.size()).toArray());
  }

  private static Attribute ints(String name, long... values) {
    return Attribute.of(name, values);
  }

  @ParameterizedTest
  @EnumSource(value = DType.class, names = {"STRING"}, mode = EnumSource.Mode.EXCLUDE)
  void transposesEveryType(DType dtype) {
    Shape shape = Shape.of(3, 5);
    byte[] bytes = new byte[(int) dtype.bytes(shape.size())];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (dtype == DType.BOOL ? i & 1 : 37 * i + 11);
    }
    if (dtype.bits() < 8) {
      bytes[bytes.length - 1] &= (byte) ((1 << 15 * dtype.bits() % 8) - 1);
    }
    Tensor x = Tensor.of(dtype, shape, bytes);
    Tensor turned = new OneNode(25, "Transpose", x).result();
    assertEquals(Shape.of(5, 3), turned.shape());
    assertArrayEquals(bytes, new OneNode(25, "Transpose", turned).result().bytes());
    if (dtype.isInteger()) {
      assertEquals(Elements.longs(x)[7], Elements.longs(turned)[7], "row 1, column 2 becomes row 2, column 1");
      assertEquals(Elements.longs(x)[5], Elements.longs(turned)[1]);
    }
  }

  @Test
  void stringsMoveToo() {
    Tensor words = Tensor.ofStrings(Shape.of(3), Stream.of("a", "", "ü").map(s -> s.getBytes(StandardCharsets.UTF_8))
        .toList());
    Tensor backwards = new OneNode(13, "Slice", words, integers(-1), integers(-9), integers(0), integers(-1)).result();
    assertArrayEquals("ü".getBytes(StandardCharsets.UTF_8), backwards.strings().getFirst());
    assertEquals(4, new OneNode(13, "Concat", words, words.reshape(Shape.of(3))).with(Attribute.of("axis", 0)).result()
        .strings().stream().filter(s -> s.length > 0).count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0,9,1:0,1,2,3,4,5,6", "1,-1,2:1,3,5", "-2,-99,-2:5,3,1", "5,2,1:", "9,0,-3:6,3",
      "0,-99,-1:0",
      "-99,3,1:0,1,2", "6,6,1:", "3,2147483647,2:3,5", "2,-9223372036854775808,-1:2,1,0"})
  void slicesAsNumPyDoes(String text) {
    long[] bounds = numbers(text.split(":", 2)[0]);
    long[] expected = numbers(text.split(":", 2)[1]);
    Tensor cut = new OneNode(13, "Slice", count(7), integers(bounds[0]), integers(bounds[1]), integers(0),
        integers(bounds[2])).result();
    assertArrayEquals(expected, cut.longs());
    Tensor rows = new OneNode(13, "Slice", count(2, 7), integers(bounds[0]), integers(bounds[1]), integers(-1),
        integers(bounds[2])).result();
    assertEquals(Shape.of(2, expected.length), rows.shape());
  }

  private static long[] numbers(String text) {
    return text.isEmpty() ? new long[0] : Arrays.stream(text.split(",")).mapToLong(Long::parseLong).toArray();
  }

  @Test
  void oldSlicesTakeAttributes() {
    Tensor cut = new OneNode(9, "Slice", count(3, 4)).with(ints("starts", 1)).with(ints("ends", 3))
        .with(ints("axes", 1))
        .result();
    assertArrayEquals(new long[] {1, 2, 5, 6, 9, 10}, cut.longs());
    assertThrows(InvalidInputException.class,
        () -> new OneNode(13, "Slice", count(3), integers(0), integers(2), integers(0), integers(0)).result());
  }

  @Test
  void splitsEvenlyByCountAndBySizes() {
    List<Tensor> parts = new OneNode(18, "Split", count(7)).with(Attribute.of("num_outputs", 3)).outputs(3).results();
    assertArrayEquals(new long[] {6}, parts.get(2).longs());
    List<Tensor> sized = new OneNode(13, "Split", count(2, 3), integers(0, 3)).with(Attribute.of("axis", -1)).outputs(2)
        .results();
    assertEquals(Shape.of(2, 0), sized.get(0).shape());
    assertArrayEquals(new long[] {0, 1, 2, 3, 4, 5}, sized.get(1).longs());
    assertThrows(InvalidInputException.class, () -> new OneNode(13, "Split", count(7)).outputs(3).results());
    assertThrows(InvalidInputException.class,
        () -> new OneNode(13, "Split", count(7), integers(3, 3)).outputs(2).results());
  }

  @Test
  void concatTakesEmptyPartsAndRefusesOtherShapes() {
    Tensor joined = new OneNode(13, "Concat", count(2, 0), count(2, 3), count(2, 1)).with(Attribute.of("axis", -1))
        .result();
    assertArrayEquals(new long[] {0, 1, 2, 0, 3, 4, 5, 1}, joined.longs());
    assertThrows(InvalidInputException.class,
        () -> new OneNode(13, "Concat", count(2, 3), count(3, 3)).with(Attribute.of("axis", 1)).result());
  }

  @Test
  void expandAndTileRepeat() {
    assertArrayEquals(new long[] {0, 0, 1, 1, 2, 2}, new OneNode(13, "Expand", count(3, 1), integers(1, 2)).result()
        .longs());
    assertEquals(Shape.of(0, 3, 2), new OneNode(13, "Expand", count(3, 2), integers(0, 1, 1)).result().shape());
    assertArrayEquals(new long[] {0, 1, 0, 1, 0, 1, 0, 1}, new OneNode(13, "Tile", count(1, 2), integers(2, 2)).result()
        .longs());
    assertEquals(Shape.of(0, 2), new OneNode(13, "Tile", count(3, 2), integers(0, 1)).result().shape());
    assertThrows(InvalidInputException.class, () -> new OneNode(13, "Expand", count(3), integers(2)).result());
  }

  private static long[] padded(String mode, long begin, long end) {
    return new OneNode(19, "Pad", count(4), integers(begin, end)).with(Attribute.of("mode", mode)).result().longs();
  }

  @Test
  void padsInEveryModeAndTakesAwayWhereNegative() {
    assertArrayEquals(new long[] {0, 0, 0, 1, 2, 3, 0}, padded("constant", 2, 1));
    assertArrayEquals(new long[] {0, 0, 0, 1, 2, 3, 3}, padded("edge", 2, 1));
    assertArrayEquals(new long[] {2, 1, 0, 1, 2, 3, 2}, padded("reflect", 2, 1));
    assertArrayEquals(new long[] {2, 3, 0, 1, 2, 3, 0}, padded("wrap", 2, 1));
    assertArrayEquals(new long[] {1, 2, 3, 3}, padded("edge", -1, 1));
    assertArrayEquals(new long[] {1, 2}, padded("constant", -1, -1));
    Tensor old = new OneNode(9, "Pad", Tensor.of(Shape.of(1), 5f)).with(ints("pads", 1, 0))
        .with(Attribute.of("value", 2f))
        .result();
    assertArrayEquals(new float[] {2, 5}, old.floats());
    assertThrows(InvalidInputException.class, () -> padded("constant", -3, -2));
  }

  @Test
  void blocksOfPixelsComeBack() {
    Tensor x = count(1, 8, 2, 3);
    for (String mode : List.of("DCR", "CRD")) {
      Attribute size = Attribute.of("blocksize", 2);
      Attribute order = Attribute.of("mode", mode);
      Tensor pixels = new OneNode(28, "DepthToSpace", x).with(size).with(order).result();
      assertEquals(Shape.of(1, 2, 4, 6), pixels.shape());
      Tensor back = new OneNode(28, "SpaceToDepth", pixels).with(size).with(order).result();
      assertArrayEquals(x.longs(), back.longs(), mode);
      Tensor parts = new OneNode(28, "DepthToSpace", x).with(size).with(order).decomposed().getFirst();
      assertArrayEquals(pixels.longs(), parts.longs(), mode);
    }
    assertThrows(InvalidInputException.class,
        () -> new OneNode(13, "DepthToSpace", count(1, 6, 2, 3)).with(Attribute.of("blocksize", 2)).result());
  }

  @Test
  void cropsAndPadsAroundTheMiddle() {
    OneNode node = new OneNode(18, "CenterCropPad", count(2, 5), integers(4, 2));
    assertArrayEquals(new long[] {0, 0, 1, 2, 6, 7, 0, 0}, node.result().longs());
  }
}
