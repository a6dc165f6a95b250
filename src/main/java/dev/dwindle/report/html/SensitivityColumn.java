package dev.dwindle.report.html;

/** How much the model suffers by one layer. */
final class SensitivityColumn implements Column {
  private static final double WIDTH = 100;

  @Override
  public String title() {
    return "Sensitivity";
  }

  @Override
  public String meaning() {
    return "signal-to-quantization-noise ratio of the model's outputs when this layer alone is compressed (lower: more sensitive), "
        + "and its share of all such errors; – where the layer is unchanged or time was up";
  }

  @Override
  public Element cell(Row row) {
    Double value = row.layer().sensitivity();
    if (value == null) return Table.cell("number sensitivity none", "–").with("data-title", title());
    Element cell = Table.cell("number sensitivity", Show.decibel(value)).with("data-title", title());
    if (Double.isNaN(row.share())) return cell;
    Element bar = Svg.decoration(WIDTH, 6).with("preserveAspectRatio", "none")
        .add(Svg.rectangle("track", 0, 0, WIDTH, 6), Svg.rectangle("bar", 0, 0, row.share() * WIDTH, 6));
    return cell.add(Element.of("span", "share", bar,
        Element.of("span", "", Show.number(row.share() * 100, row.share() < 0.0995 ? 1 : 0) + "\u00a0%")));
  }

  @Override
  public double order(Row row) {
    return row.layer().sensitivity() == null ? Double.NaN : row.layer().sensitivity();
  }
}
