package dev.dwindle.check;

import dev.dwindle.tensor.InvalidInputException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bound with its unit, as users write it: {@code 0.5pt}, {@code 0.5%}, {@code 120kB}, {@code 3.5ms}.
 *
 * @param number never negative
 * @param unit one of the units that the gate takes
 */
public record Limit(double number, String unit) {
  private static final Pattern FORM = Pattern.compile("\\s*([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)\\s*([A-Za-z%]*)\\s*");

  /**
   * Reads a bound.
   *
   * @param where the flag, for the error
   * @param units those allowed; the empty one allows a bare number
   */
  public static Limit parse(String where, String text, List<String> units) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || !units.contains(matcher.group(2))) {
      String expected = String.join(", ", units.stream().map(u -> "1" + u).toList());
      throw new InvalidInputException(
          where + ": found '" + text + "', expected a number with a unit such as " + expected);
    }
    return new Limit(Double.parseDouble(matcher.group(1)), matcher.group(2));
  }

  /** {@code 0.5pt}. */
  @Override
  public String toString() {
    return (number == Math.rint(number) ? String.format(Locale.ROOT, "%.0f", number) : Double.toString(number)) + unit;
  }
}
