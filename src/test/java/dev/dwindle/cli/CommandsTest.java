package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  private static final List<String> ALL = List.of("quickstart", "compress", "distil", "validate", "bench", "inspect",
      "run", "pack", "unpack",
      "devices", "install", "conformance", "completion", "help");

  private static Set<String> made(String... args) {
    PrintWriter none = new PrintWriter(PrintWriter.nullWriter());
    return Commands.line(none, none, args).getSubcommands().keySet();
  }

  @ParameterizedTest
  @ValueSource(strings = {"quickstart", "compress", "distil", "validate", "bench", "inspect", "run", "pack", "unpack",
      "devices", "install",
      "conformance"})
  void onlyTheCommandThatIsNamedIsMade(String name) {
    assertEquals(Set.of(name), made(name, "--json", "model.onnx"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"help", "completion", "compres", "--debug", ""})
  void whatTellsOfAllCommandsOrNamesNoneMakesAll(String first) {
    assertEquals(ALL, List.copyOf(made(first)));
  }

  @Test
  void withoutArgumentsAllAreMade() {
    assertEquals(ALL, List.copyOf(made()));
  }
}
