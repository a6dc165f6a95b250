package dev.dwindle.report.html;

import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.Timing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** How the runs of models are distributed, one model above the other on one axis, with median and percentiles marked. */
final class LatencyChart {
  /**
   * The runs of one model.
   *
   * @param cssClass {@code original} or {@code compressed}, by which it is coloured
   */
  record Series(String cssClass, String name, Timing timing) {
    double slowest() {
      return timing.quantiles().getLast();
    }
  }

  private static final double WIDE = 1040;
  private static final double NARROW = 350;
  private static final double PLOT = 74;
  private static final double TOP = 24;
  private static final double BETWEEN = 34;
  private static final double LABEL = 30;
  private static final double LETTER = 7.2;
  /** The axis ends so many times the distance from median to third quartile above the median: far slower runs would flatten the rest. */
  private static final double REACH = 6;

  private final List<Series> all;
  private final double width;
  private final double height;
  private final Axis axis;
  private final int bins;

  private LatencyChart(List<Series> all, double width) {
    this.all = all;
    this.width = width;
    height = TOP + all.size() * (PLOT + BETWEEN);
    double low = all.stream().mapToDouble(s -> s.timing().quantiles().getFirst()).min().orElseThrow();
    double high = all.stream().mapToDouble(s -> end(s.timing().quantiles())).max().orElseThrow();
    double room = Math.max((high - low) * 0.04, high * 1e-3);
    axis = new Axis(Math.max(0, low - room), high + room, 1, width - 1);
    bins = (int) (width / 8);
  }

  /** The chart of both models, on each device; null where nothing was measured or no distribution was kept. */
  static Element section(JobResult result) {
    List<Series> all = new ArrayList<>();
    for (DeviceResult device : result.byDevice()) {
      if (device.latency() == null) continue;
      String name = Show.oneOf(result, device);
      String where = name.isEmpty() ? "" : ", " + name;
      all.add(new Series("original", "Original" + where, device.latency().original()));
      all.add(new Series("compressed", "Compressed" + where, device.latency().compressed()));
    }
    return section("Latency of single runs", all);
  }

  /** The chart for a wide and for a narrow window; null where no distribution was kept. */
  static Element section(String heading, List<Series> all) {
    if (all.isEmpty() || all.stream().anyMatch(s -> s.timing().quantiles().size() != 101)) return null;
    LatencyChart wide = new LatencyChart(all, WIDE);
    String scale = all.size() == 1 ? "Height: share of runs." : "Height: share of runs, on one scale for all.";
    return Section.of("latency", heading, Element.of("figure", "wide", wide.draw()),
        Element.of("figure", "narrow", new LatencyChart(all, NARROW).draw()), Section.note(scale + wide.beyond()));
  }

  private static double end(List<Double> quantiles) {
    double median = quantiles.get(50);
    return Math.min(quantiles.getLast(), median + REACH * Math.max(quantiles.get(75) - median, median * 0.01));
  }

  /** How much of the runs the axis does not reach. */
  private String beyond() {
    if (all.stream().allMatch(s -> beyond(s) < 0.005)) return "";
    return " Beyond the axis: " + all.stream().map(s -> s.name() + " " + Show.number(beyond(s) * 100, 0)
        + " % of the runs, up to " + Show.millis(s.slowest())).collect(Collectors.joining("; ")) + ".";
  }

  private double beyond(Series series) {
    return 1 - share(series.timing().quantiles(), axis.high());
  }

  private Element draw() {
    Element drawing = Svg.drawing(width, height, "Distribution of latency",
        all.stream().map(LatencyChart::inWords).collect(Collectors.joining(" ")));
    ticks(drawing);
    List<double[]> shares = all.stream().map(s -> shares(s.timing())).toList();
    double most = shares.stream().flatMapToDouble(Arrays::stream).max().orElse(1);
    for (int i = 0; i < all.size(); i++) {
      drawing.add(model(all.get(i), shares.get(i), most, TOP + i * (PLOT + BETWEEN)));
    }
    return drawing;
  }

  private static String inWords(Series series) {
    Timing t = series.timing();
    return series.name() + ": median " + Show.millis(t.median().value()) + ", fastest "
        + Show.millis(t.quantiles().getFirst()) + ", slowest " + Show.millis(series.slowest()) + ".";
  }

  private void ticks(Element drawing) {
    int about = width < 500 ? 4 : 8;
    double bottom = height - 28;
    List<Double> ticks = axis.ticks(about);
    for (double tick : ticks) {
      double x = axis.at(tick);
      String unit = tick == ticks.getLast() ? "\u00a0ms" : "";
      String anchor = x > width - 24 ? "end" : x < 16 ? "start" : "middle";
      drawing.add(Svg.line("grid", x, TOP, x, bottom),
          Svg.text("tick", x, bottom + 18, anchor, Show.number(tick, axis.decimals(about)) + unit));
    }
  }

  private Element model(Series series, double[] shares, double most, double top) {
    Timing timing = series.timing();
    double bottom = top + PLOT;
    double[] heights = Arrays.stream(shares).map(share -> most == 0 ? 0 : share / most * (PLOT - 6)).toArray();
    String name = shortened(series.name());
    Element group = Element.of("g", series.cssClass(), Svg.text("name", 1, top - 8, "start", name),
        Svg.path("shape", Svg.steps(heights, axis.from(), bottom, (axis.to() - axis.from()) / bins)),
        Svg.line("base", axis.from(), bottom, axis.to(), bottom));
    double right = name.length() * LETTER + LABEL + 22;
    double median = Math.clamp(axis.at(timing.median().value()), Math.min(right, width - LABEL), width - LABEL);
    group.add(Svg.line("median", axis.at(timing.median().value()), top - 4, axis.at(timing.median().value()), bottom),
        Svg.text("mark strong", median, top - 8, "middle", Show.millis(timing.median().value())));
    double p90 = percentile(group, "P90", timing.p90(), median + 1.5 * LABEL, top);
    percentile(group, "P99", timing.p99(), p90 + LABEL, top);
    return group;
  }

  /** As much of a name as leaves room for the mark of the median. */
  private String shortened(String name) {
    int most = (int) ((width - 4 * LABEL) / LETTER);
    return name.length() <= most ? name : name.substring(0, most - 1) + "…";
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
