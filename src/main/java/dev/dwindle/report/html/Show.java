package dev.dwindle.report.html;

import dev.dwindle.report.Figures;
import dev.dwindle.result.Accuracy;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.JobResult;
import java.util.Locale;

/** Numbers and names as the page shows them: with the signs of typography, sizes in decimal units. */
final class Show {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};
  /** Between a number and its unit. */
  private static final String SPACE = "\u00a0";

  private Show() {}

  /** Three digits and a unit: {@code 314 kB}. */
  static String size(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return number(value, decimals) + SPACE + UNITS[unit];
  }

  /** {@code 3.47× smaller}. */
  static String ratio(long before, long after) {
    if (before == 0 || after == 0) return "–";
    return before < after ? times((double) after / before) + " larger" : times((double) before / after) + " smaller";
  }

  static String times(double factor) {
    return number(factor, 2) + "×";
  }

  static String number(double value, int decimals) {
    return typographic(Figures.number(value, decimals));
  }

  static String decibel(double value) {
    return value == Double.POSITIVE_INFINITY ? "equal" : Double.isNaN(value) ? "n/a" : number(value, 1) + SPACE + "dB";
  }

  static String millis(double value) {
    return number(value, value < 10 ? 3 : value < 100 ? 2 : 1) + SPACE + "ms";
  }

  static String value(Estimate estimate, String unit) {
    return typographic(Figures.value(estimate)) + suffix(unit);
  }

  static String signed(Estimate estimate, String unit) {
    return typographic(Figures.signed(estimate)) + suffix(unit);
  }

  /** {@code 89.5 to 91.6}. */
  static String interval(Estimate estimate) {
    return between(Figures.interval(estimate));
  }

  /** With as many decimals as {@link #times}. */
  static String timesInterval(Estimate factor) {
    return number(factor.low(), 2) + " to " + number(factor.high(), 2);
  }

  static String signedInterval(Estimate estimate) {
    return between(Figures.signedInterval(estimate));
  }

  /** The unit of a difference: shares differ by points. */
  static String unitOfChange(Accuracy accuracy) {
    return accuracy.unit().equals("%") ? "pt" : accuracy.unit();
  }

  /** An element type as people say it: {@code FP32}, {@code INT8}. */
  static String type(String dtype) {
    return switch (dtype) {
      case "float" -> "FP32";
      case "float16" -> "FP16";
      case "bfloat16" -> "BF16";
      case "float8e4m3fn" -> "FP8 E4M3";
      case "float8e5m2" -> "FP8 E5M2";
      default -> dtype.toUpperCase(Locale.ROOT);
    };
  }

  /** The device, where the result is of several; else empty. */
  static String oneOf(JobResult result, DeviceResult device) {
    return result.byDevice().size() == 1 ? "" : device.device();
  }

  /** A line in small below a name; null where it is empty. */
  static Element below(String text) {
    return text.isEmpty() ? null : Element.of("span", "below", text);
  }

  /** The last part of a path. */
  static String fileName(String path) {
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  }

  /** Minus signs and multiplication signs in a sentence of ours. */
  static String sentence(String text) {
    return text.replaceAll("(\\d)x ", "$1× ").replaceAll("(^|[ \\[(])-(?=[\\d.])", "$1−");
  }

  private static String between(String brackets) {
    return typographic(brackets.substring(1, brackets.length() - 1).replace(", ", " to "));
  }

  private static String typographic(String number) {
    return number.replace('-', '−');
  }

  private static String suffix(String unit) {
    return unit.isEmpty() ? "" : SPACE + unit;
  }
}
