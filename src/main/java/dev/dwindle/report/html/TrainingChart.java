package dev.dwindle.report.html;

import dev.dwindle.result.Curve;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** How a training went: each of its curves over the epochs, with what it is to come to as a broken line. */
final class TrainingChart {
  private static final double WIDE = 480;
  private static final double NARROW = 350;
  private static final double TOP = 30;
  private static final double BOTTOM = 150;
  private static final double HEIGHT = 182;
  private static final double LEFT = 44;
  private static final double RIGHT = 10;
  private static final int TICKS = 4;
  private static final int FEWEST = 2;

  private final Curve curve;
  private final double width;
  private final Axis x;
  private final Axis y;

  private TrainingChart(Curve curve, double width) {
    this.curve = curve;
    this.width = width;
    double[] all = DoubleStream.concat(curve.values().stream().mapToDouble(Double::doubleValue),
        curve.goal() == null ? DoubleStream.empty() : DoubleStream.of(curve.goal())).filter(Double::isFinite).toArray();
    double low = DoubleStream.of(all).min().orElse(0);
    double high = DoubleStream.of(all).max().orElse(1);
    double room = Math.max((high - low) * 0.06, Math.max(Math.abs(high) * 1e-3, 1e-9));
    x = new Axis(curve.first(), last(), LEFT, width - RIGHT);
    y = new Axis(low - room, high + room, BOTTOM, TOP);
  }

  private long last() {
    return curve.first() + curve.values().size() - 1;
  }

  /** All curves that have something to show, each for a wide and for a narrow window; null where none has. */
  static Element of(List<Curve> curves) {
    Element all = Element.of("div", "training");
    List<Curve> shown = curves.stream().filter(curve -> curve.values().size() >= FEWEST).toList();
    for (Curve curve : shown) {
      all.add(Element.of("figure", "wide", new TrainingChart(curve, WIDE).draw()),
          Element.of("figure", "narrow", new TrainingChart(curve, NARROW).draw()));
    }
    return shown.isEmpty() ? null : all;
  }

  private Element draw() {
    String unit = curve.unit().isEmpty() ? "" : ", " + curve.unit();
    Element drawing = Svg.drawing(width, HEIGHT, "Training: " + curve.name(), words());
    for (double tick : y.ticks(TICKS)) {
      drawing.add(Svg.line("grid", LEFT, y.at(tick), width - RIGHT, y.at(tick)),
          Svg.text("tick", LEFT - 6, y.at(tick) + 4, "end", Show.number(tick, y.decimals(TICKS))));
    }
    drawing.add(Svg.text("legend", 0, 12, "start", curve.name() + unit));
    if (curve.goal() != null) {
      drawing.add(Svg.line("goal", LEFT, y.at(curve.goal()), width - RIGHT, y.at(curve.goal())),
          Svg.line("goal", width - 104, 8, width - 82, 8),
          Svg.text("legend", width - RIGHT, 12, "end", "learned from"));
    }
    drawing.add(Svg.path("learned", line()));
    if (curve.values().size() <= 60) points(drawing);
    return drawing.add(Svg.text("tick", LEFT, HEIGHT - 12, "start", "epoch " + curve.first()),
        Svg.text("tick", width - RIGHT, HEIGHT - 12, "end", Long.toString(last())));
  }

  private void points(Element drawing) {
    for (int i = 0; i < curve.values().size(); i++) {
      double value = curve.values().get(i);
      if (!Double.isFinite(value)) continue;
      drawing.add(Svg.circle("epoch", x.at(curve.first() + i), y.at(value), 2.5)
          .add(Element.of("title", "", "epoch " + (curve.first() + i) + ": " + shown(value))));
    }
  }

  private String shown(double value) {
    return Show.number(value, Math.min(9, y.decimals(TICKS) + 2)) + (curve.unit().isEmpty() ? "" : " " + curve.unit());
  }

  private String words() {
    return "From " + shown(curve.values().getFirst()) + " in epoch " + curve.first() + " to "
        + shown(curve.values().getLast()) + " in epoch " + last()
        + (curve.goal() == null ? "." : "; of what is learned from: " + shown(curve.goal()) + ".");
  }

  /** Broken where a value is not finite. */
  private String line() {
    StringBuilder data = new StringBuilder();
    boolean[] finite = new boolean[curve.values().size() + 1];
    IntStream.range(0, curve.values().size()).forEach(i -> {
      double value = curve.values().get(i);
      finite[i + 1] = Double.isFinite(value);
      if (finite[i + 1]) {
        data.append(finite[i] ? 'L' : 'M').append(Svg.number(x.at(curve.first() + i))).append(' ')
            .append(Svg.number(y.at(value)));
      }
    });
    return data.toString();
  }
}
