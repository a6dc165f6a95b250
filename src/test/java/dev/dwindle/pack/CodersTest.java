package dev.dwindle.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The entropy coders, each by itself. */
class CodersTest {
  private static final int[] COUNTS = {0, 1, 2, 7, 8, 63, 64, 65, 1000, 1100, 2100, 4097, 100_000};

  @Test
  void decisionsComeBackAtEveryProbability() {
    for (int p : new int[] {1, 2, 22, 1000, 32768, 65000, 65535}) {
      for (int count : COUNTS) {
        Random random = new Random(count + p);
        int[] bits = random.ints(count, 0, 65536).map(v -> v < p ? 1 : 0).toArray();
        Bytes out = new Bytes(16);
        BitWriter writer = new BitWriter(out);
        for (int bit : bits) writer.code(bit, p);
        writer.finish();
        BitReader reader = new BitReader(out.toArray());
        for (int bit : bits) assertEquals(bit, reader.code(0, p));
      }
    }
  }

  /** The least likely decisions, one after another, keep the interval as narrow as it gets. */
  @Test
  void unlikelyDecisionsComeBack() {
    Random random = new Random(1);
    int[] ps = random.ints(100_000, 0, 4).map(v -> new int[] {1, 65535, 32767, 32769}[v]).toArray();
    Bytes out = new Bytes(16);
    BitWriter writer = new BitWriter(out);
    for (int p : ps) writer.code(p < 32768 ? 1 : 0, p);
    writer.finish();
    BitReader reader = new BitReader(out.toArray());
    for (int p : ps) assertEquals(p < 32768 ? 1 : 0, reader.code(0, p));
  }

  /** The range holds a half all the while, so that 7F FF FF ... is written; the last decisions end above it, which carries into all those bytes, or below. */
  @Test
  void carriesGoThroughAllBytesOfThisCoderAndNoFurther() {
    for (boolean over : new boolean[] {false, true}) {
      Bytes out = new Bytes(16);
      out.put(0);
      BitWriter writer = new BitWriter(out);
      BitReader half = new BitReader(new byte[] {(byte) 0x80});
      int[] bits = new int[1000];
      for (int i = 0; i < bits.length; i++) bits[i] = writer.code(half.code(0, 40_000), 40_000);
      for (int i = 0; i < 100; i++) writer.code(over ? 0 : 1, 32768);
      writer.finish();
      byte[] bytes = out.toArray();
      assertEquals(0, bytes[0]);
      assertEquals(over ? (byte) 0x80 : 0x7f, bytes[1]);
      for (int i = 2; i < 100; i++) assertEquals(over ? 0 : (byte) 0xff, bytes[i]);
      BitReader reader = new BitReader(Arrays.copyOfRange(bytes, 1, bytes.length));
      for (int bit : bits) assertEquals(bit, reader.code(0, 40_000));
      for (int i = 0; i < 100; i++) assertEquals(over ? 0 : 1, reader.code(0, 32768));
    }
  }

  /** Likely decisions take next to nothing, and the end no byte more than it must. */
  @Test
  void theEndIsShort() {
    Bytes out = new Bytes(16);
    BitWriter writer = new BitWriter(out);
    for (int i = 0; i < 100_000; i++) writer.code(1, 65504);
    writer.finish();
    assertEquals(0, out.size());
    for (int p : new int[] {1, 300, 40_000, 65_535}) {
      Bytes one = new Bytes(16);
      BitWriter last = new BitWriter(one);
      last.code(0, p);
      last.finish();
      // 0 takes the upper part: the fewest bits that tell it are those of its size.
      assertTrue(one.size() <= (16 - (int) (Math.log(65536 - p) / Math.log(2)) + 7) / 8 + 1, "bytes " + one.size());
      assertEquals(0, new BitReader(one.toArray()).code(1, p));
    }
  }

  @Test
  void ransAtEveryCountAndSkew() {
    for (int count : COUNTS) {
      for (int alphabet : new int[] {2, 3, 16, 255, 256}) {
        for (int skew : new int[] {1, 2, 8, 200}) {
          Random random = new Random(count + alphabet);
          byte[] symbols = new byte[count];
          for (int i = 0; i < count; i++) symbols[i] = (byte) (int) (alphabet * Math.pow(random.nextDouble(), skew));
          int[] counts = PlaneCodec.counts(symbols, 1);
          if (Arrays.stream(counts).filter(c -> c > 0).count() < 2) continue;
          int bytes = requireRansComesBack(symbols).length;
          double bits = PlaneCodec.bits(counts, count);
          assertTrue(8 * bytes < 1.03 * bits + 8 * (3 * alphabet + 140), count + " " + alphabet + " " + skew);
        }
      }
    }
  }

  /** Two symbols of every frequency, with both sizes of the table. */
  @Test
  void ransAtEveryFrequency() {
    for (int count : new int[] {1 << 12, 1 << 15}) {
      byte[] symbols = new byte[count];
      for (int ones = 1; ones < count; ones += 1 + ones % 7 + count / 1000) {
        Arrays.fill(symbols, (byte) 0);
        for (int i = 0; i < ones; i++) symbols[i * 1237 & count - 1] = 1;
        requireRansComesBack(symbols);
      }
    }
  }

  /** A symbol for nearly every slot of the small table, and one for the others. */
  @Test
  void ransOfManyRareSymbols() {
    byte[] symbols = new byte[10_000];
    for (int s = 1; s < 256; s++) symbols[37 * s] = (byte) s;
    requireRansComesBack(symbols);
  }

  /** The bytes of symbols, the same and read alike by vectors and without. */
  private static byte[] requireRansComesBack(byte[] symbols) {
    byte[][] written = new byte[2][];
    for (int i = 0; i < 2; i++) {
      Bytes out = new Bytes(16);
      Rans coded = Rans.of(symbols, PlaneCodec.counts(symbols, 1), i == 1);
      coded.writeTo(out);
      assertEquals(coded.bytes(), out.size());
      written[i] = out.toArray();
      assertArrayEquals(symbols, Rans.read(new Reading(written[0]), symbols.length, i == 1));
    }
    assertArrayEquals(written[0], written[1]);
    return written[0];
  }

  /** Whatever is damaged: symbols come, or a clear error, the same by vectors and without. */
  @Test
  void ransThatIsDamagedReadsAlike() {
    Random random = new Random(1);
    int refused = 0;
    for (int count : new int[] {300, 5000, 20_000}) {
      byte[] symbols = new byte[count];
      for (int i = 0; i < count; i++) symbols[i] = (byte) (20 * random.nextGaussian());
      byte[] sound = requireRansComesBack(symbols);
      for (int i = 0; i < 1000; i++) {
        byte[] damaged = Arrays.copyOf(sound, i % 5 == 0 ? random.nextInt(sound.length) : sound.length);
        for (int k = random.nextInt(4); k >= 0 && damaged.length > 0; k--) {
          damaged[random
              .nextInt(i % 2 == 0 ? damaged.length : Math.min(damaged.length, 300))] ^= (byte) (1 << random.nextInt(8));
        }
        byte[] read = readOrNull(damaged, count, false);
        assertArrayEquals(read, readOrNull(damaged, count, true));
        if (read == null) refused++;
      }
    }
    assertTrue(refused > 2900, "refused " + refused);
  }

  private static byte[] readOrNull(byte[] bytes, int count, boolean vectors) {
    try {
      return Rans.read(new Reading(bytes), count, vectors);
    } catch (InvalidInputException e) {
      return null;
    }
  }

  @Test
  void planesOfEveryWidthComeBack() {
    Random random = new Random(1);
    for (int width : new int[] {1, 2, 4, 8}) {
      for (int count : COUNTS) {
        byte[] numbers = new byte[(count + 3) * width];
        random.nextBytes(numbers);
        byte[] joined = numbers.clone();
        Arrays.fill(joined, 0, count * width, (byte) 0);
        for (boolean vectors : new boolean[] {false, true}) {
          byte[][] planes = new byte[width][];
          for (int p = 0; p < width; p++) {
            planes[p] = Planes.split(numbers, width, width - 1 - p, count, vectors);
            for (int i = 0; i < count; i++) assertEquals(numbers[i * width + width - 1 - p], planes[p][i]);
          }
          Arrays.fill(joined, 0, count * width, (byte) 0);
          Planes.join(planes, joined, count, vectors);
          assertArrayEquals(numbers, joined);
        }
      }
    }
  }

  @Test
  void treesAreReadAsTheyWereWritten() {
    int[][] all = {{1, 1}, {0, 5, 0, 0, 900_000}, {1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377},
        new Random(1).ints(4096, 0, 3).toArray()};
    for (int[] counts : all) {
      DecisionTree tree = DecisionTree.of(counts);
      Bytes out = new Bytes(16);
      BitWriter writer = new BitWriter(out);
      tree.write(writer);
      writer.finish();
      DecisionTree read = DecisionTree.read(new BitReader(out.toArray()), counts.length);
      assertArrayEquals(tree.lengths(), read.lengths());
      assertArrayEquals(tree.next(), read.next());
    }
  }

  @Test
  void lengthsThatMakeNoTreeAreRefused() {
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      try {
        DecisionTree.read(new BitReader(bytes), 1 + random.nextInt(300));
      } catch (InvalidInputException e) {
        refused++;
      }
    }
    assertTrue(refused > 1900);
  }

  @Test
  void numbersEndWhereTheBytesEnd() {
    assertThrows(InvalidInputException.class, () -> new Reading(new byte[] {(byte) 0x80}).varint());
    assertThrows(InvalidInputException.class, () -> new Reading(new byte[3]).fixed(4));
    byte[] endless = new byte[20];
    Arrays.fill(endless, (byte) 0xff);
    assertThrows(InvalidInputException.class, () -> new Reading(endless).varint());
    Bytes out = new Bytes(1);
    out.putVarint(Long.MAX_VALUE);
    assertEquals(Long.MAX_VALUE, new Reading(out.toArray()).varint());
  }
}
