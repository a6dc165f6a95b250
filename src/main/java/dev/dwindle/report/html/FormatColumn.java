package dev.dwindle.report.html;

import dev.dwindle.result.WeightChange;

/** In what number formats a layer's weights and activations stand, and the bytes of its weights. */
final class FormatColumn implements Column {
  @Override
  public String title() {
    return "Format";
  }

  @Override
  public String meaning() {
    return "number format of the stored weights, then (·) of the activations that the layer reads; bytes of the weights before and "
        + "after";
  }

  @Override
  public Element cell(Row row) {
    WeightChange weights = row.layer().weights();
    String activations = row.layer().activations().isEmpty() ? "" : Show.type(row.layer().activations());
    if (weights == null) return Table.cell("format", "· " + activations);
    return Table.cell("format", Show.type(weights.storage()) + " · " + activations)
        .add(Element.of("span", "below", Show.size(weights.originalBytes()) + " → " + Show.size(weights.bytes())));
  }

  @Override
  public double order(Row row) {
    return row.layer().weights() == null ? Double.NaN : row.layer().weights().bytes();
  }
}
