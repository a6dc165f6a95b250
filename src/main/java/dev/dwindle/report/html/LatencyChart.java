package dev.dwindle.report.html;

import dev.dwindle.result.Latency;
import dev.dwindle.result.Timing;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/** How the runs of both models are distributed, one above the other on one axis, with median and percentiles marked. */
final class LatencyChart {
  private static final double WIDE = 1040;
  private static final double NARROW = 350;
  private static final double PLOT = 74;
  private static final double TOP = 24;
  private static final double BETWEEN = 34;
  private static final double NAME_WIDTH = 124;
  private static final double LABEL = 30;
  private static final double HEIGHT = TOP + 2 * PLOT + BETWEEN + 34;
  /** The axis ends so many times the distance from median to third quartile above the median: far slower runs would flatten the rest. */
  private static final double REACH = 6;

  private final double width;
  private final Axis axis;
  private final int bins;

  private LatencyChart(Latency latency, double width) {
    this.width = width;
    Timing a = latency.original();
    Timing b = latency.compressed();
    double low = Math.min(a.quantiles().getFirst(), b.quantiles().getFirst());
    double high = Math.max(end(a.quantiles()), end(b.quantiles()));
    double room = Math.max((high - low) * 0.04, high * 1e-3);
    axis = new Axis(Math.max(0, low - room), high + room, 1, width - 1);
    bins = (int) (width / 8);
  }

  /** The chart for a wide and for a narrow window; null where nothing was measured or no distribution was kept. */
  static Element section(Latency latency) {
    boolean known = latency != null && latency.original().quantiles().size() == 101
        && latency.compressed().quantiles().size() == 101;
    if (!known) return null;
    LatencyChart wide = new LatencyChart(latency, WIDE);
    return Section.of("latency", "Latency of single runs", Element.of("figure", "wide", wide.draw(latency)),
        Element.of("figure", "narrow", new LatencyChart(latency, NARROW).draw(latency)),
        Section.note("Height: share of runs, on one scale for both." + wide.beyond(latency)));
  }

  private static double end(List<Double> quantiles) {
    double median = quantiles.get(50);
    return Math.min(quantiles.getLast(), median + REACH * Math.max(quantiles.get(75) - median, median * 0.01));
  }

  /** How much of both models' runs the axis does not reach. */
  private String beyond(Latency latency) {
    double a = 1 - share(latency.original().quantiles(), axis.high());
    double b = 1 - share(latency.compressed().quantiles(), axis.high());
    if (a < 0.005 && b < 0.005) return "";
    return " Beyond the axis: " + Show.number(a * 100, 0) + " % of the original's runs, up to "
        + Show.millis(latency.original().quantiles().getLast()) + ", and " + Show.number(b * 100, 0)
        + " % of the compressed model's, up to " + Show.millis(latency.compressed().quantiles().getLast()) + ".";
  }

  private Element draw(Latency latency) {
    Timing a = latency.original();
    Timing b = latency.compressed();
    Element drawing = Svg.drawing(width, HEIGHT, "Distribution of latency",
        "Original: " + inWords(a) + ". Compressed: " + inWords(b) + ".");
    ticks(drawing);
    double[] original = shares(a);
    double[] compressed = shares(b);
    double most = DoubleStream.concat(Arrays.stream(original), Arrays.stream(compressed)).max().orElse(1);
    return drawing.add(model("original", a, original, most, TOP),
        model("compressed", b, compressed, most, TOP + PLOT + BETWEEN));
  }

  private static String inWords(Timing t) {
    return "median " + Show.millis(t.median().value()) + ", fastest " + Show.millis(t.quantiles().getFirst())
        + ", slowest " + Show.millis(t.quantiles().getLast());
  }

  private void ticks(Element drawing) {
    int about = width < 500 ? 4 : 8;
    double bottom = HEIGHT - 28;
    List<Double> ticks = axis.ticks(about);
    for (double tick : ticks) {
      double x = axis.at(tick);
      String unit = tick == ticks.getLast() ? "\u00a0ms" : "";
      String anchor = x > width - 24 ? "end" : x < 16 ? "start" : "middle";
      drawing.add(Svg.line("grid", x, TOP, x, bottom),
          Svg.text("tick", x, bottom + 18, anchor, Show.number(tick, axis.decimals(about)) + unit));
    }
  }

  private Element model(String name, Timing timing, double[] shares, double most, double top) {
    double bottom = top + PLOT;
    double[] heights = Arrays.stream(shares).map(share -> most == 0 ? 0 : share / most * (PLOT - 6)).toArray();
    Element group = Element.of("g", name,
        Svg.text("name", 1, top - 8, "start", name.equals("original") ? "Original" : "Compressed"),
        Svg.path("shape", Svg.steps(heights, axis.from(), bottom, (axis.to() - axis.from()) / bins)),
        Svg.line("base", axis.from(), bottom, axis.to(), bottom));
    double median = Math.clamp(axis.at(timing.median().value()), NAME_WIDTH, width - LABEL);
    group.add(Svg.line("median", axis.at(timing.median().value()), top - 4, axis.at(timing.median().value()), bottom),
        Svg.text("mark strong", median, top - 8, "middle", Show.millis(timing.median().value())));
    double p90 = percentile(group, "P90", timing.p90(), median + 1.5 * LABEL, top);
    percentile(group, "P99", timing.p99(), p90 + LABEL, top);
    return group;
  }

  /** Marks a percentile, in words only from this pixel on; returns where the mark stands. */
  private double percentile(Element group, String name, Double millis, double from, double top) {
    if (millis == null || millis > axis.high()) return from;
    double x = axis.at(millis);
    group.add(Svg.line("percentile", x, top - 2, x, top + PLOT));
    if (x >= from && x < width - LABEL / 2) group.add(Svg.text("mark", x, top - 8, "middle", name));
    return Math.max(x, from - LABEL);
  }

  /** Each bin's share of the runs. */
  private double[] shares(Timing timing) {
    double[] shares = new double[bins];
    double step = (axis.high() - axis.low()) / bins;
    Arrays.setAll(shares, i -> share(timing.quantiles(), axis.low() + (i + 1) * step)
        - share(timing.quantiles(), axis.low() + i * step));
    return shares;
  }

  /** The share of runs that took no longer than this. */
  static double share(List<Double> quantiles, double millis) {
    int above = 0;
    while (above < quantiles.size() && quantiles.get(above) <= millis) above++;
    if (above == 0) return 0;
    if (above == quantiles.size()) return 1;
    double low = quantiles.get(above - 1);
    return (above - 1 + (millis - low) / (quantiles.get(above) - low)) / (quantiles.size() - 1);
  }
}
