package dev.dwindle.backend;

/** A compiled graph: immutable, shared by threads. */
public interface Executable extends AutoCloseable {
  /** New buffers to run in; IllegalStateException where this is closed. */
  Bound bind();

  @Override
  void close();
}
