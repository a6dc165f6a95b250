package dev.dwindle.report.html;

import dev.dwindle.result.WeightChange;
import java.util.List;

/** Histograms of a layer's weights before (filled) and after (line). */
final class WeightsColumn implements Column {
  private static final double WIDTH = 147;
  private static final double HEIGHT = 34;

  @Override
  public String title() {
    return "Weights";
  }

  @Override
  public String meaning() {
    return "histogram of the weights before (filled) and after (line); height: square root of the count, so that rare large ones show";
  }

  @Override
  public Element cell(Row row) {
    WeightChange weights = row.layer().weights();
    if (weights == null) return Table.cell("weights none", "–");
    String from = Show.number(weights.low(), 3);
    String to = Show.number(weights.high(), 3);
    int most = Math.max(1, Math.max(largest(weights.original()), largest(weights.compressed())));
    Element drawing = Svg
        .drawing(WIDTH, HEIGHT, "Weights from " + from + " to " + to + ", before (filled) and after (line)", "")
        .add(shape("before", weights.original(), most), shape("after", weights.compressed(), most));
    return Table.cell("weights", drawing,
        Element.of("span", "range", Element.of("span", "", from), Element.of("span", "", to)));
  }

  private static Element shape(String cssClass, List<Integer> counts, int most) {
    double[] heights = counts.stream().mapToDouble(count -> Math.round(Math.sqrt((double) count / most) * (HEIGHT - 2)))
        .toArray();
    return Svg.path(cssClass, Svg.steps(heights, 0, HEIGHT, WIDTH / Math.max(1, heights.length)));
  }

  private static int largest(List<Integer> counts) {
    return counts.stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  @Override
  public double order(Row row) {
    return row.layer().weights() == null ? Double.NaN : row.layer().weights().high() - row.layer().weights().low();
  }
}
