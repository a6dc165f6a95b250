package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A plan whose large constants do not stay on the device: each step that reads such ones finds them in one of two windows of memory, which take turns, so that those of the next
 * step come while the last one runs.
 */
final class Streaming {
  /** Constants of fewer bytes stay on the device. */
  private static final long LEAST = 64 << 10;
  private static final int ALIGNMENT = 256;
  private static final int MOST_WINDOWS = 2;

  private final Device device;
  private final Constants resident;
  /** For each step its large constants, with where they lie in its window. */
  private final List<Map<Tensor, Long>> brought = new ArrayList<>();
  /** For each step the number of its window; negative where it needs none. */
  private final List<Integer> windows = new ArrayList<>();
  private long windowBytes;
  private long start;

  Streaming(Device device, Plan plan, Constants resident) {
    this.device = device;
    this.resident = resident;
    int turn = 0;
    for (Step step : plan.steps()) {
      Map<Tensor, Long> places = new IdentityHashMap<>();
      long end = 0;
      for (Arguments.Argument argument : step.arguments()) {
        if (argument instanceof Arguments.Argument.At(Place.Fixed(Tensor tensor)) && brings(tensor)
            && !places.containsKey(tensor)) {
          places.put(tensor, end);
          end += tensor.byteSize() + ALIGNMENT - 1 & -ALIGNMENT;
        }
      }
      brought.add(places);
      windows.add(places.isEmpty() ? -1 : turn++ % MOST_WINDOWS);
      windowBytes = Math.max(windowBytes, end);
    }
  }

  /** Whether a constant comes anew for each run. */
  boolean brings(Tensor tensor) {
    return tensor.byteSize() >= LEAST && !resident.has(tensor);
  }

  /** Bytes that both windows take, wherever they begin. */
  long bytes() {
    return windows() * windowBytes + ALIGNMENT;
  }

  private long windows() {
    return Math.min(MOST_WINDOWS, windows.stream().filter(window -> window >= 0).count());
  }

  /** Tells where that many bytes lie. */
  void liesAt(long address) {
    start = address + ALIGNMENT - 1 & -ALIGNMENT;
  }

  /** Where a step finds a constant that is brought for it. */
  long address(int step, Tensor tensor) {
    return start + windows.get(step) * windowBytes + brought.get(step).get(tensor);
  }

  Batch batch(List<Launch> launches) {
    return () -> {
      long[] marks = {device.mark(), 0};
      marks[1] = marks[0];
      for (int i = 0; i < launches.size(); i++) {
        int window = windows.get(i);
        if (window >= 0) bring(i, marks[window]);
        device.launch(launches.get(i));
        if (window >= 0) marks[window] = device.mark();
      }
    };
  }

  private void bring(int step, long mark) {
    brought.get(step).keySet()
        .forEach(tensor -> device.copyInAfter(mark, tensor.segment(), address(step, tensor)));
  }

  /** As {@link Device#time}, with what has to be brought. */
  long[] time(List<Launch> launches) {
    long[] nanos = new long[launches.size()];
    for (int i = 0; i < nanos.length; i++) {
      long begun = System.nanoTime();
      bring(i, device.mark());
      device.launch(launches.get(i));
      device.await();
      nanos[i] = System.nanoTime() - begun;
    }
    return nanos;
  }
}
