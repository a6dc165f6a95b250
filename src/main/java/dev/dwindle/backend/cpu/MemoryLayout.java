package dev.dwindle.backend.cpu;

import dev.dwindle.backend.TooLargeException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Gives every buffer an offset so that buffers in use at the same time do not overlap: largest first, lowest gap. */
final class MemoryLayout {
  /** Elements to which offsets are rounded: one cache line of floats. */
  private static final int ALIGNMENT = 16;

  private MemoryLayout() {}

  /** Places all buffers and returns the length that each store's array needs. */
  static Map<Store, Integer> place(List<Buffer> buffers) {
    Map<Store, Integer> lengths = new EnumMap<>(Store.class);
    for (Store store : Store.values()) {
      List<Buffer> own = new ArrayList<>(buffers.stream().filter(b -> b.store() == store).toList());
      own.sort((a, b) -> Integer.compare(b.length(), a.length()));
      try {
        lengths.put(store, place(own, new ArrayList<>()));
      } catch (ArithmeticException e) {
        throw new TooLargeException("cpu", "more than an array of %,d numbers of %d bytes holds, expected fewer"
            .formatted(Integer.MAX_VALUE, store.width()), e);
      }
    }
    return lengths;
  }

  private static int place(List<Buffer> sorted, List<Buffer> placed) {
    int end = 0;
    for (Buffer buffer : sorted) {
      int at = 0;
      // placed is in order of offsets, so the first gap that is wide enough is the lowest.
      for (Buffer other : placed) {
        if (buffer.overlaps(other) && other.offset() - at >= buffer.length()) {
          break;
        }
        if (buffer.overlaps(other)) {
          at = Math.max(at, aligned(other.offset() + other.length()));
        }
      }
      buffer.place(at);
      end = Math.max(end, Math.addExact(at, buffer.length()));
      int index = 0;
      while (index < placed.size() && placed.get(index).offset() <= at) {
        index++;
      }
      placed.add(index, buffer);
    }
    return end;
  }

  private static int aligned(int offset) {
    return Math.addExact(offset, ALIGNMENT - 1) & -ALIGNMENT;
  }
}
