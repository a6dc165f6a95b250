package dev.dwindle.measure;

import dev.dwindle.backend.Bound;

/** Work that is timed as one, on buffers of its own: a request, or several of them at once. */
interface Load extends AutoCloseable {
  /** Returns when all of it is done. */
  void run();

  @Override
  void close();

  /** A single request. */
  static Load of(Bound bound) {
    return new Load() {
      @Override
      public void run() {
        bound.run();
      }

      @Override
      public void close() {
        bound.close();
      }
    };
  }
}
