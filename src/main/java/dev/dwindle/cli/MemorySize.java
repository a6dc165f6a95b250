package dev.dwindle.cli;

import dev.dwindle.tensor.InvalidInputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A size of memory as users write it. */
final class MemorySize {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)([KMGTkmgt])(i?)[Bb]?");
  private static final String UNITS = " KMGT";

  private MemorySize() {}

  /** Of a number and a unit of 1000 or, with an i, of 1024, in bytes. */
  static long bytes(String option, String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new InvalidInputException(
          option + ": found '" + text + "', expected a size such as 800M, 2G or 1.5GiB");
    }
    double unit = size.group(3) == null || size.group(3).isEmpty() ? 1000 : 1024;
    return (long) (Double.parseDouble(size.group(1))
        * Math.pow(unit, UNITS.indexOf(Character.toUpperCase(size.group(2).charAt(0)))));
  }
}
