package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input of every kind gets one clear line, the documented exit code, and leaves every file as it was. */
class BadInputTest {
  @TempDir
  static Path folder;

  private static byte[] model;
  private static Set<String> files;

  /** A line of the table: exit code, command line, and the whole message with {@code *} for any text. */
  record Case(int code, String command, String message) {
    @Override
    public String toString() {
      return command;
    }
  }

  @BeforeAll
  static void write() throws IOException {
    new BadFiles(folder).write();
    model = Files.readAllBytes(folder.resolve("glyphs.onnx"));
    files = files();
  }

  static List<Case> cases() throws IOException {
    List<String> lines;
    try (InputStream table = BadInputTest.class.getResourceAsStream("bad-inputs.txt")) {
      lines = new String(table.readAllBytes(), StandardCharsets.UTF_8).lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    }
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < lines.size(); i += 2) {
      String[] code = lines.get(i).split(" ", 2);
      cases.add(new Case(Integer.parseInt(code[0]), code[1], lines.get(i + 1).strip()));
    }
    return cases;
  }

  @Test
  void theTableIsLong() throws IOException {
    assertTrue(cases().stream().map(Case::command).distinct().count() >= 150);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void oneClearLine(Case bad) throws IOException {
    Console console = Console.run(Arrays.stream(bad.command().split(" ")).map(BadInputTest::inFolder).toArray());
    String line = console.err().strip().replace(folder + "/", "");
    assertEquals(bad.code(), console.code(), line);
    assertEquals(1, console.err().lines().count(), line);
    String pattern = Arrays.stream(bad.message().split("\\*", -1)).map(Pattern::quote)
        .collect(Collectors.joining(".*"));
    assertTrue(line.matches(pattern), () -> "found    " + line + "\nexpected " + bad.message());
    assertEquals("", console.out());
    assertEquals(files, files());
    assertArrayEquals(model, Files.readAllBytes(folder.resolve("glyphs.onnx")), "the model is as it was");
  }

  private static Set<String> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(p -> p.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static Object inFolder(String word) {
    return word.matches("[a-z0-9/-]+\\.(onnx|yaml|npz|json)|gone") ? folder.resolve(word) : word;
  }
}
