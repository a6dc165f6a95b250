package dev.dwindle.report.html;

/** A part of the page under a heading. */
final class Section {
  private Section() {}

  static Element of(String id, String heading, Element... content) {
    return Element.of("section", "part", Element.of("h2", "", heading)).add(content).with("id", id);
  }

  /** A sentence below a heading. */
  static Element note(String text) {
    return Element.of("p", "note", text);
  }
}
