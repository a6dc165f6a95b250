package dev.dwindle.train;

import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A number that tells jobs apart: the first 64 bits of a SHA-256. */
public final class Checksum {
  private final MessageDigest digest;

  public Checksum() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each Java platform has SHA-256", e);
    }
  }

  /** Adds the text of a value. */
  public Checksum add(Object value) {
    byte[] bytes = String.valueOf(value).getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
    digest.update(bytes);
    return this;
  }

  /** Adds all of a model. */
  public Checksum add(Model model) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = OnnxWriter.bytes(model, arena);
      digest.update(bytes.asByteBuffer());
    }
    return this;
  }

  public long value() {
    return ByteBuffer.wrap(digest.digest()).getLong();
  }
}
