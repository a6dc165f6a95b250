package dev.dwindle.onnx;

import dev.dwindle.tensor.InvalidInputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds the elements of tensors in a model file: raw data, and packed lists of floats and doubles, which are stored the
 * same way. Only tags and lengths are read; what is not followed here is no range, and never an error.
 */
public final class TensorRanges {
  private static final int MOST_NESTING = 96;
  private static final int MOST_NAME_BYTES = 1 << 12;
  private static final int MOST_RANK = 64;
  private static final int FLOAT = 1;
  private static final int DOUBLE = 11;

  private enum Kind {
    MODEL,
    FUNCTION,
    GRAPH,
    NODE,
    ATTRIBUTE,
    SPARSE,
    TENSOR;

    /** The fields that hold messages with tensors inside. */
    private Map<Integer, Kind> fields() {
      return switch (this) {
        case MODEL -> Map.of(7, GRAPH, 25, FUNCTION);
        case FUNCTION -> Map.of(7, NODE, 11, ATTRIBUTE);
        case GRAPH -> Map.of(1, NODE, 5, TENSOR, 15, SPARSE);
        case NODE -> Map.of(5, ATTRIBUTE);
        case ATTRIBUTE -> Map.of(5, TENSOR, 6, GRAPH, 10, TENSOR, 11, GRAPH, 22, SPARSE, 23, SPARSE);
        case SPARSE -> Map.of(1, TENSOR, 2, TENSOR);
        case TENSOR -> Map.of();
      };
    }
  }

  private final long least;
  private final PagedBytes source;
  private final List<TensorRange> found = new ArrayList<>();
  private long at;

  private TensorRanges(MemorySegment file, long least) {
    this.source = new PagedBytes(file);
    this.least = least;
  }

  /**
   * The ranges of a file, in its order; none overlaps another.
   *
   * @param least ranges of fewer bytes are left out
   * @throws InvalidInputException where the file is missing, is no ONNX file or keeps elements in another file
   */
  public static List<TensorRange> in(Path file, long least) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = OnnxReader.map(file, arena);
      TensorRanges ranges = new TensorRanges(bytes, least);
      ranges.message(Kind.MODEL, bytes.byteSize(), 0, "");
      return ranges.found;
    } catch (InvalidInputException e) {
      throw Messages.in(file, e);
    }
  }

  /** Walks a message; {@code outer} is the name for a tensor without one. */
  private void message(Kind kind, long end, int depth, String outer) {
    if (depth > MOST_NESTING) {
      throw new InvalidInputException("found messages nested more than " + MOST_NESTING + " deep; the file is damaged");
    }
    Tensor tensor = kind == Kind.TENSOR ? new Tensor() : null;
    Map<Integer, Kind> fields = kind.fields();
    String name = outer;
    boolean named = false;
    int groups = 0;
    while (at < end) {
      long start = at;
      long tag = varint(end);
      int field = (int) (tag >>> 3);
      if (field == 0 || tag >>> 32 != 0) throw damaged(start);
      switch ((int) tag & 7) {
        case 0 -> {
          long value = varint(end);
          if (tensor != null && groups == 0) tensor.number(field, value);
        }
        case 1 -> skip(8, end);
        case 2 -> {
          long length = varint(end);
          long content = at;
          skip(length, end);
          Kind inner = groups == 0 ? fields.get(field) : null;
          if (inner != null) {
            at = content;
            message(inner, content + length, depth + 1, name);
          } else if (tensor != null && groups == 0) {
            tensor.bytes(field, content, length);
          } else if (kind == Kind.NODE && field == 2 && groups == 0 && !named) {
            name = text(content, length);
            named = true;
          }
        }
        case 3 -> groups++;
        case 4 -> groups--;
        case 5 -> skip(4, end);
        default -> throw damaged(start);
      }
      if (groups < 0) throw damaged(start);
    }
    if (groups != 0) throw damaged(at);
    if (tensor != null) tensor.end(outer);
  }

  /** What is known of the tensor whose message is being read. */
  private final class Tensor {
    private final List<Long> dims = new ArrayList<>();
    private final List<long[]> data = new ArrayList<>();
    private String name = "";
    private int dtype;
    private boolean external;

    void number(int field, long value) {
      if (field == 1 && dims.size() < MOST_RANK) dims.add(value);
      if (field == 2) dtype = (int) value;
      if (field == 14) external = value == 1;
    }

    void bytes(int field, long content, long length) {
      switch (field) {
        case 1 -> packedDims(content, length);
        case 8 -> name = text(content, length);
        case 4, 9, 10 -> {
          if (length >= Math.max(1, least)) data.add(new long[] {field, content, length});
        }
        default -> {}
      }
    }

    private void packedDims(long content, long length) {
      at = content;
      while (at < content + length) number(1, varint(content + length));
    }

    void end(String outer) {
      String known = name.isEmpty() ? outer : name;
      if (external) {
        throw new InvalidInputException("tensor '" + known
            + "': has its elements in another file, expected all in one file; write the model without external data");
      }
      for (long[] part : data) {
        int type = part[0] == 4 ? FLOAT : part[0] == 10 ? DOUBLE : dtype;
        found.add(new TensorRange(known, type, dims, part[1], part[2]));
      }
    }
  }

  private String text(long content, long length) {
    byte[] bytes = new byte[(int) Math.min(length, MOST_NAME_BYTES)];
    source.copy(content, bytes, 0, bytes.length);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private long varint(long end) {
    long start = at;
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) throw damaged(start);
      byte b = source.get(at++);
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) return value;
    }
    throw damaged(start);
  }

  private void skip(long length, long end) {
    if (length < 0 || length > end - at) throw damaged(at);
    at += length;
  }

  private static InvalidInputException damaged(long position) {
    return new InvalidInputException("not an ONNX file, or damaged: found no valid field at byte " + position);
  }
}
