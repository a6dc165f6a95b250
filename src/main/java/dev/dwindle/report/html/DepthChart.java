package dev.dwindle.report.html;

import dev.dwindle.result.LayerFidelity;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** How the error builds up along the model, as a line, and what each layer alone would cost at the outputs, as points. */
final class DepthChart {
  private static final double WIDE = 1040;
  private static final double NARROW = 350;
  private static final double TOP = 30;
  private static final double BOTTOM = 196;
  private static final double HEIGHT = 222;
  private static final double LEFT = 30;
  private static final int TICKS = 5;
  private static final int FEWEST = 3;

  private final List<LayerFidelity> layers;
  private final double width;
  private final Axis x;
  private final Axis y;

  private DepthChart(List<LayerFidelity> layers, double[] decibels, double width) {
    this.layers = layers;
    this.width = width;
    double low = DoubleStream.of(decibels).min().orElseThrow();
    double high = DoubleStream.of(decibels).max().orElseThrow();
    double room = Math.max(1, (high - low) * 0.06);
    x = new Axis(0, layers.size() - 1, LEFT + 10, width - 8);
    y = new Axis(low - room, high + room, BOTTOM, TOP);
  }

  /** The chart for a wide and for a narrow window; null where there is too little to see. */
  static Element of(List<LayerFidelity> layers) {
    double[] decibels = Stream
        .concat(layers.stream().map(LayerFidelity::sqnr), layers.stream().map(LayerFidelity::sensitivity))
        .filter(DepthChart::isFinite).mapToDouble(Double::doubleValue).toArray();
    if (layers.size() < FEWEST || decibels.length < FEWEST) return null;
    return Element.of("div", "depth",
        Element.of("figure", "wide", new DepthChart(layers, decibels, WIDE).draw()),
        Element.of("figure", "narrow", new DepthChart(layers, decibels, NARROW).draw()));
  }

  private static boolean isFinite(Double decibel) {
    return decibel != null && Double.isFinite(decibel);
  }

  private Element draw() {
    Element drawing = Svg.drawing(width, HEIGHT, "Signal-to-quantization-noise ratios along the model",
        "Output SQNR as a line and sensitivity as points, in the order of the layers; the table below has the numbers.");
    for (double tick : y.ticks(TICKS)) {
      drawing.add(Svg.line("grid", LEFT, y.at(tick), width, y.at(tick)),
          Svg.text("tick", LEFT - 6, y.at(tick) + 4, "end", Show.number(tick, 0)));
    }
    drawing.add(Svg.text("tick", 0, 12, "start", "dB"), Svg.path("along", line()));
    legend(drawing);
    for (int i = 0; i < layers.size(); i++) {
      Double alone = layers.get(i).sensitivity();
      if (isFinite(alone)) drawing.add(point(i, alone));
    }
    return drawing.add(Svg.text("tick", LEFT, HEIGHT - 6, "start", "first layer"),
        Svg.text("tick", width, HEIGHT - 6, "end", "last layer"));
  }

  private Element point(int layer, double decibel) {
    Element point = Svg.circle("alone", x.at(layer), y.at(decibel), layers.size() > 150 ? 2 : 3.5);
    return point.add(Element.of("title", "", layers.get(layer).node() + ": " + Show.decibel(decibel)));
  }

  /** Broken where a layer has no finite ratio. */
  private String line() {
    StringBuilder data = new StringBuilder();
    boolean drawn = false;
    for (int i = 0; i < layers.size(); i++) {
      boolean finite = isFinite(layers.get(i).sqnr());
      if (finite) {
        data.append(drawn ? 'L' : 'M').append(Svg.number(x.at(i))).append(' ')
            .append(Svg.number(y.at(layers.get(i).sqnr())));
      }
      drawn = finite;
    }
    return data.toString();
  }

  private void legend(Element drawing) {
    drawing.add(Svg.line("along", LEFT, 8, LEFT + 18, 8),
        Svg.text("legend", LEFT + 24, 12, "start", "output SQNR"),
        Svg.circle("alone", LEFT + 124, 8, 3.5),
        Svg.text("legend", LEFT + 133, 12, "start", width > 500 ? "sensitivity: this layer alone" : "sensitivity"));
  }
}
