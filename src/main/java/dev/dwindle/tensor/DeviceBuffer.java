package dev.dwindle.tensor;

import java.lang.foreign.MemorySegment;

/** The bytes of a tensor where a device made them; giving it back to that device copies nothing. */
public interface DeviceBuffer {
  /** The device as users write it, such as {@code cuda:0}. */
  String device();

  /** Copies the bytes to host memory; called at most once for a tensor. */
  MemorySegment toHost();
}
