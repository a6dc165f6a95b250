package dev.dwindle.result;

/**
 * What a gate said.
 *
 * @param name such as {@code max-drop}
 * @param outcome whether it holds
 * @param found the measured value with its unit
 * @param expected the bound with its unit
 * @param remark what the data cannot decide, or how many samples would; may be empty
 */
public record Gate(String name, Outcome outcome, String found, String expected, String remark) {
  /** Passed, failed, or not decided by the data at hand. */
  public enum Outcome {
    PASSED,
    FAILED,
    UNDECIDED
  }
}
