package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DeviceMemoryException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Memory of a device: what is given back is kept for who asks for as much again, since to ask the driver makes the device wait. Used by one thread at a time.
 */
final class Pool {
  /** Where memory comes from. */
  interface Source {
    /** The address of new memory; 0 where there is not as much. */
    long take(long bytes);

    void give(long address);

    /** Bytes that can be taken now, and all there are, whoever has them. */
    long[] freeAndTotal();
  }

  private static final long LEAST = 256;
  /** Bytes that are kept idle; other programs may want the rest. */
  private static final long MOST_IDLE = 1L << 30;
  /** Sizes are rounded up by an eighth at most, so that some are asked for again. */
  private static final int STEPS = 8;

  private final String device;
  private final Source source;
  private final long bound;
  /** Sizes of all memory that was taken, by address. */
  private final Map<Long, Long> sizes = new HashMap<>();
  /** What was given back, by size. */
  private final TreeMap<Long, Deque<Long>> kept = new TreeMap<>();
  private long used;
  private long idle;

  /** @param bound the most bytes to be in use at a time; 0 for as many as there are */
  Pool(String device, Source source, long bound) {
    this.device = device;
    this.source = source;
    this.bound = bound == 0 ? Long.MAX_VALUE : bound;
  }

  /** @throws DeviceMemoryException with sizes, where there is not as much; all else stays as it is */
  long allocate(long bytes) {
    long size = rounded(bytes);
    Deque<Long> same = kept.get(size);
    if (same != null && !same.isEmpty()) {
      idle -= size;
      used += size;
      return same.pop();
    }
    if (size > bound - used) throw tooMuch(bytes);
    if (size > bound - used - idle) trim();
    long address = source.take(size);
    if (address == 0 && idle > 0) {
      trim();
      address = source.take(size);
    }
    if (address == 0) throw tooMuch(bytes);
    sizes.put(address, size);
    used += size;
    return address;
  }

  private static long rounded(long bytes) {
    long step = Math.max(LEAST, Long.highestOneBit(Math.max(1, bytes)) / STEPS);
    return Math.ceilDiv(Math.max(1, bytes), step) * step;
  }

  void free(long address) {
    Long size = sizes.get(address);
    if (size == null) throw new IllegalStateException(device + ": nothing was allocated at " + address);
    used -= size;
    if (idle + size > MOST_IDLE) {
      sizes.remove(address);
      source.give(address);
      return;
    }
    kept.computeIfAbsent(size, key -> new ArrayDeque<>()).push(address);
    idle += size;
  }

  /** All that is in use or kept. */
  Collection<Long> all() {
    return sizes.keySet();
  }

  /** Gives back to the device what nobody uses. */
  void trim() {
    for (Deque<Long> addresses : kept.values()) {
      for (long address : addresses) {
        sizes.remove(address);
        source.give(address);
      }
    }
    kept.clear();
    idle = 0;
  }

  private DeviceMemoryException tooMuch(long bytes) {
    long[] there = source.freeAndTotal();
    long free = Math.min(there[0] + idle, bound - used);
    String of = bound < there[1] ? words(bound) + " that are allowed" : words(there[1]);
    return new DeviceMemoryException("device '" + device + "': out of memory: found " + words(free) + " free of "
        + of + ", expected " + words(bytes) + "; end other programs, or take a smaller batch or model", null);
  }

  private static String words(long bytes) {
    return bytes < 1 << 20 ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
        : String.format(Locale.ROOT, "%,.1f MiB", bytes / 1048576.0);
  }
}
