package dev.dwindle.engine;

import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Gate;
import dev.dwindle.result.Gate.Outcome;
import dev.dwindle.result.Latency;
import dev.dwindle.result.ModelFile;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** One sentence that says what was gained, what was lost and what the data cannot tell. */
final class Verdict {
  private Verdict() {}

  /** What it comes to on a device, from the worst. */
  private enum Word {
    FAILED("FAILED"), UNDECIDED("UNDECIDED"), NO_GAIN("no gain"), DONE("done"), PASSED("passed");

    private final String text;

    Word(String text) {
      this.text = text;
    }

    static Word of(ModelFile before, ModelFile after, Judged judged) {
      List<Gate> gates = judged.gates();
      if (!isFinite(judged.measured())) return FAILED;
      Latency latency = judged.measured().latency();
      boolean faster = latency != null && latency.speedup().low() > 1;
      if (gates.isEmpty()) {
        boolean smaller = after.bytes() <= before.bytes()
            || (after.packed() != null && after.packed().bytes() <= before.bytes());
        return smaller || faster ? DONE : NO_GAIN;
      }
      if (gates.stream().anyMatch(g -> g.outcome() == Outcome.FAILED)) return FAILED;
      return gates.stream().anyMatch(g -> g.outcome() == Outcome.UNDECIDED) ? UNDECIDED : PASSED;
    }
  }

  /** The device of the worst verdict, the first of them where several have it. */
  static Judged worst(ModelFile before, ModelFile after, List<Judged> devices) {
    return Collections.min(devices, Comparator.comparing(each -> Word.of(before, after, each)));
  }

  /** The sentence for what was measured on one device or several: with the worst of their words, and what is said of each. */
  static String of(ModelFile before, ModelFile after, List<Judged> devices) {
    Word worst = Word.of(before, after, worst(before, after, devices));
    if (devices.size() == 1) {
      Measured only = devices.getFirst().measured();
      return worst.text + ": " + (isFinite(only) ? size(before, after) + ", " + figures(only) : figures(only));
    }
    boolean alike = devices.stream().allMatch(each -> Word.of(before, after, each) == worst);
    return worst.text + ": " + size(before, after) + devices.stream()
        .map(each -> "; on " + each.measured().device() + " "
            + (alike ? "" : Word.of(before, after, each).text + ", ") + figures(each.measured()))
        .collect(Collectors.joining());
  }

  private static String size(ModelFile before, ModelFile after) {
    String file = size(before.bytes(), after.bytes());
    return after.packed() == null ? file : file + ", packed " + size(before.bytes(), after.packed().bytes());
  }

  private static String size(long before, long after) {
    return after > before ? String.format(Locale.ROOT, "%.2fx larger", (double) after / before)
        : String.format(Locale.ROOT, "%.2fx smaller", (double) before / after);
  }

  private static String figures(Measured measured) {
    if (!isFinite(measured)) return "outputs are not finite";
    Accuracy accuracy = measured.accuracy().isEmpty() ? null : measured.accuracy().getFirst();
    return (measured.latency() == null ? "latency not measured" : speed(measured.latency())) + ", "
        + (accuracy == null ? "accuracy not measured" : quality(accuracy));
  }

  /** A metric that says nothing of the original either tells nothing of the compressed model. */
  private static boolean isFinite(Measured measured) {
    boolean layers = measured.layers().stream().allMatch(layer -> Double.isFinite(layer.maxDifference()));
    return layers && measured.accuracy().stream().allMatch(a -> !Double.isNaN(a.compressed().value())
        || (a.original() != null && Double.isNaN(a.original().value())));
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
