package dev.dwindle.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("zoo")
class ZooPackingTest {
  @TempDir
  Path folder;

  @Test
  void everyModelOfTheZooComesBackAndIsSmaller() throws IOException {
    List<Path> models;
    try (Stream<Path> files = Files.walk(Path.of(System.getProperty("dwindle.zoo"), "models"))) {
      models = files.filter(p -> p.toString().endsWith(".onnx")).sorted().toList();
    }
    assertFalse(models.isEmpty());
    Path packed = folder.resolve("model.dwz");
    Path again = folder.resolve("again.onnx");
    for (Path model : models) {
      for (Preset preset : Preset.values()) {
        Packing.Result result = Packing.pack(model, packed, preset, 2);
        try (PackedFile file = new PackedFile(packed)) {
          Unpacking.unpack(file, again, 2);
        }
        assertEquals(-1, Files.mismatch(model, again), model + " " + preset);
        assertTrue(result.packed() < 0.86 * result.model(), model + " " + preset + " " + result);
      }
    }
  }
}
