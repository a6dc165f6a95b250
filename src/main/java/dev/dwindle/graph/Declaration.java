package dev.dwindle.graph;

/**
 * How a file declares the type of a value, so that an unchanged declaration is written as it was read.
 *
 * @param value the value, or null where the file declares a name that nothing has
 * @param place the list in which it stands; one value may stand in several
 * @param message the declaration in the file's own encoding
 * @param type the value's type when the file had been read; where the value's differs by now, it is declared anew
 */
public record Declaration(Value value, Place place, Extras message, ValueType type) {
  /** The three lists of a graph that declare types. */
  public enum Place {
    INPUT,
    OUTPUT,
    INNER
  }
}
