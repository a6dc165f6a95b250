package dev.dwindle.backend;

/** Whether a device can be used, as a value. */
public sealed interface Availability {
  record Yes() implements Availability {}

  /** One sentence that says what is missing. */
  record No(String reason) implements Availability {}
}
