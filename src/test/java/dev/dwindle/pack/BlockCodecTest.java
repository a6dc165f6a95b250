package dev.dwindle.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockCodecTest {
  private static void roundTrip(byte[] raw, Layout layout, Preset preset, String what) {
    byte[] packed = BlockCodec.write(raw, layout, preset);
    assertTrue(packed.length <= raw.length + 1, what);
    assertArrayEquals(raw, BlockCodec.read(packed, raw.length, layout), what);
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeAtAwkwardSizes(Preset preset) {
    for (int type : Contents.TYPES) {
      for (int size : Contents.SIZES) {
        for (String kind : Contents.KINDS) {
          Layout layout = Layout.of(type, List.of(8L, 4L, 3L, 3L));
          roundTrip(Contents.of(kind, size), layout, preset, type + " " + size + " " + kind);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void fullBlocksAndOneByteLess(Preset preset) {
    for (int type : new int[] {1, 3, 10, 22}) {
      for (int size : new int[] {BlockCodec.MOST_BYTES - 1, BlockCodec.MOST_BYTES}) {
        for (String kind : List.of("normal", "palette", "random")) {
          roundTrip(Contents.of(kind, size), Layout.of(type, List.of(512L, 512L)), preset,
              type + " " + size + " " + kind);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void sizesThatDoNotFitTheBytesAreOnlyHints(Preset preset) {
    for (List<Long> dims : List.of(List.<Long>of(), List.of(0L, 0L), List.of(1L << 47, 1L << 47, 3L), List.of(-5L, 2L),
        List.of(2L, 1L << 20, 1L << 20), List.of(1L, 1L, 1L << 20))) {
      for (String kind : Contents.KINDS) roundTrip(Contents.of(kind, 4097), Layout.of(1, dims), preset, dims + kind);
    }
  }

  @Test
  void textWithAndWithoutADictionary() {
    for (int size : Contents.SIZES) {
      for (String kind : Contents.KINDS) {
        byte[] raw = Contents.of(kind, size);
        for (byte[] dictionary : List.of(new byte[0], Contents.of("text", 300))) {
          byte[] packed = BlockCodec.writeText(raw, dictionary);
          assertArrayEquals(raw, BlockCodec.read(packed, size, Layout.of(0, List.of()), dictionary));
        }
      }
    }
  }

  @Test
  void sparseSharedWeightsComeCloseToTheirEntropy() {
    byte[] raw = Contents.of("palette", BlockCodec.MOST_BYTES);
    int n = raw.length / 4;
    Palette palette = Palette.of(Keys.of(raw, Layout.of(1, List.of())), 4096);
    double entropy = PlaneCodec.bits(PlaneCodec.counts(palette.indices(), palette.keys().length), n) / 8;
    for (Preset preset : Preset.values()) {
      int packed = BlockCodec.write(raw, Layout.of(1, List.of(512L, 512L)), preset).length;
      assertTrue(packed < 1.02 * entropy + 128, preset + ": " + packed + " bytes, entropy " + entropy);
    }
  }

  @Test
  void whatIsRandomIsStored() {
    byte[] raw = Contents.of("random", 4096);
    for (Preset preset : Preset.values()) {
      assertEquals(4097, BlockCodec.write(raw, Layout.of(2, List.of(64L, 64L)), preset).length);
    }
  }
}
