package dev.dwindle.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WheelTest {
  private static final List<String> KEPT = List.of("some/libs/", "some/include/c/");

  @TempDir
  Path folder;

  private Path wheel(String... names) throws IOException {
    Path wheel = folder.resolve("some.whl");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(wheel))) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(name.getBytes());
      }
    }
    return wheel;
  }

  @Test
  void unpacksCertainFoldersOnly() throws IOException {
    Path target = folder.resolve("target");
    Wheel.unpack(
        wheel("some/libs/a.so", "some/include/c/b.h", "some/c.py", "some/include/d.h"),
        KEPT, target);
    assertEquals("some/libs/a.so", Files.readString(target.resolve("some/libs/a.so")));
    assertEquals("some/include/c/b.h",
        Files.readString(target.resolve("some/include/c/b.h")));
    assertFalse(Files.exists(target.resolve("some/c.py")));
    assertFalse(Files.exists(target.resolve("some/include/d.h")));
  }

  @Test
  void refusesPathsThatLeaveTheFolder() throws IOException {
    Path wheel = wheel("some/libs/../../../evil.so");
    String message = assertThrows(InvalidInputException.class,
        () -> Wheel.unpack(wheel, KEPT, folder.resolve("target")))
        .getMessage();
    assertEquals(wheel + ": found the path 'some/libs/../../../evil.so', expected one inside", message);
    assertFalse(Files.exists(folder.resolve("evil.so")));
  }
}
