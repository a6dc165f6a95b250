package dev.dwindle.onnx;

import java.lang.foreign.MemorySegment;

/**
 * A mapped file read byte by byte through a page on the heap: reading a segment itself costs a short program, whose code
 * is not yet compiled, ten times as much.
 */
final class PagedBytes {
  private static final int PAGE = 4096;

  private final MemorySegment file;
  private final byte[] page = new byte[PAGE];
  private long start;
  private int length;

  PagedBytes(MemorySegment file) {
    this.file = file;
  }

  byte get(long position) {
    long index = position - start;
    if (index < 0 || index >= length) {
      load(position);
      index = position - start;
    }
    return page[(int) index];
  }

  /** Copies bytes of the file, also beyond the page. */
  void copy(long from, byte[] target, int at, int count) {
    if (from >= start && from + count <= start + length) {
      System.arraycopy(page, (int) (from - start), target, at, count);
    } else {
      MemorySegment.copy(file, from, MemorySegment.ofArray(target), at, count);
    }
  }

  private void load(long position) {
    start = position / PAGE * PAGE;
    length = (int) Math.min(PAGE, file.byteSize() - start);
    MemorySegment.copy(file, start, MemorySegment.ofArray(page), 0, length);
  }
}
