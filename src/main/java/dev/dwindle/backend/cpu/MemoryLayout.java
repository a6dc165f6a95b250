package dev.dwindle.backend.cpu;

import dev.dwindle.backend.Extent;
import dev.dwindle.backend.TooLargeException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Gives every buffer its offset in the array of its store. */
final class MemoryLayout {
  /** Elements to which offsets are rounded: one cache line of floats. */
  private static final int ALIGNMENT = 16;

  private MemoryLayout() {}

  /** Places all buffers and returns the length that each store's array needs. */
  static Map<Store, Integer> place(List<Buffer> buffers) {
    Map<Store, Integer> lengths = new EnumMap<>(Store.class);
    for (Store store : Store.values()) {
      List<Buffer> own = buffers.stream().filter(b -> b.store() == store).toList();
      try {
        lengths.put(store, Math.toIntExact(Extent.place(own, ALIGNMENT)));
      } catch (ArithmeticException e) {
        throw new TooLargeException("cpu", "more than an array of %,d numbers of %d bytes holds, expected fewer"
            .formatted(Integer.MAX_VALUE, store.width()), e);
      }
    }
    return lengths;
  }
}
