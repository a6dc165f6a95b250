package dev.dwindle.onnx;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** A channel into memory that holds exactly what will be written. */
final class MemoryChannel implements WritableByteChannel {
  private final MemorySegment memory;
  private long written;

  MemoryChannel(MemorySegment memory) {
    this.memory = memory;
  }

  @Override
  public int write(ByteBuffer from) {
    int count = from.remaining();
    memory.asSlice(written, count).copyFrom(MemorySegment.ofBuffer(from));
    from.position(from.limit());
    written += count;
    return count;
  }

  @Override
  public boolean isOpen() { return true; }

  @Override
  public void close() {
    // the memory belongs to whoever allocated it
  }
}
