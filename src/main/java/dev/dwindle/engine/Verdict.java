package dev.dwindle.engine;

import dev.dwindle.engine.Validation.Measured;
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

  /** The sentence for what was measured. */
  static String of(ModelFile before, ModelFile after, Measured measured, List<Gate> gates) {
    Accuracy accuracy = measured.accuracy().isEmpty() ? null : measured.accuracy().getFirst();
    Latency latency = measured.latency();
    if (!isFinite(measured)) return "FAILED: outputs are not finite";
    boolean larger = after.bytes() > before.bytes();
    String size = larger ? String.format(Locale.ROOT, "%.2fx larger", (double) after.bytes() / before.bytes())
        : String.format(Locale.ROOT, "%.2fx smaller", (double) before.bytes() / after.bytes());
    boolean faster = latency != null && latency.speedup().low() > 1;
    return verdictOf(gates, !larger || faster) + ": " + size
        + (latency == null ? ", latency not measured" : ", " + speed(latency))
        + (accuracy == null ? ", accuracy not measured" : ", " + quality(accuracy));
  }

  /** A metric that says nothing of the original either tells nothing of the compressed model. */
  private static boolean isFinite(Measured measured) {
    boolean layers = measured.layers().stream().allMatch(layer -> Double.isFinite(layer.maxDifference()));
    return layers && measured.accuracy().stream().allMatch(a -> !Double.isNaN(a.compressed().value())
        || (a.original() != null && Double.isNaN(a.original().value())));
  }

  private static String verdictOf(List<Gate> gates, boolean gain) {
    if (gates.isEmpty()) return gain ? "done" : "no gain";
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
