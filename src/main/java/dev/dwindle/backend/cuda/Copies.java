package dev.dwindle.backend.cuda;

/** Copies of whole values. */
final class Copies {
  private static final Kernel COPY = new Kernel("movement", "copy");

  private Copies() {}

  /** Lets the first bytes of one place stand in another, of which as many are read. */
  static void whole(Planning planning, Place from, Place.Planned to) {
    planning.launch(COPY, Grid.ofElements(to.bytes()), new Arguments().at(from).at(to).int64(to.bytes()));
  }
}
