package dev.dwindle.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import dev.dwindle.onnx.Skeleton.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A message whose tensors name blobs, written with the blobs in place: the reverse of a {@link Skeleton}. Protobuf would
 * copy every tensor to the heap first.
 */
final class Filling {
  private static final int RAW_DATA = 9;
  private static final int BUFFER_BYTES = 1 << 20;

  private final byte[] skeleton;
  private final List<MemorySegment> blobs;
  /** Sizes of nested messages in the order in which they begin; found by a first walk that writes nothing. */
  private final List<Long> sizes = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private WritableByteChannel channel;
  private CodedInputStream in;
  private long written;
  private int nextSize;

  private Filling(byte[] skeleton, List<MemorySegment> blobs) {
    this.skeleton = skeleton;
    this.blobs = blobs;
  }

  /** Writes a message of this kind. */
  static void write(MessageLite message, Kind kind, List<MemorySegment> blobs, WritableByteChannel channel)
      throws IOException {
    Filling filling = new Filling(message.toByteArray(), blobs);
    filling.walk(kind);
    filling.channel = channel;
    filling.walk(kind);
    filling.flush();
  }

  /** Writes a message of this kind into memory of this arena. */
  static MemorySegment write(MessageLite message, Kind kind, List<MemorySegment> blobs, Arena arena) {
    try {
      Filling filling = new Filling(message.toByteArray(), blobs);
      filling.walk(kind);
      MemorySegment memory = arena.allocate(filling.written);
      filling.channel = new MemoryChannel(memory);
      filling.walk(kind);
      filling.flush();
      return memory;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a message of our own, and memory
    }
  }

  private void walk(Kind kind) throws IOException {
    in = CodedInputStream.newInstance(skeleton);
    message(kind, skeleton.length);
  }

  private void message(Kind kind, int end) throws IOException {
    int blob = kind == Kind.TENSOR ? blob(in.getTotalBytesRead(), end) : -1;
    while (in.getTotalBytesRead() < end) {
      int start = in.getTotalBytesRead();
      int tag = in.readTag();
      int field = WireFormat.getTagFieldNumber(tag);
      Kind inner = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED ? kind.fields().get(field)
          : null;
      if (blob >= 0 && field > RAW_DATA) {
        raw(blobs.get(blob));
        blob = -1;
      }
      if (inner != null) {
        varint(tag);
        nested(inner, in.readRawVarint32());
      } else {
        in.skipField(tag);
        if (kind != Kind.TENSOR || field != Skeleton.BLOB_FIELD) {
          put(MemorySegment.ofArray(skeleton).asSlice(start, in.getTotalBytesRead() - start));
        }
      }
    }
  }

  private void nested(Kind kind, int length) throws IOException {
    int end = in.getTotalBytesRead() + length;
    if (channel != null) {
      varint(sizes.get(nextSize++));
      message(kind, end);
      return;
    }
    int slot = sizes.size();
    sizes.add(0L);
    long before = written;
    message(kind, end);
    sizes.set(slot, written - before);
    varint(written - before);
  }

  /** The blob that a tensor's message names, behind all its other fields; -1 where it has none. */
  private int blob(int from, int end) throws IOException {
    CodedInputStream tensor = CodedInputStream.newInstance(skeleton, from, end - from);
    int blob = -1;
    for (int tag = tensor.readTag(); tag != 0; tag = tensor.readTag()) {
      if (tag == Skeleton.BLOB_FIELD << 3) {
        blob = tensor.readRawVarint32();
      } else {
        tensor.skipField(tag);
      }
    }
    return blob;
  }

  private void raw(MemorySegment blob) throws IOException {
    varint(RAW_DATA << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
    varint(blob.byteSize());
    put(blob);
  }

  private void varint(long value) throws IOException {
    byte[] bytes = new byte[10];
    int count = 0;
    for (long rest = value; count == 0 || rest != 0; rest >>>= 7) {
      bytes[count++] = (byte) (rest & 0x7f | (rest >>> 7 != 0 ? 0x80 : 0));
    }
    put(MemorySegment.ofArray(bytes).asSlice(0, count));
  }

  private void put(MemorySegment bytes) throws IOException {
    written += bytes.byteSize();
    if (channel == null) {
      return;
    }
    for (long from = 0; from < bytes.byteSize();) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int count = (int) Math.min(buffer.remaining(), bytes.byteSize() - from);
      MemorySegment.ofBuffer(buffer).copyFrom(bytes.asSlice(from, count));
      buffer.position(buffer.position() + count);
      from += count;
    }
  }

  private void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
