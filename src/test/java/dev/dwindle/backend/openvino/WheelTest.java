package dev.dwindle.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WheelTest {
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
  void unpacksLibrariesAndHeadersOnly() throws IOException {
    Path target = folder.resolve("target");
    Wheel.unpack(
        wheel("openvino/libs/a.so", "openvino/include/openvino/c/b.h", "openvino/c.py", "openvino/include/d.h"),
        target);
    assertEquals("openvino/libs/a.so", Files.readString(target.resolve("openvino/libs/a.so")));
    assertEquals("openvino/include/openvino/c/b.h",
        Files.readString(target.resolve("openvino/include/openvino/c/b.h")));
    assertFalse(Files.exists(target.resolve("openvino/c.py")));
    assertFalse(Files.exists(target.resolve("openvino/include/d.h")));
  }

  @Test
  void refusesPathsThatLeaveTheFolder() throws IOException {
    Path wheel = wheel("openvino/libs/../../../evil.so");
    String message = assertThrows(InvalidInputException.class, () -> Wheel.unpack(wheel, folder.resolve("target")))
        .getMessage();
    assertEquals(wheel + ": found the path 'openvino/libs/../../../evil.so', expected one inside", message);
    assertFalse(Files.exists(folder.resolve("evil.so")));
  }
}
