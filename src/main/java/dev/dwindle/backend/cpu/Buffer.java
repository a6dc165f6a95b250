package dev.dwindle.backend.cpu;

import dev.dwindle.backend.Extent;

/** A run of array elements that is in use from one step to another. */
final class Buffer extends Extent {
  private final Store store;
  private final int length;

  Buffer(Store store, int length) {
    super(length);
    this.store = store;
    this.length = length;
  }

  Store store() {
    return store;
  }

  int length() {
    return length;
  }

  /** First element in the store's array; known when memory has been laid out. */
  int offset() {
    return Math.toIntExact(start());
  }
}
