package dev.dwindle.result;

/**
 * A figure that the system tells, or why it does not.
 *
 * @param value null where it is not available
 * @param from where it was read, or the reason why it is not available
 */
public record Reading(Double value, String unit, String from) {
  public static Reading missing(String unit, String reason) {
    return new Reading(null, unit, reason);
  }

  public boolean isThere() { return value != null; }
}
