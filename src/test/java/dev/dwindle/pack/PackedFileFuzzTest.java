package dev.dwindle.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files give an error of one line that names the part, or the model as it was; never anything else. */
class PackedFileFuzzTest {
  private static final int MUTANTS = 200;

  @TempDir
  Path folder;

  /** Files as a hostile hand or a bad disk would leave them: bytes changed, cut off, doubled, moved. */
  private static byte[] mutant(byte[] bytes, Random random) {
    byte[] copy = bytes.clone();
    int at = random.nextInt(copy.length);
    switch (random.nextInt(5)) {
      case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        return Arrays.copyOf(copy, at);
      }
      case 2 -> {
        for (int i = 0; i < 8; i++) copy[random.nextInt(copy.length)] = (byte) random.nextInt();
      }
      case 3 -> Arrays.fill(copy, at, Math.min(copy.length, at + random.nextInt(64)), (byte) random.nextInt());
      default -> System.arraycopy(bytes, random.nextInt(copy.length - 16), copy, Math.min(at, copy.length - 16), 16);
    }
    return copy;
  }

  @Test
  void damagedFilesGiveOneLineOrTheModel() throws IOException {
    Random random = new Random(7);
    for (String name : List.of("raw", "subgraph, constant, lists and sparse", "wrong sizes and types", "no tensors")) {
      byte[] model = OddModels.all().get(name);
      Files.write(folder.resolve("model.onnx"), model);
      for (Preset preset : Preset.values()) {
        Packing.pack(folder.resolve("model.onnx"), folder.resolve("whole.dwz"), preset, 1);
        byte[] whole = Files.readAllBytes(folder.resolve("whole.dwz"));
        for (int i = 0; i < MUTANTS; i++) check(mutant(whole, random), model);
      }
    }
  }

  private void check(byte[] mutant, byte[] model) throws IOException {
    Path damaged = folder.resolve("damaged.dwz");
    Path target = folder.resolve("target.onnx");
    Files.write(damaged, mutant);
    Files.deleteIfExists(target);
    try (PackedFile file = new PackedFile(damaged)) {
      Unpacking.unpack(file, target, 1);
      assertArrayEquals(model, Files.readAllBytes(target));
    } catch (InvalidInputException e) {
      String line = e.getMessage();
      assertEquals(1, line.lines().count(), line);
      assertTrue(line.startsWith(damaged + ": ") && line.substring(damaged.toString().length() + 2)
          .matches("(header|index|skeleton|tensor '.*'): .*found .*"), line);
      assertFalse(Files.exists(target), "a file that failed leaves no model");
    }
  }

  /** Behind right checksums: blocks and directories of any bytes are refused, or decoded, within bounds. */
  @Test
  void hostileBlocksAreRefusedOrDecoded() {
    Random random = new Random(9);
    for (int type : Contents.TYPES) {
      Layout layout = Layout.of(type, List.of(16L, 4L, 3L, 3L));
      for (Preset preset : Preset.values()) {
        for (String kind : List.of("sparse", "palette", "normal", "steps")) {
          byte[] packed = BlockCodec.write(Contents.of(kind, 2304), layout, preset);
          for (int i = 0; i < 8; i++)
            decode(mutant(packed, random), 2304 - random.nextInt(2) * random.nextInt(2304),
                layout);
        }
      }
    }
  }

  private static void decode(byte[] packed, int bytes, Layout layout) {
    try {
      assertEquals(bytes, BlockCodec.read(packed, bytes, layout).length);
    } catch (InvalidInputException e) {
      assertTrue(e.getMessage().contains("found "), e.getMessage());
    }
  }

  @Test
  void hostileDirectoriesAreRefusedOrRead() {
    Random random = new Random(11);
    Section tensor = new Section("w", 1, List.of(4L, 300_000L), 50, 4_800_000);
    for (int i = 0; i < 5; i++) tensor.blocks().add(new Block(1000 + i, i * 77));
    Section rest = new Section(null, 0, List.of(), 0, 100);
    rest.blocks().add(new Block(60, 5));
    byte[] bytes = new Directory(List.of(tensor), rest).toBytes();
    assertEquals(1, Directory.read(bytes, 4_800_100, 5070).tensors().size());
    for (int i = 0; i < 20_000; i++) {
      try {
        Directory.read(mutant(bytes, random), 4_800_100, 5070);
      } catch (InvalidInputException e) {
        assertTrue(e.getMessage().contains("found "), e.getMessage());
      }
    }
  }
}
