package dev.dwindle.calibrate;

/** The smallest and largest value that a tensor takes, or is to be taken to take. */
public record Range(float min, float max) {
  /** The range of nothing: any union with it is the other. */
  public static final Range EMPTY = new Range(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);

  public Range union(Range other) {
    return new Range(Math.min(min, other.min), Math.max(max, other.max));
  }

  /** The average of both ends with those of another range; {@code momentum} is the share of this one. */
  Range towards(Range other, double momentum) {
    return new Range((float) (momentum * min + (1 - momentum) * other.min),
        (float) (momentum * max + (1 - momentum) * other.max));
  }

  public boolean isFinite() { return Float.isFinite(min) && Float.isFinite(max); }

  /** Whether there is anything between the ends. */
  public boolean isWide() { return isFinite() && min < max; }
}
