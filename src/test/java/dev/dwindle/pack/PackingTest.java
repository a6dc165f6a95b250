package dev.dwindle.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackingTest {
  @TempDir
  Path folder;

  private byte[] packed(byte[] model, Preset preset, int threads) throws IOException {
    Path file = folder.resolve("model.onnx");
    Path target = folder.resolve("model.dwz");
    Files.write(file, model);
    Packing.pack(file, target, preset, threads);
    return Files.readAllBytes(target);
  }

  @Test
  void everyFileComesBackByteForByte() throws IOException {
    for (Map.Entry<String, byte[]> odd : OddModels.all().entrySet()) {
      for (Preset preset : Preset.values()) {
        packed(odd.getValue(), preset, 2);
        try (PackedFile file = new PackedFile(folder.resolve("model.dwz"))) {
          Unpacking.unpack(file, folder.resolve("again.onnx"), 2);
        }
        assertArrayEquals(odd.getValue(), Files.readAllBytes(folder.resolve("again.onnx")), odd.getKey());
      }
    }
  }

  @Test
  void threadsDoNotChangeTheBytes() throws IOException {
    byte[] model = OddModels.all().get("two blocks and a byte");
    for (Preset preset : Preset.values()) {
      assertArrayEquals(packed(model, preset, 1), packed(model, preset, 5));
    }
  }

  @Test
  void tensorsAreFoundInEveryPlace() throws IOException {
    packed(OddModels.all().get("subgraph, constant, lists and sparse"), Preset.SMALL, 1);
    try (PackedFile file = new PackedFile(folder.resolve("model.dwz"))) {
      List<String> names = file.tensors().stream().map(PackedFile.Entry::name).toList();
      assertEquals(List.of("in", "s", "i", "c", "p", "q"), names);
    }
    packed(OddModels.all().get("float and double lists"), Preset.SMALL, 1);
    try (PackedFile file = new PackedFile(folder.resolve("model.dwz"))) {
      assertEquals(List.of(1, 11), file.tensors().stream().map(PackedFile.Entry::dtype).toList());
    }
  }

  @Test
  void aTensorIsReadByItself() throws IOException {
    packed(OddModels.all().get("raw"), Preset.FAST, 1);
    Path target = folder.resolve("w.npy");
    try (PackedFile file = new PackedFile(folder.resolve("model.dwz"))) {
      Unpacking.unpackTensor(file, "w", target, 1);
      InvalidInputException error = assertThrows(InvalidInputException.class,
          () -> Unpacking.unpackTensor(file, "v", target, 1));
      assertTrue(error.getMessage().contains("found no tensor 'v'"), error.getMessage());
    }
    byte[] npy = Files.readAllBytes(target);
    assertEquals(0, (npy.length - 40_000) % 64);
    assertArrayEquals(Contents.of("normal", 40_000), Arrays.copyOfRange(npy, npy.length - 40_000, npy.length));
    assertTrue(new String(npy, 0, 128, java.nio.charset.StandardCharsets.ISO_8859_1)
        .contains("{'descr': '<f4', 'fortran_order': False, 'shape': (100, 100), }"));
  }

  @Test
  void damageIsToldByNameAndLeavesTheTargetAlone() throws IOException {
    byte[] bytes = packed(OddModels.all().get("raw"), Preset.SMALL, 1);
    Path damaged = folder.resolve("damaged.dwz");
    Path target = folder.resolve("target.onnx");
    Files.writeString(target, "as it was");
    String[] parts = {"header: found", "tensor 'w': block 1 of 1: found", "index: found"};
    int[] positions = {20, 1000, bytes.length - 5};
    for (int i = 0; i < parts.length; i++) {
      byte[] copy = bytes.clone();
      copy[positions[i]] ^= 4;
      Files.write(damaged, copy);
      InvalidInputException error = assertThrows(InvalidInputException.class, () -> {
        try (PackedFile file = new PackedFile(damaged)) {
          Unpacking.unpack(file, target, 2);
        }
      });
      assertTrue(error.getMessage().startsWith(damaged + ": " + parts[i]), error.getMessage());
      assertEquals("as it was", Files.readString(target));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(4, files.count(), "nothing half-written stays");
    }
  }
}
