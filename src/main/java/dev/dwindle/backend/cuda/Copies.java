package dev.dwindle.backend.cuda;

/** Copies of whole values. */
final class Copies {
  private static final Kernel COPY = new Kernel("movement", "copy");

  /** Bytes that a thread copies at once. */
  private static final int WORD = 16;

  private Copies() {}

  /** Lets the first bytes of one place stand in another, of which as many are read. */
  static void whole(Planning planning, Place from, Place.Planned to) {
    planning.launch(COPY, Grid.ofElements(Math.ceilDiv(to.bytes(), WORD)),
        new Arguments().at(from).at(to).int64(to.bytes()));
  }
}
