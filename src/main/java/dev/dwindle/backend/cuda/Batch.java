package dev.dwindle.backend.cuda;

/** Launches that a device has made ready, to be begun together. */
interface Batch extends AutoCloseable {
  /** Begins them, in their order. */
  void run();

  @Override
  default void close() {}
}
