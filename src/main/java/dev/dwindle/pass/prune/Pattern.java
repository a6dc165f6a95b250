package dev.dwindle.pass.prune;

import dev.dwindle.tensor.InvalidInputException;
import java.util.regex.Matcher;

/**
 * Which weights become zero together, seen as a matrix of outputs by what each of them sums over (for a convolution inputs by kernel places, inputs running slowest).
 *
 * @param kept of each {@code length} in a row how many stay; 0 where that is not prescribed
 * @param length along what is summed over
 * @param outputs side by side
 */
record Pattern(int kept, int length, int outputs) {
  private static final java.util.regex.Pattern BLOCK = java.util.regex.Pattern
      .compile("([1-9]\\d{0,2})(?:x([1-9]\\d{0,2}))?");
  private static final java.util.regex.Pattern FIXED = java.util.regex.Pattern.compile("([1-9]\\d?):([1-9]\\d?)");

  /** What both look like. */
  static final String FORM = BLOCK.pattern() + "|" + FIXED.pattern();

  static Pattern of(String text) {
    Matcher block = BLOCK.matcher(text);
    if (block.matches()) {
      return new Pattern(0, Integer.parseInt(block.group(1)),
          block.group(2) == null ? 1 : Integer.parseInt(block.group(2)));
    }
    Matcher fixed = FIXED.matcher(text);
    if (fixed.matches() && Integer.parseInt(fixed.group(1)) < Integer.parseInt(fixed.group(2))) {
      return new Pattern(Integer.parseInt(fixed.group(1)), Integer.parseInt(fixed.group(2)), 1);
    }
    throw new InvalidInputException(
        "prune: pattern is '" + text + "', expected 1, a block such as 4x1 or 16x16, or a share such as 2:4");
  }

  /** How many of so many in a row become zero: of a rest that is shorter the same share, rounded down. */
  int lost(int of) {
    return of * (length - kept) / length;
  }

  /** Whether it says itself how many weights stay. */
  boolean isFixed() { return kept > 0; }
}
