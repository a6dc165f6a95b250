package dev.dwindle.engine;

import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Gate;
import dev.dwindle.result.Gate.Outcome;
import dev.dwindle.result.Latency;
import dev.dwindle.result.ModelFile;
import java.util.List;
import java.util.Locale;

/** One sentence that says what was gained, what was lost and what the data cannot tell. */
final class Verdict {
  private Verdict() {}

  static String of(ModelFile before, ModelFile after, Accuracy accuracy, Latency latency, List<Gate> gates) {
    String size = String.format(Locale.ROOT, "%.2fx smaller", (double) before.bytes() / after.bytes());
    return verdictOf(gates) + ": " + size + (latency == null ? ", latency not measured" : ", " + speed(latency))
        + (accuracy == null ? ", accuracy not measured" : ", " + quality(accuracy));
  }

  private static String verdictOf(List<Gate> gates) {
    if (gates.isEmpty()) return "done";
    if (gates.stream().anyMatch(g -> g.outcome() == Outcome.FAILED)) return "FAILED";
    return gates.stream().anyMatch(g -> g.outcome() == Outcome.UNDECIDED) ? "UNDECIDED" : "passed";
  }

  private static String speed(Latency latency) {
    double factor = latency.speedup().value();
    if (latency.speedup().low() > 1) return String.format(Locale.ROOT, "%.2fx as fast", factor);
    return latency.speedup().high() < 1
        ? String.format(Locale.ROOT, "slower (%.2fx as fast)", factor) : "no faster and no slower than the noise";
  }

  private static String quality(Accuracy accuracy) {
    if (accuracy.difference() == null) {
      return String.format(Locale.ROOT, "%s %.2f %s", accuracy.metric(), accuracy.compressed().value(), accuracy.unit())
          .strip();
    }
    boolean points = accuracy.unit().equals("%");
    String number = String.format(Locale.ROOT, points ? "%+.2f" : "%+.4f", accuracy.difference().value());
    String change = number.matches("[+-]0\\.0*") ? accuracy.metric() + " unchanged"
        : accuracy.metric() + " " + number + (points ? " pt" : "");
    boolean open = accuracy.difference().low() <= 0 && accuracy.difference().high() >= 0;
    return change + (open && !change.endsWith("unchanged") ? " (not significant)" : "");
  }
}
