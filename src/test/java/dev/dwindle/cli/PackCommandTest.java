package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackCommandTest {
  @TempDir
  Path folder;

  @Test
  void aModelIsPackedListedAndUnpacked() throws IOException {
    Path model = folder.resolve("glyphs.onnx");
    try (InputStream sample = PackCommandTest.class.getResourceAsStream("/dev/dwindle/sample/glyphs.onnx")) {
      Files.copy(sample, model);
    }
    Path packed = folder.resolve("glyphs.dwz");
    for (String preset : new String[] {"small", "FAST"}) {
      Console done = Console.run("pack", model, "-o", packed, "--preset", preset, "--threads", "2");
      assertEquals(0, done.code(), done.err());
      assertTrue(done.out().matches("(?s).*glyphs.dwz: [\\d,]+ -> [\\d,]+ bytes, 1\\.\\d+ times smaller\\n"),
          done.out());
      Console list = Console.run("unpack", packed, "--list");
      assertTrue(list.out().contains("bytes  float["), list.out() + list.err());
      String last = list.out().lines().reduce((a, b) -> b).orElseThrow();
      assertTrue(last.endsWith("all else"), last);
      String first = list.out().lines().findFirst().orElseThrow();
      String name = first.substring(first.indexOf(']') + 1).strip();
      assertEquals(0, Console.run("unpack", packed, "-o", folder.resolve("w.npy"), "--tensor", name).code());
      assertEquals(0, Console.run("unpack", packed, "-o", folder.resolve("again.onnx")).code());
      assertEquals(-1, Files.mismatch(model, folder.resolve("again.onnx")));
    }
  }
}
