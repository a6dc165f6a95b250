package dev.dwindle.report.html;

import dev.dwindle.report.html.Column.Row;
import dev.dwindle.result.LayerFidelity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of layers, most sensitive first as the script sorts it, in the model's order without one. */
final class LayerSection {
  private static final List<Column> COLUMNS = List.of(new NameColumn(), new FormatColumn(), new WeightsColumn(),
      DecibelColumn.ofWeights(), DecibelColumn.ofOutput(), new SensitivityColumn());

  private LayerSection() {}

  /** Null where nothing is known of any layer. */
  static Element of(List<LayerFidelity> layers, String where) {
    if (layers.isEmpty()) return null;
    Element head = Table.row("");
    for (Column column : COLUMNS) {
      head.add(Table.column(column.title().toLowerCase(Locale.ROOT).replace(' ', '-'), column.title()));
    }
    List<Element> rows = rows(layers).stream().map(LayerSection::row).toList();
    return Section.of("layers", "Layers" + where, DepthChart.of(layers), meanings(), Element.of("div", "controls"),
        Table.of("layers", "Layers of the model", head, rows));
  }

  private static Element meanings() {
    Element list = Element.of("dl", "meanings");
    for (Column column : COLUMNS) {
      if (column.meaning().isEmpty()) continue;
      list.add(Element.of("div", "", Element.of("dt", "", column.title()), Element.of("dd", "", column.meaning())));
    }
    return list;
  }

  private static List<Row> rows(List<LayerFidelity> layers) {
    double sum = layers.stream().mapToDouble(LayerSection::error).sum();
    List<Row> rows = new ArrayList<>();
    for (LayerFidelity layer : layers) {
      boolean known = layer.sensitivity() != null && sum > 0 && Double.isFinite(sum);
      rows.add(new Row(rows.size() + 1, layer, known ? error(layer) / sum : Double.NaN));
    }
    return rows;
  }

  /** Noise energy at the model's outputs in units of the signal's. */
  private static double error(LayerFidelity layer) {
    return layer.sensitivity() == null ? 0 : Math.pow(10, -layer.sensitivity() / 10);
  }

  private static Element row(Row row) {
    Element element = Table.row("");
    for (Column column : COLUMNS) {
      Element cell = column.cell(row);
      double order = column.order(row);
      element.add(
          Double.isNaN(order) ? cell : cell.with("data-order", Double.isInfinite(order) ? 1e9 : Svg.number(order)));
    }
    return element;
  }
}
