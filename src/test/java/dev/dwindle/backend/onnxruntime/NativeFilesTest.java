package dev.dwindle.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFilesTest {
  @TempDir
  Path folder;

  /** A library whose ten section headers of 64 bytes begin at byte 1,000, as many bytes of it as are asked for. */
  private void write(int bytes) throws IOException {
    ByteBuffer elf = ByteBuffer.allocate(1640).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(0, new byte[] {0x7F, 'E', 'L', 'F', 2, 1}).putLong(0x28, 1000).putShort(0x3A, (short) 64)
        .putShort(0x3C, (short) 10);
    Files.write(folder.resolve("libsome.so.1"), Arrays.copyOf(elf.array(), bytes));
  }

  @Test
  void aLibraryThatWasCutOffIsTold() throws IOException {
    write(1639);
    assertEquals(folder.resolve("libsome.so.1") + ": found 1639 bytes, expected at least 1640; build or fetch it again",
        NativeFiles.damage(folder));
  }

  @Test
  void othersAreLeftToWhoeverLoadsThem() throws IOException {
    write(1640);
    assertNull(NativeFiles.damage(folder));
    write(63);
    assertNull(NativeFiles.damage(folder));
    Files.writeString(folder.resolve("libsome.so.1"), "no library, but a text that is longer than a header, 64 bytes");
    assertNull(NativeFiles.damage(folder));
    assertNull(NativeFiles.damage(folder.resolve("none")));
  }
}
