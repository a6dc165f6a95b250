package dev.dwindle.report;

import static dev.dwindle.report.Figures.number;

import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Setting;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Reading;
import dev.dwindle.result.ServerRate;
import dev.dwindle.result.Tail;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a measurement of speed was and what it allows to say, in words that the terminal and the page share. */
public final class BenchWords {
  private BenchWords() {}

  public static String threads(BenchResult result) {
    return result.threads() == 0 ? "all cores" : result.threads() == 1 ? "1 thread" : result.threads() + " threads";
  }

  /** How requests came. */
  public static String scenario(BenchResult result) {
    Setting s = result.setting();
    String flight = s.inFlight() + " in flight";
    return s.scenario() + ": " + switch (s.scenario()) {
      case "multi-stream" -> "queries of " + s.samples() + " samples, " + flight;
      case "offline" -> String.format(Locale.ROOT, "queries of %,d samples, %s", s.samples(), s.batch() > 1
          ? "batches of " + s.batch() + ", " + flight : flight);
      case "server" -> percentile(s.percent()) + " within " + plain(s.boundMillis()) + " ms, arrivals of seed "
          + s.seed() + ", " + flight;
      default -> "one request at a time";
    };
  }

  /** The highest rate, or why there is none. */
  public static String rate(ServerRate rate) {
    if (rate.rate() == 0) return rate.remark();
    return String.format(Locale.ROOT,
        "%s requests/s held (%,d requests, %,d slower than the bound), %s did not; %s without a pause; %d trials",
        number(rate.rate(), 1), rate.requests(), rate.slower(), number(rate.failed(), 1), number(rate.capacity(), 1),
        rate.trials());
  }

  /** {@code P99}. */
  public static String percentile(double percent) {
    return "P" + plain(percent);
  }

  /** What can be claimed of a percentile. */
  public static String claim(Tail tail) {
    return String.format(Locale.ROOT, "at most %s ms with 99 %% confidence (%,d of %,d slower)",
        number(tail.atMost(), 4),
        tail.slower(), tail.runs());
  }

  /** How many runs a percentile would take. */
  public static String tooFew(Tail tail) {
    return String.format(Locale.ROOT, "%s cannot be told from %,d runs: it takes %,d at least, for 99 %% confidence",
        percentile(tail.percent()), tail.runs(), tail.needed());
  }

  public static String energy(Estimate joules) {
    return Figures.value(joules.times(1e3)) + " mJ " + Figures.interval(joules.times(1e3));
  }

  public static String probability(double p) {
    return p < 0.001 ? "less than 0.001" : number(p, p < 0.1 ? 3 : 2);
  }

  /** The machine during the measurement, by what is told. */
  public static Map<String, String> machine(BenchResult result) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("clock", change(result.before().frequency(), result.after().frequency(), 0));
    facts.put("temperature", change(result.before().temperature(), result.after().temperature(), 1));
    facts.put("throttled for heat", change(result.before().throttles(), result.after().throttles(), 0));
    facts.put("load", change(result.before().load(), result.after().load(), 2));
    facts.put("cores in use", cores(result));
    facts.put("peak memory", result.peakMemoryBytes() == 0 ? "not available: no VmHWM in /proc/self/status"
        : Figures.memory(result.peakMemoryBytes()) + ", the whole process");
    if (!result.noEnergy().isEmpty()) facts.put("energy", "not available: " + result.noEnergy());
    else if (!result.energyOf().isEmpty()) facts.put("energy", "that of " + result.energyOf());
    return facts;
  }

  private static String cores(BenchResult result) {
    Reading own = result.use().own();
    if (!own.isThere()) return "not available: " + own.from();
    return number(own.value(), 2) + " by this process, " + number(result.use().others().value(), 2) + " by others, "
        + number(result.use().stolen().value(), 2) + " by the host";
  }

  private static String change(Reading before, Reading after, int decimals) {
    if (!before.isThere() || !after.isThere()) return "not available: " + before.from();
    String unit = before.unit().isEmpty() ? "" : " " + before.unit();
    return number(before.value(), decimals) + unit + " before, " + number(after.value(), decimals) + unit + " after";
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? number(number, 0) : Double.toString(number);
  }
}
