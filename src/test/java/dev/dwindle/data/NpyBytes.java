package dev.dwindle.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Files of NumPy's NPY format for tests. */
final class NpyBytes {
  private NpyBytes() {}

  /** An array in C order whose elements count up from 0, row by row; only f4 and i4 are counted, others stay 0. */
  static byte[] of(String type, String shape, int dataBytes) {
    byte[] data = new byte[dataBytes];
    for (int i = 0; i + 4 <= dataBytes && type.endsWith("4"); i += 4) {
      int bits = type.charAt(1) == 'f' ? Float.floatToIntBits(i / 4) : i / 4;
      for (int b = 0; b < 4; b++) {
        data[i + (type.startsWith(">") ? 3 - b : b)] = (byte) (bits >> 8 * b);
      }
    }
    return withHeader("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }", data);
  }

  static byte[] withHeader(String header, byte[] data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] text = (header + "\n").getBytes(StandardCharsets.US_ASCII);
    out.writeBytes(
        new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, (byte) (text.length >> 8)});
    out.writeBytes(text);
    out.writeBytes(data);
    return out.toByteArray();
  }
}
