package dev.dwindle.result;

import java.util.List;
import java.util.Locale;

/**
 * What a compressed model does on a device whose integer units saturate, by the plain meaning of operators that saturate alike.
 *
 * @param arithmetic how the device adds up, as a probe found it
 * @param effect how far saturation takes the outputs from the plain meaning, as in {@link Agreement#error}
 * @param error how far the device's outputs are from the emulated ones
 * @param samples on which the accuracy is predicted; 0 where saturation changes next to nothing
 * @param accuracy what is predicted for the device; empty where saturation changes next to nothing
 */
public record Emulated(String arithmetic, double effect, double error, long samples, List<Accuracy> accuracy) {
  public Emulated {
    accuracy = List.copyOf(accuracy);
  }

  /** Whether saturation is why the device parts from the plain meaning: it is nearer to what is emulated. */
  public boolean explains(double distance) {
    return error < distance / 2;
  }

  /** Whether saturation changes the outputs by more than rounding. */
  public boolean matters() {
    return effect > Agreement.ROUNDING;
  }

  /** What is predicted of the first metric, in words; empty where nothing is. */
  public String prediction() {
    if (accuracy.isEmpty() || accuracy.getFirst().difference() == null) return "";
    Accuracy first = accuracy.getFirst();
    Estimate change = first.difference();
    return String.format(Locale.ROOT, "emulated on %d samples %s changes by %+.2f (95 %% interval %+.2f to %+.2f)%s",
        samples,
        first.metric(), change.value(), change.low(), change.high(), first.unit().equals("%") ? " pt" : "");
  }

  public Emulated withAccuracy(long count, List<Accuracy> predicted) {
    return new Emulated(arithmetic, effect, error, count, predicted);
  }
}
