package dev.dwindle.backend.onnxruntime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Native libraries beside the program, looked at before they are loaded: one that was cut off would end the JVM. */
final class NativeFiles {
  private static final int MAGIC = 0x464C457F; // 0x7F, 'E', 'L', 'F'
  private static final byte CLASS_64 = 2;
  private static final byte LITTLE_ENDIAN = 1;
  private static final int HEADER_BYTES = 64;

  private NativeFiles() {}

  /** Which of a folder's libraries is cut off, in one sentence; null where none is, as far as can be told. */
  static String damage(Path folder) {
    try (DirectoryStream<Path> libraries = Files.newDirectoryStream(folder, "*.so*")) {
      for (Path library : libraries) {
        long found = Files.size(library);
        long expected = bytes(library);
        if (found < expected) {
          return library + ": found " + found + " bytes, expected at least " + expected + "; build or fetch it again";
        }
      }
    } catch (IOException e) {
      // whoever loads it says why it cannot be read
    }
    return null;
  }

  /** Where the section headers end, which stand last in a 64-bit ELF file; 0 for another file. */
  private static long bytes(Path library) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(library)) {
      while (header.hasRemaining() && channel.read(header) >= 0) {}
    }
    boolean known = !header.hasRemaining() && header.getInt(0) == MAGIC && header.get(4) == CLASS_64
        && header.get(5) == LITTLE_ENDIAN;
    return known ? header.getLong(0x28) + (long) Short.toUnsignedInt(header.getShort(0x3A))
        * Short.toUnsignedInt(header.getShort(0x3C)) : 0;
  }
}
