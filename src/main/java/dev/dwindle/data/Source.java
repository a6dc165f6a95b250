package dev.dwindle.data;

import java.io.IOException;
import java.util.Set;

/** Where rows come from, in a fixed order. Making one checks headers and sizes; only opening it reads data. */
interface Source {
  /** How many rows there are. */
  long count();

  /** The names of the fields that each row has. */
  Set<String> fields();

  /** Whether the order of the rows is time, so that none may be left out in between. */
  default boolean isSequence() {
    return false;
  }

  /** Begins at the first row. */
  Rows open() throws IOException;

  /** The rows of a source that is open. */
  interface Rows extends AutoCloseable {
    /** The next row; asked for at most as often as there are rows. */
    Row next() throws IOException;

    @Override
    void close() throws IOException;
  }
}
