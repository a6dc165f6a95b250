package dev.dwindle.pack;

import dev.dwindle.onnx.TensorRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The elements of a tensor, or the rest of the model file, as the directory tells of them.
 *
 * @param name the tensor's, or null for the rest
 * @param dtype ONNX code of the element type; 0 where there is none
 * @param dims sizes; none where they cannot be
 * @param gap bytes of the rest that stand in the model file between the tensor before and this one
 * @param bytes length in the model file
 * @param blocks where they are known: all of 1 MiB but the last
 */
record Section(String name, int dtype, List<Long> dims, long gap, long bytes, List<Block> blocks) {
  static final String SKELETON = "skeleton";
  private static final int MOST_LETTERS = 200;

  Section(String name, int dtype, List<Long> dims, long gap, long bytes) {
    this(name, dtype, dims, gap, bytes, new ArrayList<>());
  }

  /** The section of a range that begins so far behind the range before. */
  static Section of(TensorRange range, long gap) {
    boolean sound = range.dims().stream().allMatch(d -> d >= 0 && d < 1L << 48);
    int dtype = range.dtype() >= 0 && range.dtype() < 1 << 16 ? range.dtype() : 0;
    return new Section(range.name(), dtype, sound ? range.dims() : List.of(), gap, range.bytes());
  }

  Layout layout() {
    return Layout.of(dtype, dims);
  }

  boolean isRest() { return name == null; }

  /** What errors call it. */
  String title() {
    return isRest() ? SKELETON : title(name);
  }

  /** What errors call a tensor: a long name must leave room for what is wrong. */
  static String title(String name) {
    return "tensor '" + (name.length() <= MOST_LETTERS ? name : name.substring(0, MOST_LETTERS) + "...") + "'";
  }

  long blockCount() {
    return Math.ceilDiv(bytes, (long) BlockCodec.MOST_BYTES);
  }

  /** The bytes that come out of a block. */
  int blockBytes(long index) {
    return (int) Math.min(BlockCodec.MOST_BYTES, bytes - index * BlockCodec.MOST_BYTES);
  }
}
