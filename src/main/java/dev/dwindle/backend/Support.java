package dev.dwindle.backend;

/** Whether a device runs a node, as a value. */
public sealed interface Support {
  Support YES = new Yes();

  record Yes() implements Support {}

  /** One sentence that says why not. */
  record No(String reason) implements Support {}

  static Support no(String reason) {
    return new No(reason);
  }

  default boolean isYes() { return this instanceof Yes; }
}
