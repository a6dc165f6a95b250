package dev.dwindle.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir
  Path folder;

  private Path file;
  private final List<String> measured = new ArrayList<>();

  @BeforeEach
  void name() {
    file = folder.resolve("small.onnx.journal");
  }

  private double measure(Journal journal, String key, double value) {
    return journal.once(key, Double.class, () -> {
      measured.add(key);
      return value;
    });
  }

  @Test
  void whatWasMeasuredIsNotMeasuredAgain() {
    try (Journal journal = Journal.open(file, "job")) {
      assertEquals(0.1, measure(journal, "a", 0.1));
      assertEquals(0.1, measure(journal, "a", 7));
    }
    try (Journal journal = Journal.open(file, "job")) {
      assertEquals(1, journal.size());
      assertEquals(0.1, measure(journal, "a", 7));
      assertEquals(2, measure(journal, "b \"quoted\"\n", 2));
    }
    assertEquals(List.of("a", "b \"quoted\"\n"), measured);
  }

  @Test
  void aLineThatWasCutOffIsMeasuredAgain() throws IOException {
    try (Journal journal = Journal.open(file, "job")) {
      measure(journal, "a", 1);
      measure(journal, "b", 2);
    }
    byte[] bytes = Files.readAllBytes(file);
    for (int cut = 1; cut < 20; cut++) {
      Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - cut));
      measured.clear();
      try (Journal journal = Journal.open(file, "job")) {
        assertEquals(1, measure(journal, "a", 7));
        assertEquals(2, measure(journal, "b", 2));
      }
      assertEquals(List.of("b"), measured);
      assertEquals(new String(bytes), Files.readString(file));
    }
  }

  @Test
  void theJournalOfAnotherJobBeginsAnew() throws IOException {
    try (Journal journal = Journal.open(file, "job")) {
      measure(journal, "a", 1);
    }
    try (Journal journal = Journal.open(file, "another job")) {
      assertEquals(0, journal.size());
    }
    assertFalse(Files.exists(file), "one without a measurement stays");
    Files.writeString(file, "not a journal\n");
    try (Journal journal = Journal.open(file, "job")) {
      assertEquals(3, measure(journal, "a", 3));
    }
  }

  @Test
  void twoRunsDoNotShareOne() {
    try (Journal journal = Journal.open(file, "job")) {
      var e = assertThrows(InvalidInputException.class, () -> Journal.open(file, "job"));
      assertEquals(file + ": is in use, expected no other run that writes the same model", e.getMessage());
      assertEquals(0, journal.size());
    }
  }

  @Test
  void theEndRemovesIt() {
    Journal journal = Journal.open(file, "job");
    measure(journal, "a", 1);
    assertTrue(Files.exists(file));
    journal.close();
    Journal.remove(file);
    assertFalse(Files.exists(file));
  }

  @Test
  void aFolderThatIsMissingIsToldInOneLine() {
    var e = assertThrows(InvalidInputException.class, () -> Journal.open(folder.resolve("no/journal"), "job"));
    assertTrue(e.getMessage().contains("the journal of the search cannot be written"), e.getMessage());
  }
}
