package dev.dwindle.backend.cpu;

/** A run of array elements that is in use from one step to another; its offset is set when all lifetimes are known. */
final class Buffer {
  /** The step after all others: a buffer that lives so long is never given to anything else. */
  static final int END = Integer.MAX_VALUE;

  private final Store store;
  private final int length;
  private int first = END;
  private int last = -1;
  private int offset = -1;

  Buffer(Store store, int length) {
    this.store = store;
    this.length = length;
  }

  Store store() {
    return store;
  }

  int length() {
    return length;
  }

  /** Notes that a step reads or writes the buffer. */
  void use(int step) {
    first = Math.min(first, step);
    last = Math.max(last, step);
  }

  boolean overlaps(Buffer other) {
    return first <= other.last && other.first <= last;
  }

  /** First element in the store's array; known when memory has been laid out. */
  int offset() {
    return offset;
  }

  void place(int at) {
    offset = at;
  }
}
