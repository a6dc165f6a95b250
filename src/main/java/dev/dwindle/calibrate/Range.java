package dev.dwindle.calibrate;

/** The smallest and largest value that a tensor takes, or is to be taken to take. */
public record Range(float min, float max) {
  /** The range of nothing: any union with it is the other. */
  public static final Range EMPTY = new Range(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);

  public Range union(Range other) {
    return new Range(Math.min(min, other.min), Math.max(max, other.max));
  }

  public boolean isFinite() { return Float.isFinite(min) && Float.isFinite(max); }

  /** Whether there is anything between the ends. */
  public boolean isWide() { return isFinite() && min < max; }
}
