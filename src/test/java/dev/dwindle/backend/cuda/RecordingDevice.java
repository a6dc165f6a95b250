package dev.dwindle.backend.cuda;

import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.tensor.DeviceMemoryException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A device that computes nothing and remembers what it was asked for. */
final class RecordingDevice implements Device {
  /** What was asked for, in order. */
  final List<String> asked = new ArrayList<>();
  /** Bytes by address. */
  final Map<Long, Long> allocated = new TreeMap<>();
  private final long memory;
  private long next = 4096;

  /** @param memory bytes that it has */
  RecordingDevice(long memory) {
    this.memory = memory;
  }

  @Override
  public DeviceInfo info() {
    return new DeviceInfo("cuda:0", "recording GPU", memory, Map.of());
  }

  @Override
  public long allocate(long bytes) {
    long taken = allocated.values().stream().mapToLong(Long::longValue).sum();
    if (taken + bytes > memory) {
      throw new DeviceMemoryException("cuda:0: found " + (memory - taken) + " bytes free, expected " + bytes, null);
    }
    long address = next;
    next += (bytes + 255 & -256) + 256;
    allocated.put(address, bytes);
    return address;
  }

  @Override
  public void free(long address) {
    if (allocated.remove(address) == null) throw new IllegalStateException("nothing lies at " + address);
  }

  @Override
  public void copyIn(MemorySegment from, long to) {
    requireInside(to, from.byteSize());
    asked.add("in " + from.byteSize());
  }

  @Override
  public long mark() {
    return asked.size();
  }

  @Override
  public void copyInAfter(long mark, MemorySegment from, long to) {
    requireInside(to, from.byteSize());
    asked.add("in " + from.byteSize() + " after " + asked.subList(0, (int) mark).stream()
        .filter(each -> !each.startsWith("in ")).count());
  }

  @Override
  public void copy(long from, long to, long bytes) {
    requireInside(from, bytes);
    requireInside(to, bytes);
    asked.add("copy " + bytes);
  }

  @Override
  public void copyOut(long from, MemorySegment to) {
    requireInside(from, to.byteSize());
    asked.add("out " + to.byteSize());
  }

  private void requireInside(long address, long bytes) {
    boolean inside = allocated.entrySet().stream()
        .anyMatch(e -> address >= e.getKey() && address + bytes <= e.getKey() + e.getValue());
    if (!inside) throw new IllegalStateException(bytes + " bytes at " + address + " are not allocated");
  }

  @Override
  public void launch(Launch launch) {
    asked.add(launch.kernel().name());
  }

  @Override
  public void await() {
    asked.add("await");
  }

  @Override
  public void close() {
    if (!allocated.isEmpty()) throw new IllegalStateException("left allocated: " + allocated);
  }
}
