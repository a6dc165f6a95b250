package dev.dwindle.report.html;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An element of a page: a name, attributes, content. Names in models are not trusted: every text and every attribute is
 * escaped here and nowhere else. Null content is left out.
 */
final class Element {
  private static final Set<String> WITHOUT_CONTENT = Set.of("meta", "link", "col", "br", "wbr");

  /** Content that is written as it is. */
  private record Verbatim(String text) {}

  private final String name;
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private final List<Object> content = new ArrayList<>();

  private Element(String name) {
    this.name = name;
  }

  /** An element of this class ({@code ""}: none) with elements inside. */
  static Element of(String name, String cssClass, Element... content) {
    Element element = new Element(name);
    if (!cssClass.isEmpty()) element.with("class", cssClass);
    return element.add(content);
  }

  /** An element of this class ({@code ""}: none) with a text inside. */
  static Element of(String name, String cssClass, String text) {
    return of(name, cssClass).text(text);
  }

  /** A style or a script of our own, written as it is. */
  static Element verbatim(String name, String ours) {
    if (ours.contains("</")) throw new IllegalStateException(name + ": contains '</', which would end it");
    Element element = new Element(name);
    element.content.add(new Verbatim(ours));
    return element;
  }

  Element with(String attribute, Object value) {
    attributes.put(attribute, value.toString());
    return this;
  }

  Element add(Element... more) {
    for (Element element : more) {
      if (element != null) content.add(element);
    }
    return this;
  }

  Element add(List<Element> more) {
    return add(more.toArray(Element[]::new));
  }

  Element text(String more) {
    content.add(more);
    return this;
  }

  void writeTo(StringBuilder out) {
    out.append('<').append(name);
    attributes.forEach((key, value) -> {
      out.append(' ').append(key).append("=\"");
      escape(value, out);
      out.append('"');
    });
    out.append('>');
    if (WITHOUT_CONTENT.contains(name)) return;
    for (Object part : content) {
      switch (part) {
        case Element element -> element.writeTo(out);
        case Verbatim verbatim -> out.append(verbatim.text());
        default -> escape(part.toString(), out);
      }
    }
    out.append("</").append(name).append('>');
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    writeTo(out);
    return out.toString();
  }

  private static void escape(String text, StringBuilder out) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(isForbidden(c) ? '\ufffd' : c);
      }
    }
  }

  /** Control characters, which HTML does not allow. */
  private static boolean isForbidden(char c) {
    return Character.isISOControl(c) && c != '\n' && c != '\t';
  }
}
