package dev.dwindle.search;

import dev.dwindle.check.Gates;
import dev.dwindle.graph.Model;
import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Gate;
import dev.dwindle.result.Gate.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** Tries on all devices, each measured once and kept in the journal: the device that is worst counts. */
final class Trials {
  /** What a gate says of one device. */
  private record Judged(String device, Accuracy accuracy, Gate gate) {
    boolean holds() {
      return gate.outcome() == Outcome.PASSED;
    }

    double drop() {
      double change = accuracy.difference() == null ? Double.NaN : accuracy.difference().value();
      return accuracy.higherIsBetter() ? -change : change;
    }
  }

  private static final Comparator<Judged> FROM_BEST = Comparator.comparing((Judged each) -> !each.holds())
      .thenComparingDouble(Judged::drop);

  /**
   * What is found before anything is chosen.
   *
   * @param accuracy of each device
   * @param answers of each device
   */
  record Look(Gate gate, List<Accuracy> accuracy, List<Answer> answers) {
    boolean holds() {
      return gate.outcome() == Outcome.PASSED;
    }
  }

  /** What a look says of one device. */
  enum Answer {
    HOLDS,
    /** The samples cannot tell the loss from the bound. */
    OPEN,
    /** The loss is shown to be beyond the bound, so that fewer samples show it, too; or the bound is 0. */
    BEYOND
  }

  private final List<DeviceTrials> devices;
  private final Journal journal;
  private final Gates bound;

  /** @param bound the gate on accuracy alone */
  Trials(List<DeviceTrials> devices, Journal journal, Gates bound) {
    this.devices = devices;
    this.journal = journal;
    this.bound = bound;
  }

  Gates bound() {
    return bound;
  }

  /**
   * What the gate says on the device where most is lost, which is named where there are several.
   *
   * @param key of the try in the journal
   * @param cautiously whether as one of many tries; see {@link Gates#cautious}
   */
  Gate judge(String key, Supplier<Model> model, String stage, boolean cautiously) {
    Supplier<Model> once = new Once<>(model);
    Judged worst = devices.stream().map(device -> judged(device, key, once, stage, cautiously)).max(FROM_BEST)
        .orElseThrow();
    Gate gate = worst.gate();
    return devices.size() == 1 ? gate
        : new Gate(gate.name(), gate.outcome(), gate.found() + " on " + worst.device(), gate.expected(), gate.remark());
  }

  private Judged judged(DeviceTrials device, String key, Supplier<Model> model, String stage, boolean cautiously) {
    Accuracy accuracy = journal.once(key + on(device), Accuracy.class, () -> device.accuracy(model.get(), stage));
    Gates gates = cautiously ? bound.cautious(accuracy) : bound;
    return new Judged(device.device(), accuracy, gates.judge(null, null, accuracy, null).getFirst());
  }

  /** What all devices say of a model for which nothing was chosen by accuracy: as the gate judges any other, with no distance from the bound. */
  Look look(String key, Supplier<Model> model, String stage) {
    Gate gate = judge(key, model, stage, false);
    List<Accuracy> accuracies = new ArrayList<>();
    List<Answer> answers = new ArrayList<>();
    for (DeviceTrials device : devices) {
      Judged judged = judged(device, key, model, stage, false);
      accuracies.add(judged.accuracy());
      answers.add(judged.holds() ? Answer.HOLDS
          : Double.isInfinite(bound.bearable(judged.accuracy(), 1)) ? Answer.BEYOND : Answer.OPEN);
    }
    return new Look(gate, accuracies, answers);
  }

  /** How far the outputs of a try are from the original's, on the device where they are farthest. */
  double distance(String key, Supplier<Model> model) {
    return Arrays.stream(distances(key, model, "")).max().orElseThrow();
  }

  /**
   * The same of each device.
   *
   * @param stage empty where the caller tells its progress
   */
  double[] distances(String key, Supplier<Model> model, String stage) {
    Supplier<Model> once = new Once<>(model);
    return devices.stream()
        .mapToDouble(device -> journal.once(key + on(device), Double.class, () -> device.distance(once, stage)))
        .toArray();
  }

  private static String on(DeviceTrials device) {
    return " on " + device.device();
  }
}
