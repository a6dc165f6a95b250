package dev.dwindle.pack;

import java.util.zip.CRC32C;

/** CRC32C (RFC 3720), as the low 32 bits. */
final class Crc {
  private Crc() {}

  static int of(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return (int) crc.getValue();
  }
}
