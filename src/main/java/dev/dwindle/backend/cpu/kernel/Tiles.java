package dev.dwindle.backend.cpu.kernel;

/** The choice of a tile. Apart from {@link Tile}, whose subclasses could not be initialized before their choice. */
final class Tiles {
  /** The tile of this machine. */
  static final Tile CURRENT = of(Machine.current());

  private Tiles() {}

  /** Chosen by the number of registers, not by their width. */
  static Tile of(Machine machine) {
    if (machine.registers() < 32) {
      return new Tile4x2();
    }
    return machine.vectorBits() > 128 ? new Tile12x2() : new Tile6x4();
  }
}
