package dev.dwindle.report.html;

/** Shapes of a drawing. Colours and strokes come from the style sheet, by class. */
final class Svg {
  private Svg() {}

  /** A drawing that says in words what it shows. */
  static Element drawing(double width, double height, String title, String description) {
    return frame(width, height).with("role", "img").add(Element.of("title", "", title))
        .add(description.isEmpty() ? null : Element.of("desc", "", description));
  }

  /** A drawing beside which the same stands in words. */
  static Element decoration(double width, double height) {
    return frame(width, height).with("aria-hidden", "true");
  }

  private static Element frame(double width, double height) {
    return Element.of("svg", "").with("viewBox", "0 0 " + number(width) + " " + number(height))
        .with("width", number(width)).with("height", number(height));
  }

  static Element rectangle(String cssClass, double x, double y, double width, double height) {
    return Element.of("rect", cssClass).with("x", number(x)).with("y", number(y)).with("width", number(width))
        .with("height", number(height));
  }

  static Element line(String cssClass, double x1, double y1, double x2, double y2) {
    return Element.of("line", cssClass).with("x1", number(x1)).with("y1", number(y1)).with("x2", number(x2))
        .with("y2", number(y2));
  }

  static Element circle(String cssClass, double x, double y, double radius) {
    return Element.of("circle", cssClass).with("cx", number(x)).with("cy", number(y)).with("r", number(radius));
  }

  static Element path(String cssClass, String data) {
    return Element.of("path", cssClass).with("d", data);
  }

  /**
   * A text.
   *
   * @param anchor which end stands at x: {@code start}, {@code middle} or {@code end}
   */
  static Element text(String cssClass, double x, double y, String anchor, String text) {
    return Element.of("text", cssClass, text).with("x", number(x)).with("y", number(y)).with("text-anchor", anchor);
  }

  /** A step line over bins of equal width, closed along the bottom. */
  static String steps(double[] heights, double left, double bottom, double binWidth) {
    StringBuilder data = new StringBuilder("M" + number(left) + " " + number(bottom));
    double at = 0;
    for (double height : heights) {
      double rounded = Math.round(height * 100) / 100.0;
      if (rounded != at) data.append('v').append(number(at - rounded));
      data.append('h').append(number(binWidth));
      at = rounded;
    }
    return data.append('V').append(number(bottom)).append('z').toString();
  }

  /** At most two decimals and no more than needed; by hand, as a page has a hundred thousand of them. */
  static String number(double value) {
    long hundredths = Math.round(value * 100);
    long whole = Math.abs(hundredths) / 100;
    long rest = Math.abs(hundredths) % 100;
    String decimals = rest == 0 ? "" : rest % 10 == 0 ? "." + rest / 10 : rest < 10 ? ".0" + rest : "." + rest;
    return (hundredths < 0 ? "-" : "") + whole + decimals;
  }
}
