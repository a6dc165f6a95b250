package dev.dwindle.report.html;

import dev.dwindle.result.Accuracy;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Gate;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.Latency;
import dev.dwindle.result.ModelFile;
import java.util.List;
import java.util.Locale;

/** One of the three figures at the top: what changed, in large, and both models on one scale below. */
final class Tile {
  private static final double TRACK = 200;
  private static final double HEIGHT = 10;

  private Tile() {}

  /** Size, accuracy and latency, side by side; of several devices the size, and below it each with its accuracy and latency. */
  static Element row(JobResult result) {
    List<DeviceResult> devices = result.byDevice();
    Element size = size(result.original(), result.compressed());
    if (devices.size() == 1) return Element.of("div", "tiles", size).add(measured(devices.getFirst()));
    Element tiles = Element.of("div", "tiles several", size);
    devices.forEach(device -> tiles.add(device(device)).add(measured(device)));
    return tiles;
  }

  private static List<Element> measured(DeviceResult device) {
    return List.of(device.accuracy().isEmpty() ? missing("Accuracy") : accuracy(device.accuracy().getFirst()),
        device.latency() == null ? missing("Latency") : latency(device.latency()));
  }

  /** What it comes to on a device, and what each gate says there. */
  private static Element device(DeviceResult device) {
    String word = device.verdict().split(": ", 2)[0].toLowerCase(Locale.ROOT);
    Element gates = Element.of("dl", "outcomes");
    for (Gate gate : device.gates()) {
      String outcome = GateSection.outcome(gate);
      gates.add(Element.of("div", outcome, Element.of("dt", "", gate.name()), Element.of("dd", "", outcome)));
    }
    return Element.of("section", "tile device", Element.of("h2", "", device.device()),
        Element.of("p", "", Element.of("span", "status " + word.replace(' ', '-'), word)),
        device.gates().isEmpty() ? null : gates);
  }

  private static Element size(ModelFile before, ModelFile after) {
    Axis axis = new Axis(0, Math.max(before.bytes(), after.bytes()), 0, TRACK);
    long smallest = after.packed() == null ? after.bytes() : after.packed().bytes();
    String[] figure = Show.ratio(before.bytes(), smallest).split(" ", 2);
    String kept = Show.number(100.0 * smallest / before.bytes(), 1) + "\u00a0% of the original file"
        + (after.packed() == null ? "" : ", packed");
    return of("Size", figure[0], figure.length > 1 ? figure[1] : "", kept,
        row("original", bar(axis, before.bytes()), Show.size(before.bytes())),
        row("compressed", bar(axis, after.bytes()), Show.size(after.bytes())),
        after.packed() == null ? null
            : row("packed", bar(axis, after.packed().bytes()), Show.size(after.packed().bytes())));
  }

  private static Element accuracy(Accuracy accuracy) {
    Estimate original = accuracy.original();
    Axis axis = around(accuracy.compressed(), original == null ? accuracy.compressed() : original);
    Element compressed = row("compressed", whisker(axis, accuracy.compressed()),
        Show.value(accuracy.compressed(), accuracy.unit()));
    if (accuracy.difference() == null) {
      return of("Likeness", Show.value(accuracy.compressed(), ""), accuracy.unit() + " " + accuracy.metric(),
          "95 % interval " + Show.interval(accuracy.compressed()) + ", no labels needed", compressed);
    }
    return of("Accuracy", Show.signed(accuracy.difference(), ""),
        (Show.unitOfChange(accuracy) + " " + accuracy.metric()).strip(),
        "95 % interval " + Show.signedInterval(accuracy.difference()),
        original == null ? null : row("original", whisker(axis, original), Show.value(original, accuracy.unit())),
        compressed);
  }

  private static Element latency(Latency latency) {
    Estimate a = latency.original().median();
    Estimate b = latency.compressed().median();
    Axis axis = new Axis(0, Math.max(a.high(), b.high()), 0, TRACK);
    return of("Latency", Show.times(latency.speedup().value()), "as fast",
        "95 % interval " + Show.timesInterval(latency.speedup()),
        row("original", barWithEnd(axis, a), Show.millis(a.value())),
        row("compressed", barWithEnd(axis, b), Show.millis(b.value())));
  }

  static Element missing(String name) {
    return Element.of("section", "tile missing", Element.of("h2", "", name), Element.of("p", "figure", "–"),
        Element.of("p", "note", "not measured"));
  }

  /** A tile of one figure: what it is of, in large, and what it rests on. */
  static Element of(String name, String figure, String what, String note, Element... rows) {
    Element number = Element.of("p", "figure", figure).add(Element.of("span", "what", " " + what));
    return Element.of("section", "tile", Element.of("h2", "", name), number, Element.of("p", "note", note),
        Element.of("dl", "pair", rows));
  }

  /** A model's bar on a scale that ends at {@code most}, with its interval. */
  static Element bar(String cssClass, String model, double most, Estimate e, String value) {
    return Element.of("div", cssClass, Element.of("dt", "", model), barWithEnd(new Axis(0, most, 0, TRACK), e),
        Element.of("dd", "", value));
  }

  private static Element row(String model, Element track, String value) {
    return Element.of("div", model, Element.of("dt", "", model), track, Element.of("dd", "", value));
  }

  /** A scale that holds both intervals with room at its ends. */
  private static Axis around(Estimate a, Estimate b) {
    double low = Math.min(a.low(), b.low());
    double high = Math.max(a.high(), b.high());
    double room = (high - low) * 0.15;
    return new Axis(low - room, high + room, 0, TRACK);
  }

  private static Element track() {
    return Svg.decoration(TRACK, HEIGHT).with("preserveAspectRatio", "none")
        .add(Svg.rectangle("track", 0, HEIGHT / 2 - 0.5, TRACK, 1));
  }

  private static Element bar(Axis axis, double value) {
    return track().add(Svg.rectangle("bar", 0, 0, Math.max(1, axis.at(value)), HEIGHT));
  }

  private static Element barWithEnd(Axis axis, Estimate e) {
    return bar(axis, e.value()).add(interval(axis, e));
  }

  private static Element whisker(Axis axis, Estimate e) {
    return track().add(interval(axis, e)).add(Svg.rectangle("point", axis.at(e.value()) - 1.5, 0, 3, HEIGHT));
  }

  private static Element interval(Axis axis, Estimate e) {
    double low = axis.at(e.low());
    return Svg.rectangle("interval", low, HEIGHT / 2 - 1.5, Math.max(1, axis.at(e.high()) - low), 3);
  }
}
