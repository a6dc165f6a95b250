package dev.dwindle.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files give an error of one line that names the part, or the model as it was; never anything else. */
class PackedFileFuzzTest {
  private static final int MUTANTS = 1000;

  @TempDir
  Path folder;

  @Test
  void damagedFilesGiveOneLineOrTheModel() throws IOException {
    PackedFuzzer fuzzer = new PackedFuzzer(PackedFuzzer.seeds(folder), folder);
    for (int i = 0; i < MUTANTS; i++) fuzzer.tryMutant(i);
    assertEquals(Map.of(), fuzzer.flaws());
  }

  /** An error line has an end, and its reason must stand before it. */
  @Test
  void anErrorInATensorOfALongNameTellsTheReason() {
    Section tensor = new Section("n".repeat(5000), 1, List.of(), 0, 1L << 40);
    String message = assertThrows(InvalidInputException.class, () -> Directory
        .read(new Directory(List.of(tensor), new Section(null, 0, List.of(), 0, 1)).toBytes(), (1L << 40) + 1, 0))
        .getMessage();
    assertTrue(message.startsWith("tensor 'nnn") && message.contains("found 1099511627776 bytes, more than"), message);
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
            decode(PackedMutations.ofBytes(packed, random), 2304 - random.nextInt(2) * random.nextInt(2304),
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
        Directory.read(PackedMutations.ofBytes(bytes, random), 4_800_100, 5070);
      } catch (InvalidInputException e) {
        assertTrue(e.getMessage().contains("found "), e.getMessage());
      }
    }
  }
}
