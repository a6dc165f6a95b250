package dev.dwindle.report.html;

import java.util.List;

/** Tables of a page: heads have their scope, and roles, so that they stay tables where a narrow screen lays them out otherwise. */
final class Table {
  private Table() {}

  /** A table with a caption for those who cannot see its surroundings. */
  static Element of(String cssClass, String caption, Element head, List<Element> rows) {
    return Element.of("table", cssClass, Element.of("caption", "unseen", caption),
        Element.of("thead", "", head).with("role", "rowgroup"),
        Element.of("tbody", "").add(rows).with("role", "rowgroup")).with("role", "table");
  }

  static Element row(String cssClass, Element... cells) {
    return Element.of("tr", cssClass, cells).with("role", "row");
  }

  /** The head of a column. */
  static Element column(String cssClass, String text) {
    return Element.of("th", cssClass, text).with("scope", "col").with("role", "columnheader");
  }

  /** The head of a row. */
  static Element head(String cssClass, Element... content) {
    return Element.of("th", cssClass, content).with("scope", "row").with("role", "rowheader");
  }

  static Element cell(String cssClass, Element... content) {
    return Element.of("td", cssClass, content).with("role", "cell");
  }

  static Element cell(String cssClass, String text) {
    return cell(cssClass).text(text);
  }

  /** A number with its interval below it. */
  static Element figure(String value, String below) {
    Element cell = cell("number", value);
    return below.isEmpty() ? cell : cell.add(Element.of("span", "below", below));
  }
}
