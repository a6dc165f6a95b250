package dev.dwindle.cli;

import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;

/** An option or parameter of a command: the value that the command line gives it, or the one it has without. */
final class Argument<T> {
  /** Where picocli reads and writes the value; the types it does so with are those of the declaration. */
  final Binding binding = new Binding();
  private T value;

  Argument(T initial) {
    value = initial;
  }

  T get() {
    return value;
  }

  /** The value, as picocli sees it. */
  @SuppressWarnings("unchecked")
  final class Binding implements IGetter, ISetter {
    @Override
    public <V> V get() {
      return (V) value;
    }

    @Override
    public <V> V set(V next) {
      V previous = (V) value;
      value = (T) next;
      return previous;
    }
  }
}
