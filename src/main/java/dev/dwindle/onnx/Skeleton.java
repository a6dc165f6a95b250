package dev.dwindle.onnx;

import com.google.protobuf.UnsafeByteOperations;
import dev.dwindle.tensor.InvalidInputException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A message with the large elements of its tensors left where they lie, in the mapped file. The rest is copied, so that
 * protobuf, which would copy everything to the heap, sees a small message.
 */
final class Skeleton {
  /** In place of a tensor's raw data: its number in {@link #blobs}. The last field number that protobuf allows. */
  static final int BLOB_FIELD = (1 << 29) - 1;

  /** Smaller data is copied with the rest. */
  static final int LEAST_BLOB_BYTES = 1024;
  private static final int MOST_NESTING = 96;
  private static final int RAW_DATA = 9;

  /** The messages on the way to a tensor, each with the fields to follow. */
  enum Kind {
    TENSOR,
    ATTRIBUTE,
    NODE,
    GRAPH,
    FUNCTION,
    MODEL;

    /** The fields that hold messages with tensors inside. */
    Map<Integer, Kind> fields() {
      return switch (this) {
        case TENSOR -> Map.of();
        case ATTRIBUTE -> Map.of(5, TENSOR, 6, GRAPH, 11, GRAPH);
        case NODE -> Map.of(5, ATTRIBUTE);
        case GRAPH -> Map.of(1, NODE, 5, TENSOR);
        case FUNCTION -> Map.of(7, NODE, 11, ATTRIBUTE);
        case MODEL -> Map.of(7, GRAPH, 25, FUNCTION);
      };
    }

    /** The fields that a graph takes as text; bytes that are none would not be written as they were read. */
    private Set<Integer> names() {
      return switch (this) {
        case TENSOR -> Set.of(8);
        case ATTRIBUTE -> Set.of(1, 21);
        case NODE -> Set.of(1, 2, 3, 4, 7, 8);
        case GRAPH -> Set.of(2);
        case FUNCTION -> Set.of(1, 4, 5, 6, 10, 13);
        case MODEL -> Set.of();
      };
    }
  }

  private final MemorySegment file;
  private final PagedBytes source;
  private final List<MemorySegment> blobs = new ArrayList<>();
  private byte[] bytes = new byte[1 << 16];
  private int size;
  private long at;

  private Skeleton(MemorySegment file) {
    this.file = file;
    this.source = new PagedBytes(file);
  }

  /** The skeleton of a whole file that holds one message of this kind. */
  static Skeleton of(MemorySegment file, Kind kind) {
    Skeleton skeleton = new Skeleton(file);
    skeleton.message(kind, file.byteSize(), 0);
    skeleton.bytes = Arrays.copyOf(skeleton.bytes, skeleton.size);
    return skeleton;
  }

  /** The message without its blobs. */
  byte[] bytes() {
    return bytes;
  }

  /** The bytes that were left in the file. */
  List<MemorySegment> blobs() {
    return blobs;
  }

  private void message(Kind kind, long end, int depth) {
    if (depth > MOST_NESTING) {
      throw new InvalidInputException("found messages nested more than " + MOST_NESTING + " deep; the file is damaged");
    }
    Map<Integer, Kind> fields = kind.fields();
    Set<Integer> names = kind.names();
    int groups = 0;
    while (at < end) {
      long start = at;
      long tag = varint(end);
      int field = (int) (tag >>> 3);
      if (field == 0 || field == BLOB_FIELD || tag >>> 32 != 0) {
        throw damaged(start);
      }
      switch ((int) tag & 7) {
        case 0 -> varint(end);
        case 1 -> skip(8, end);
        case 2 -> {
          long length = varint(end);
          long content = at;
          skip(length, end);
          Kind inner = groups == 0 ? fields.get(field) : null;
          if (inner != null) {
            at = content;
            nested(tag, inner, content + length, depth);
            start = at;
          } else if (kind == Kind.TENSOR && field == RAW_DATA && groups == 0 && length >= LEAST_BLOB_BYTES) {
            blob(file.asSlice(content, length));
            start = at;
          } else if (groups == 0 && names.contains(field)) {
            requireText(content, length);
          }
        }
        case 3 -> groups++;
        case 4 -> groups--;
        case 5 -> skip(4, end);
        default -> throw damaged(start);
      }
      if (groups < 0) {
        throw damaged(start);
      }
      copy(start);
    }
    if (groups != 0) {
      throw damaged(at);
    }
  }

  /** A nested message whose length, not yet known, gets five bytes of its own: longer than needed, which is allowed. */
  private void nested(long tag, Kind kind, long end, int depth) {
    putVarint(tag);
    reserve(5);
    int length = size;
    size += 5;
    message(kind, end, depth + 1);
    int content = size - length - 5;
    for (int i = 0; i < 5; i++) {
      bytes[length + i] = (byte) (content >>> 7 * i & 0x7f | (i < 4 ? 0x80 : 0));
    }
  }

  private void requireText(long content, long length) {
    if (length > Integer.MAX_VALUE - 16) {
      throw new InvalidInputException("found a name of " + length + " bytes, expected less than 2 GiB");
    }
    byte[] name = new byte[(int) length];
    source.copy(content, name, 0, name.length);
    if (!UnsafeByteOperations.unsafeWrap(name).isValidUtf8()) {
      throw new InvalidInputException("found a name at byte " + content + " that is not UTF-8; the file is damaged");
    }
  }

  private void blob(MemorySegment blob) {
    putVarint((long) BLOB_FIELD << 3);
    putVarint(blobs.size());
    blobs.add(blob);
  }

  private long varint(long end) {
    long start = at;
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) {
        throw damaged(start);
      }
      byte b = source.get(at++);
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw damaged(start);
  }

  private void skip(long length, long end) {
    if (length < 0 || length > end - at) {
      throw damaged(at);
    }
    at += length;
  }

  private void copy(long start) {
    long length = at - start;
    reserve(length);
    source.copy(start, bytes, size, (int) length);
    size += (int) length;
  }

  private void putVarint(long value) {
    reserve(10);
    long rest = value;
    while (rest >>> 7 != 0) {
      bytes[size++] = (byte) (rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private void reserve(long more) {
    long needed = size + more;
    if (needed > Integer.MAX_VALUE - 16) {
      throw new InvalidInputException("found more than 2 GiB beside raw tensor data, expected less");
    }
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(needed, bytes.length * 2L)));
    }
  }

  private static InvalidInputException damaged(long position) {
    return new InvalidInputException("not an ONNX file, or damaged: found no valid field at byte " + position);
  }
}
