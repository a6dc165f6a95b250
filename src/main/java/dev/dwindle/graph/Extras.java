package dev.dwindle.graph;

/**
 * Fields of a model file that this house does not interpret, in the file's own encoding: they are carried along and
 * written back. Only {@code onnx} looks inside.
 */
public record Extras(byte[] bytes) {
  /** Nothing beyond what the graph says itself. */
  public static final Extras NONE = new Extras(new byte[0]);

  public boolean isEmpty() { return bytes.length == 0; }
}
