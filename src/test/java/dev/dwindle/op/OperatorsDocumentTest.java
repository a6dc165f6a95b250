package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** {@code docs/operators.md} lists what {@link Ops} lists; {@code -Ddwindle.write.docs} writes it anew. */
class OperatorsDocumentTest {
  private static final Path FILE = Path.of("docs", "operators.md");

  @Test
  void theListIsThatOfTheCode() throws IOException {
    String text = document();
    if (System.getProperty("dwindle.write.docs") != null) Files.writeString(FILE, text);
    assertEquals(text, Files.readString(FILE),
        "write it anew with scripts/test -Dtest=OperatorsDocumentTest -Ddwindle.test.jvm=-Ddwindle.write.docs");
  }

  private static String document() {
    TreeMap<String, String> names = new TreeMap<>();
    for (Operator op : Ops.all()) {
      String name = op.domain().isEmpty() ? op.name() : op.domain() + "." + op.name();
      names.merge(name, op.since() > 1 ? name + " (" + op.since() + "+)" : name, (a, b) -> a);
    }
    return "# Operators\n\nEvery operator here has shape inference and a plain-loop meaning, up to operator set "
        + Ops.NEWEST_OPSET
        + " of ONNX. A number is the first\noperator set that is covered, where that is not 1. This list of "
        + names.size()
        + " is made from the code (`OperatorsDocumentTest`).\n\n" + lines(names);
  }

  private static String lines(TreeMap<String, String> names) {
    StringBuilder text = new StringBuilder();
    int width = 0;
    for (String name : names.values()) {
      if (width + name.length() > 100) {
        text.append('\n');
        width = 0;
      }
      text.append(width == 0 ? "" : ", ").append(name);
      width += name.length() + 2;
    }
    return text.append('\n').toString();
  }
}
