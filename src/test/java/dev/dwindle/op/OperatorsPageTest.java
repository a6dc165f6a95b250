package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/operators.md names each operator once; a new one is added there, and no longer among what is not supported. */
class OperatorsPageTest {
  private static final Pattern NAME = Pattern.compile("`([a-z.]*[A-Z]\\w+)`");

  @Test
  void thePageListsWhatThereIs() throws IOException {
    TreeSet<String> listed = new TreeSet<>();
    names(page()[0]).forEach(name -> assertEquals(true, listed.add(name), name + " is listed twice"));
    assertEquals(known(), listed);
  }

  @Test
  void whatIsNotSupportedIsNotThere() throws IOException {
    TreeSet<String> both = new TreeSet<>(names(page()[1]));
    assertFalse(both.isEmpty());
    both.retainAll(known());
    assertEquals(Set.of(), both, "run scripts/operators-page");
  }

  private static TreeSet<String> known() {
    TreeSet<String> known = new TreeSet<>();
    Ops.all().forEach(op -> known.add(op.domain().isEmpty() ? op.name() : op.domain() + "." + op.name()));
    return known;
  }

  /** What is supported, and what is not. */
  private static String[] page() throws IOException {
    String[] parts = Files.readString(Path.of("docs", "operators.md")).split("<!-- From here on generated .*", 2);
    assertEquals(2, parts.length, "the page has a generated part");
    return parts;
  }

  private static List<String> names(String text) {
    return NAME.matcher(text).results().map(found -> found.group(1)).toList();
  }
}
