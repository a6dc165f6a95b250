package dev.dwindle.check;

import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Agreement;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Gate;
import dev.dwindle.result.Gate.Outcome;
import dev.dwindle.result.Latency;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.PackedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The bounds that a result must hold; a null bound is not asked for. Rounding in messages is towards the failure, so that a
 * breach never prints as equal.
 *
 * @param maxDrop largest loss of accuracy: {@code pt} (percentage points, hundredths of a score that ends at 1, else the metric's own unit) or {@code %} (relative)
 * @param maxSize largest file: {@code B}, {@code kB}, {@code MB}, {@code GB}, or {@code %} of the original
 * @param maxLatency largest median latency: {@code ms}, {@code us}, {@code s}, or {@code %} of the original
 * @param byInterval whether the interval's end decides (where the user asks for confidence) instead of the point estimate
 * @param noSlower whether the compressed model must take no more than {@link #SAME_TIME} of the original's time
 */
public record Gates(Limit maxDrop, Limit maxSize, Limit maxLatency, boolean byInterval, boolean noSlower) {
  /** What is still called no slower, as a share of the original's time: less cannot be told apart from noise. */
  public static final double SAME_TIME = 1.02;

  /** Standard errors that an interval of 95 % reaches to either side. */
  private static final double Z = 1.96;

  /** The name of the gate that a size budget is. */
  public static final String PACKED_SIZE = "packed-size";

  public static final List<String> DROP_UNITS = List.of("pt", "%");
  public static final List<String> SIZE_UNITS = List.of("B", "kB", "MB", "GB", "%");
  public static final List<String> LATENCY_UNITS = List.of("ms", "us", "s", "%");

  /** No bounds at all. */
  public static final Gates NONE = new Gates(null, null, null, false);

  /** Bounds on a model that may be slower than the original. */
  public Gates(Limit maxDrop, Limit maxSize, Limit maxLatency, boolean byInterval) {
    this(maxDrop, maxSize, maxLatency, byInterval, false);
  }

  /** The bound on accuracy alone. */
  public Gates accuracy() {
    return new Gates(maxDrop, null, null, byInterval);
  }

  /**
   * The bound on accuracy alone, for one of many tries: a standard error lower, at most by half. The best of many is as good as it looks
   * only where it keeps that distance, for some of them are within the bound by luck. A bound on the interval keeps it already.
   */
  public Gates cautious(Accuracy accuracy) {
    if (maxDrop == null || maxDrop.number() == 0 || byInterval || accuracy.difference() == null) return accuracy();
    Estimate change = accuracy.difference().times(1 / accuracy.point());
    double error = (change.high() - change.low()) / (2 * Z);
    double share = Math.max(0.5, 1 - error / bound(accuracy));
    return new Gates(new Limit(maxDrop.number() * share, maxDrop.unit()), null, null, false);
  }

  /** The largest drop in the units in which it is told. */
  private double bound(Accuracy accuracy) {
    return maxDrop.unit().equals("%")
        ? maxDrop.number() / 100 * Math.abs(accuracy.original().value()) / accuracy.point() : maxDrop.number();
  }

  /** These bounds, and no slower than the original. */
  public Gates withNoSlower() {
    return new Gates(maxDrop, maxSize, maxLatency, byInterval, true);
  }

  /** These bounds and one on the loss of accuracy, such as {@code 0.5pt}. */
  public Gates withMaxDrop(String limit) {
    return new Gates(Limit.parse("max-drop", limit, DROP_UNITS), maxSize, maxLatency, byInterval, noSlower);
  }

  /** These bounds and one on the size of the file, such as {@code 300kB}. */
  public Gates withMaxSize(String limit) {
    return new Gates(maxDrop, Limit.parse("max-size", limit, SIZE_UNITS), maxLatency, byInterval, noSlower);
  }

  /** What each gate that was asked for says; measurements that were not made are null. */
  public List<Gate> judge(ModelFile original, ModelFile compressed, Accuracy accuracy, Latency latency) {
    List<Gate> gates = new ArrayList<>();
    if (maxDrop != null)
      gates.add(accuracy == null || accuracy.difference() == null
          ? missing("max-drop", maxDrop, "needs a metric with labels, such as top-1") : drop(accuracy));
    if (maxSize != null) gates.add(size(original, compressed));
    if (maxLatency != null)
      gates.add(latency == null ? missing("max-latency", maxLatency, "needs a latency run") : latency(latency));
    if (noSlower && latency != null) gates.add(time(latency.speedup()));
    return gates;
  }

  /** Whether a packed file takes no more than so many percent of the original's bytes. */
  public static Gate packed(ModelFile original, PackedModel packed, Limit bound) {
    double percent = 100.0 * packed.bytes() / original.bytes();
    String found = String.format(Locale.ROOT, "%,d B (%s %% of the original)", packed.bytes(),
        upwards(percent, bound.number(), 2));
    return new Gate(PACKED_SIZE, percent <= bound.number() ? Outcome.PASSED : Outcome.FAILED, found, bound.toString(),
        "");
  }

  /** Whether a device computes what the model means. */
  public static Gate of(Agreement agreement) {
    String found = Agreement.percent(agreement.error()) + " from the plain meaning on " + agreement.device() + ", "
        + agreement.samples() + " samples";
    String remark = Stream.of(
        agreement.layer() == null ? "" : "parts at " + agreement.layer() + ": " + agreement.cause(),
        agreement.emulated() == null ? "" : agreement.emulated().prediction())
        .filter(part -> !part.isEmpty()).collect(Collectors.joining("; "));
    return new Gate("right-on-device", agreement.holds() ? Outcome.PASSED : Outcome.FAILED, found,
        Agreement.percent(agreement.bound())
            + (agreement.reason().isEmpty() ? "" : ", " + agreement.reason()),
        remark);
  }

  /** The time over the original's, paired. */
  private Gate time(Estimate speedup) {
    double ratio = 1 / speedup.value();
    double low = 1 / speedup.high();
    double high = 1 / speedup.low();
    String found = upwards(ratio, SAME_TIME, 2) + " of the original's time (95 % interval " + format(low) + " to "
        + format(high) + ")";
    boolean open = low <= SAME_TIME && SAME_TIME < high;
    Outcome outcome = (byInterval ? high : ratio) <= SAME_TIME ? Outcome.PASSED
        : byInterval && open ? Outcome.UNDECIDED : Outcome.FAILED;
    return new Gate("no-slower", outcome, found, Double.toString(SAME_TIME),
        open ? "within the noise of this measurement" : "");
  }

  private static Gate missing(String name, Limit limit, String need) {
    return new Gate(name, Outcome.UNDECIDED, "not measured", limit.toString(), need);
  }

  /**
   * To what share the squared distance of the outputs must fall for a part of the bound to be expected, where the samples cannot tell the loss of accuracy from it: the loss goes
   * about with the square, what it is known by with the root at best. Infinite where nothing was lost, where the bound is 0 or there is none, and where the loss is shown to be
   * beyond it: fewer samples see that, too.
   *
   * @param part of the bound
   */
  public double bearable(Accuracy accuracy, double part) {
    if (maxDrop == null || maxDrop.number() == 0 || accuracy.difference() == null) return Double.POSITIVE_INFINITY;
    Estimate change = loss(accuracy);
    double aim = part * bound(accuracy);
    double decisive = byInterval ? change.high() : change.value();
    if (change.low() > bound(accuracy) || decisive <= 0) return Double.POSITIVE_INFINITY;
    if (!byInterval) return aim / decisive;
    // Of value * root^2 + width * root = aim; a gain is not counted on.
    double value = Math.max(0, change.value());
    double width = change.high() - value;
    double root = 2 * aim / (width + Math.sqrt(width * width + 4 * value * aim));
    return root * root;
  }

  /** In points. */
  private static Estimate loss(Accuracy accuracy) {
    return accuracy.difference().times((accuracy.higherIsBetter() ? -1 : 1) / accuracy.point());
  }

  private Gate drop(Accuracy accuracy) {
    Estimate change = loss(accuracy);
    double drop = change.value();
    double best = change.low();
    double worst = change.high();
    double bound = bound(accuracy);
    String unit = accuracy.unit().equals("%") || accuracy.point() < 1 ? "pt" : accuracy.unit();
    String found = upwards(drop, bound, 2) + unit + " (95 % interval " + format(best) + " to " + format(worst) + unit
        + ")";
    double decisive = byInterval ? worst : drop;
    boolean open = best <= bound && bound < worst;
    String remark = !open ? "" : byInterval && drop <= bound
        ? "the data cannot decide: about " + needed(accuracy, bound - drop, worst - drop) + " samples would"
        : "not significant at 95 % confidence";
    Outcome outcome = decisive <= bound ? Outcome.PASSED : byInterval && open ? Outcome.UNDECIDED : Outcome.FAILED;
    return new Gate("max-drop", outcome, found, maxDrop.toString(), remark);
  }

  /** Intervals shrink with the root of the number of samples. */
  private static String needed(Accuracy accuracy, double margin, double half) {
    if (margin <= 0) return "far more";
    return String.format(Locale.ROOT, "%,d", (long) Math.ceil(accuracy.samples() * (half / margin) * (half / margin)));
  }

  private Gate size(ModelFile original, ModelFile compressed) {
    double bound = switch (maxSize.unit()) {
      case "%" -> maxSize.number() / 100 * original.bytes();
      case "kB" -> maxSize.number() * 1e3;
      case "MB" -> maxSize.number() * 1e6;
      case "GB" -> maxSize.number() * 1e9;
      default -> maxSize.number();
    };
    String found = String.format(Locale.ROOT, "%,d B (%s %% of the original)", compressed.bytes(),
        upwards(100.0 * compressed.bytes() / original.bytes(),
            maxSize.unit().equals("%") ? maxSize.number() : Double.MAX_VALUE, 1));
    return new Gate("max-size", compressed.bytes() <= bound ? Outcome.PASSED : Outcome.FAILED, found,
        maxSize.toString(), "");
  }

  private Gate latency(Latency latency) {
    double scale = switch (maxLatency.unit()) {
      case "%" -> latency.original().median().value() / 100;
      case "us" -> 1e-3;
      case "s" -> 1e3;
      default -> 1;
    };
    double bound = maxLatency.number() * scale;
    double median = latency.compressed().median().value();
    double low = latency.compressed().median().low();
    double high = latency.compressed().median().high();
    double decisive = byInterval ? high : median;
    String found = upwards(median, bound, 2) + "ms (95 % interval " + format(low) + " to " + format(high) + "ms)";
    String remark = low <= bound && bound < high ? "within the noise of this measurement" : "";
    Outcome outcome = decisive <= bound ? Outcome.PASSED
        : byInterval && low <= bound ? Outcome.UNDECIDED : Outcome.FAILED;
    return new Gate("max-latency", outcome, found, maxLatency.toString(), remark);
  }

  /** With as many digits, from so many on, as it takes to tell the value from the bound. */
  private static String upwards(double value, double bound, int least) {
    for (int digits = least; digits < 8; digits++) {
      String text = String.format(Locale.ROOT, "%." + digits + "f", value);
      boolean breached = value > bound;
      if (!breached || Double.parseDouble(text) > bound) return text;
    }
    return Double.toString(value);
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
