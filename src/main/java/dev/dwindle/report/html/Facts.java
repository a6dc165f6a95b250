package dev.dwindle.report.html;

/** Names and values, one below the other. */
final class Facts {
  private Facts() {}

  static Element fact(String name, String value) {
    return Element.of("div", "", Element.of("dt", "", name), Element.of("dd", "", value));
  }

  /** A value that is to be read letter by letter. */
  static Element code(String name, String value) {
    return Element.of("div", "", Element.of("dt", "", name), Element.of("dd", "code", value));
  }
}
