package dev.dwindle.report.html;

/** Where a layer stands, its name and its operator. */
final class NameColumn implements Column {
  @Override
  public String title() {
    return "Layer";
  }

  @Override
  public String meaning() {
    return "";
  }

  @Override
  public Element cell(Row row) {
    return Table.head("layer", Element.of("span", "index", Integer.toString(row.index())),
        Element.of("span", "name", row.layer().node()), Element.of("span", "below", operator(row)));
  }

  private static String operator(Row row) {
    return row.layer().operator()
        + (row.layer().weights() == null ? "" : " " + row.layer().weights().shape().replace(",", "×"));
  }

  @Override
  public double order(Row row) {
    return row.index();
  }
}
