package dev.dwindle.backend.cuda;

import dev.dwindle.backend.DeviceInfo;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/** What the backend asks of a GPU, and of what stands in for one in tests. What is asked for is done in that order, by any thread. */
interface Device extends AutoCloseable {
  DeviceInfo info();

  /**
   * The address of so many new bytes, aligned to 256.
   *
   * @throws dev.dwindle.tensor.DeviceMemoryException where there are not as many
   */
  long allocate(long bytes);

  /** Gives memory back, for what is asked for after all that was asked for before. */
  void free(long address);

  /** Copies bytes from the host; these may change as soon as this returns. */
  void copyIn(MemorySegment from, long to);

  /** A mark of all that was asked for so far. */
  long mark();

  /** Like {@link #copyIn}, but may run beside whatever was asked for after a mark: nothing of that may touch the place. */
  void copyInAfter(long mark, MemorySegment from, long to);

  /** Copies bytes from one place on the device to another. */
  void copy(long from, long to, long bytes);

  /** Copies bytes to the host, when all that was asked for before is done. */
  void copyOut(long from, MemorySegment to);

  /** Makes kernels ready, so that no later launch of them needs memory for that. */
  default void ready(Stream<Kernel> kernels) {}

  /** The bytes that {@link Blas#KERNEL} needs for a product; -1 where it is not there or does not take it. */
  default long workspace(BlasProduct product) {
    return -1;
  }

  /** Begins a kernel, or waits with it until the device takes it. */
  void launch(Launch launch);

  /** Makes launches ready that will be asked for together, again and again. */
  default Batch prepare(List<Launch> launches) {
    return () -> launches.forEach(this::launch);
  }

  /** Begins launches one after another, waits for them, and tells how long each took, in nanoseconds. */
  default long[] time(List<Launch> launches) {
    long[] nanos = new long[launches.size()];
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      launch(launches.get(i));
      await();
      nanos[i] = System.nanoTime() - start;
    }
    return nanos;
  }

  /** Returns when all that was asked for is done; throws what went wrong since. */
  void await();

  @Override
  void close();
}
