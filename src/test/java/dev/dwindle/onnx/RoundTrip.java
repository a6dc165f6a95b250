package dev.dwindle.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.dwindle.graph.Model;
import dev.dwindle.onnx.proto.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Reads files and writes them again, unchanged and copied. */
final class RoundTrip {
  private RoundTrip() {}

  /** Every model below a folder gives equal bytes where its encoding is canonical, else an equal message. */
  static void check(Path folder, Path scratch) throws IOException {
    List<Path> models;
    try (Stream<Path> files = Files.walk(folder)) {
      models = files.filter(p -> p.toString().endsWith(".onnx")).sorted().toList();
    }
    assertFalse(models.isEmpty(), "no models in " + folder);
    int equal = 0;
    for (Path model : models) {
      equal += check(model, Files.readAllBytes(model), scratch.resolve("written.onnx")) ? 1 : 0;
    }
    System.out.println(equal + " of " + models.size() + " files byte-equal, the rest message-equal");
  }

  /** Returns whether the bytes are equal. */
  static boolean check(Path file, byte[] bytes, Path target) throws IOException {
    Model model = OnnxReader.read(file);
    OnnxWriter.write(model, target);
    byte[] written = Files.readAllBytes(target);
    ModelProto message = ModelProto.parseFrom(bytes);
    if (Arrays.equals(message.toByteArray(), bytes)) {
      assertEquals(-1, Arrays.mismatch(bytes, written), file + " is canonical: first byte that differs");
    } else {
      assertEquals(message, ModelProto.parseFrom(written), file.toString());
    }
    OnnxWriter.write(model.copy(), target);
    assertEquals(-1, Arrays.mismatch(written, Files.readAllBytes(target)),
        file + ": first byte of the copy that differs");
    return Arrays.equals(bytes, written);
  }
}
