package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/operators.md names each operator once; a new one is added there. */
class OperatorsPageTest {
  private static final Pattern NAME = Pattern.compile("`([a-z.]*[A-Z]\\w+)`");

  @Test
  void thePageListsWhatThereIs() throws IOException {
    TreeSet<String> known = new TreeSet<>();
    Ops.all().forEach(op -> known.add(op.domain().isEmpty() ? op.name() : op.domain() + "." + op.name()));
    TreeSet<String> listed = new TreeSet<>();
    NAME.matcher(Files.readString(Path.of("docs", "operators.md"))).results()
        .forEach(found -> assertEquals(true, listed.add(found.group(1)), found.group(1) + " is listed twice"));
    assertEquals(known, listed);
  }
}
