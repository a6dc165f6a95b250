package dev.dwindle.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
  @TempDir
  Path folder;

  private Path library;

  @BeforeEach
  void list() throws IOException {
    library = Files.writeString(folder.resolve("a.so"), "the library");
    Manifest.write(folder);
    assertNull(Manifest.of(folder).damage());
  }

  private void write(String content, int secondsAfterTheList) throws IOException {
    Instant listed = Files.getLastModifiedTime(folder.resolve("files.txt")).toInstant();
    Files.writeString(library, content);
    Files.setLastModifiedTime(library, FileTime.from(listed.plusSeconds(secondsAfterTheList)));
  }

  @Test
  void aFileWrittenOverWithAsManyBytesIsDamage() throws IOException {
    write("the libra?y", 1);
    assertEquals("a.so has changed", Manifest.of(folder).damage());
  }

  @Test
  void oneWrittenAnewWithTheSameBytesIsNot() throws IOException {
    write("the library", 1);
    assertNull(Manifest.of(folder).damage());
  }

  @Test
  void bytesOfFilesOfBeforeTheListAreReadOnlyWhereAllAre() throws IOException {
    write("the libra?y", -1);
    assertNull(Manifest.of(folder).damage());
    assertEquals("a.so has changed", Manifest.of(folder).deepDamage());
  }

  @Test
  void aFileThatIsMissingOrShortIsDamage() throws IOException {
    write("the", 1);
    assertEquals("a.so: found 3 bytes, expected 11", Manifest.of(folder).damage());
    Files.delete(library);
    assertEquals("a.so is missing", Manifest.of(folder).damage());
    Files.writeString(folder.resolve("files.txt"), "no list");
    assertEquals("files.txt is damaged", Manifest.of(folder).damage());
  }
}
