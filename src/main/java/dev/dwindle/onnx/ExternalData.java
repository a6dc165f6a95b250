package dev.dwindle.onnx;

import dev.dwindle.onnx.proto.StringStringEntryProto;
import dev.dwindle.onnx.proto.TensorProto;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** The data file in the making beside a model: tensors one behind the other, each at the start of a page. */
final class ExternalData {
  /** What the specification recommends, so that a tensor alone can be mapped. */
  private static final long PAGE_BYTES = 4096;

  private static final int MOST_BYTES_AT_ONCE = 1 << 20;

  private record Placed(long offset, MemorySegment bytes) {}

  private final String location;
  private final List<Placed> tensors = new ArrayList<>();
  private long end;

  /** The location is the file's name in the model's folder. */
  ExternalData(String location) {
    this.location = location;
  }

  String location() {
    return location;
  }

  /** Eight digits that follow from all bytes and where they lie. */
  String checksum() {
    CRC32C checksum = new CRC32C();
    byte[] part = new byte[MOST_BYTES_AT_ONCE];
    for (Placed tensor : tensors) {
      checksum.update(ByteBuffer.allocate(Long.BYTES).putLong(0, tensor.offset));
      for (long from = 0; from < tensor.bytes.byteSize(); from += part.length) {
        int length = (int) Math.min(part.length, tensor.bytes.byteSize() - from);
        MemorySegment.copy(tensor.bytes, ValueLayout.JAVA_BYTE, from, part, 0, length);
        checksum.update(part, 0, length);
      }
    }
    return String.format("%08x", checksum.getValue());
  }

  boolean isEmpty() { return tensors.isEmpty(); }

  /** Places the bytes, and says in the tensor's message where. */
  void place(MemorySegment bytes, TensorProto.Builder message) {
    long offset = Math.ceilDiv(end, PAGE_BYTES) * PAGE_BYTES;
    end = offset + bytes.byteSize();
    tensors.add(new Placed(offset, bytes));
    message.clearRawData().clearExternalData().setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", location)).addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(bytes.byteSize())));
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  void writeTo(FileChannel channel) throws IOException {
    for (Placed tensor : tensors) {
      channel.position(tensor.offset);
      for (long from = 0; from < tensor.bytes.byteSize(); from += MOST_BYTES_AT_ONCE) {
        long length = Math.min(MOST_BYTES_AT_ONCE, tensor.bytes.byteSize() - from);
        byte[] bytes = tensor.bytes.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
        for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining();) {
          channel.write(rest);
        }
      }
    }
  }
}
