package dev.dwindle.backend.cuda;

import dev.dwindle.backend.DeviceInfo;
import java.lang.foreign.MemorySegment;

/** What the backend asks of a GPU, and of what stands in for one in tests. What is asked for is done in that order, by any thread. */
interface Device extends AutoCloseable {
  DeviceInfo info();

  /**
   * The address of so many new bytes, aligned to 256.
   *
   * @throws dev.dwindle.tensor.DeviceMemoryException where there are not as many
   */
  long allocate(long bytes);

  void free(long address);

  /** Copies bytes from the host; these may change as soon as this returns. */
  void copyIn(MemorySegment from, long to);

  /** Copies bytes from one place on the device to another. */
  void copy(long from, long to, long bytes);

  /** Copies bytes to the host, when all that was asked for before is done. */
  void copyOut(long from, MemorySegment to);

  /** Begins a kernel, or waits with it until the device takes it. */
  void launch(Launch launch);

  /** Returns when all that was asked for is done; throws what went wrong since. */
  void await();

  @Override
  void close();
}
