package dev.dwindle.report.html;

import java.util.function.Function;

/** A signal-to-quantization-noise ratio of a layer. */
record DecibelColumn(String title, String meaning, Function<Row, Double> ratio) implements Column {
  /** Of the weights themselves. */
  static DecibelColumn ofWeights() {
    return new DecibelColumn("Weight SQNR", "signal-to-quantization-noise ratio of the weights alone",
        row -> row.layer().weights() == null ? null : row.layer().weights().sqnr());
  }

  /** Of the layer's output in the compressed model. */
  static DecibelColumn ofOutput() {
    return new DecibelColumn("Output SQNR",
        "the same ratio of the layer's output, with every layer before it compressed too",
        row -> row.layer().sqnr());
  }

  @Override
  public Element cell(Row row) {
    Double value = ratio.apply(row);
    return Table.cell("number decibel", value == null ? "–" : Show.decibel(value)).with("data-title", title);
  }

  @Override
  public double order(Row row) {
    Double value = ratio.apply(row);
    return value == null ? Double.NaN : value;
  }
}
