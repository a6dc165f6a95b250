package dev.dwindle.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes are those of the file, within a page, beyond it, and back. */
class PagedBytesTest {
  private final byte[] file = bytes(3 * 4096 + 5);
  private final PagedBytes paged = new PagedBytes(MemorySegment.ofArray(file));

  @Test
  void everyByteForwardsAndBackwards() {
    for (int i = 0; i < file.length; i++) {
      assertEquals(file[i], paged.get(i), "byte " + i);
    }
    for (int i = file.length - 1; i >= 0; i--) {
      assertEquals(file[i], paged.get(i), "byte " + i);
    }
  }

  @Test
  void copiesWithinAndAcrossPages() {
    for (int from : new int[] {0, 1, 4095, 4096, 8000}) {
      for (int count : new int[] {0, 1, 96, 97, 4096, 4293}) {
        paged.get(from);
        byte[] target = new byte[count + 2];
        paged.copy(from, target, 1, count);
        assertArrayEquals(Arrays.copyOfRange(file, from, from + count), Arrays.copyOfRange(target, 1, count + 1));
        assertEquals(0, target[0] | target[count + 1]);
      }
    }
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(7).nextBytes(bytes);
    return bytes;
  }
}
