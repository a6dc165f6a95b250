package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DeviceBuffer;
import java.lang.foreign.MemorySegment;

/** The bytes of a value in a request's memory, until it runs again. */
record OnDevice(String name, Device gpu, long address, long bytes) implements DeviceBuffer {
  @Override
  public String device() {
    return name;
  }

  @Override
  public MemorySegment toHost() {
    MemorySegment host = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    gpu.copyOut(address, host);
    return host;
  }
}
