package dev.dwindle.measure;

/** Where loads of one kind come from: something compiled, which makes them buffers. */
interface Source extends AutoCloseable {
  /** A load with buffers of its own. */
  Load open();

  /** Compiles anew, so that weights come to lie elsewhere; loads that are open must be closed before. */
  void renew();

  @Override
  void close();
}
