package dev.dwindle.report.html;

import dev.dwindle.result.LayerFidelity;

/** A column of the table of layers. */
interface Column {
  String title();

  /** What it says, in one plain sentence; empty where the title is enough. */
  String meaning();

  /** The cell of a layer. */
  Element cell(Row row);

  /** What a layer is sorted by, or NaN where it has nothing; the table can be sorted by numbers only. */
  double order(Row row);

  /**
   * A layer with what is known of it beside the others.
   *
   * @param index its place in the model, from 1
   * @param share of the error that the layers make at the model's outputs one by one; NaN where not measured
   */
  record Row(int index, LayerFidelity layer, double share) {}
}
