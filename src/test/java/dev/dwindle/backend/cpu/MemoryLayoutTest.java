package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MemoryLayoutTest {
  @Test
  void givesTheMemoryOfWhatIsDoneToWhatComesLater() {
    List<Buffer> chain = List.of(buffer(100, 0, 1), buffer(100, 1, 2), buffer(100, 2, 3), buffer(100, 3, 4));
    // Two neighbours of a chain live at a time; the second begins at a whole cache line.
    assertEquals(112 + 100, MemoryLayout.place(chain).get(Store.FLOATS));
  }

  @Test
  void fillsGapsBetweenLongLivedBuffers() {
    Buffer first = buffer(64, 0, 9);
    Buffer gone = buffer(48, 0, 1);
    Buffer last = buffer(32, 0, 9);
    Buffer late = buffer(16, 2, 3);
    assertEquals(144, MemoryLayout.place(List.of(first, gone, last, late)).get(Store.FLOATS));
    assertEquals(64, late.offset());
  }

  @Test
  void neverLetsBuffersOfOneTimeOverlap() {
    Random random = new Random(3);
    List<Buffer> buffers = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      int from = random.nextInt(60);
      buffers.add(buffer(1 + random.nextInt(500), from, from + random.nextInt(12)));
    }
    int length = MemoryLayout.place(buffers).get(Store.FLOATS);
    for (Buffer a : buffers) {
      assertTrue(a.offset() >= 0 && a.offset() + a.length() <= length);
      for (Buffer b : buffers) {
        boolean apart = a.offset() + a.length() <= b.offset() || b.offset() + b.length() <= a.offset();
        assertTrue(a == b || apart || !a.overlaps(b));
      }
    }
  }

  private static Buffer buffer(int length, int first, int last) {
    Buffer buffer = new Buffer(Store.FLOATS, length);
    buffer.use(first);
    buffer.use(last);
    return buffer;
  }
}
