package dev.dwindle.report;

import dev.dwindle.result.Estimate;
import java.util.Locale;

/** Numbers as a reader wants them: with a unit, with the digits that the interval carries. */
public final class Figures {
  private Figures() {}

  /** {@code 1,092,166 B}. */
  public static String bytes(long bytes) {
    return String.format(Locale.ROOT, "%,d B", bytes);
  }

  /** Memory in MiB. */
  public static String memory(long bytes) {
    return String.format(Locale.ROOT, "%,.0f MiB", bytes / 1048576.0);
  }

  /** A value with the decimals that its interval's width justifies, two to four. */
  public static String value(Estimate e) {
    return number(e.value(), decimals(e));
  }

  /** {@code [89.5, 91.6]}. */
  public static String interval(Estimate e) {
    int decimals = decimals(e);
    return "[" + number(e.low(), decimals) + ", " + number(e.high(), decimals) + "]";
  }

  /** A value with its sign. */
  public static String signed(Estimate e) {
    String text = value(e);
    return e.value() > 0 ? "+" + text : text;
  }

  /** {@code [-0.62, +0.41]}. */
  public static String signedInterval(Estimate e) {
    int decimals = decimals(e);
    return "[" + sign(e.low()) + number(e.low(), decimals) + ", " + sign(e.high()) + number(e.high(), decimals) + "]";
  }

  private static String sign(double value) {
    return value > 0 ? "+" : "";
  }

  public static String number(double value, int decimals) {
    if (Double.isNaN(value)) return "n/a";
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return text.matches("-0\\.?0*") ? text.substring(1) : text;
  }

  private static int decimals(Estimate e) {
    double width = e.high() - e.low();
    if (!(width > 0)) return 2;
    return Math.clamp((long) Math.ceil(1 - Math.log10(width)), 2, 4);
  }
}
