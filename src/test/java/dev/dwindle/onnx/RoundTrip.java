package dev.dwindle.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.dwindle.graph.Model;
import dev.dwindle.onnx.proto.ModelProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Reads files and writes them again, unchanged and copied. */
final class RoundTrip {
  private RoundTrip() {}

  /** Every model below a folder gives equal bytes where its encoding is canonical, else an equal message. */
  static void check(Path folder) throws IOException {
    List<Path> models;
    try (Stream<Path> files = Files.walk(folder)) {
      models = files.filter(p -> p.toString().endsWith(".onnx")).sorted().toList();
    }
    assertFalse(models.isEmpty(), "no models in " + folder);
    int equal = 0;
    for (Path model : models) {
      equal += check(model, Files.readAllBytes(model)) ? 1 : 0;
    }
    System.out.println(equal + " of " + models.size() + " files byte-equal, the rest message-equal");
  }

  /** Returns whether the bytes are equal. */
  static boolean check(Path file, byte[] bytes) throws IOException {
    Model model = OnnxReader.read(file);
    byte[] written = written(model);
    ModelProto message = ModelProto.parseFrom(bytes);
    if (Arrays.equals(message.toByteArray(), bytes)) {
      assertEquals(-1, Arrays.mismatch(bytes, written), file + " is canonical: first byte that differs");
    } else {
      assertEquals(message, ModelProto.parseFrom(written), file.toString());
    }
    assertEquals(-1, Arrays.mismatch(written, written(model.copy())),
        file + ": first byte of the copy that differs");
    return Arrays.equals(bytes, written);
  }

  /** What a file of the model would hold; thousands of real ones would wait for the disk each time. */
  private static byte[] written(Model model) throws IOException {
    TensorWriter tensors = new TensorWriter(true, new ExternalData(""), false);
    ModelProto message = OnnxWriter.message(model, new GraphWriter(tensors));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Filling.write(message, Skeleton.Kind.MODEL, tensors.blobs(), Channels.newChannel(bytes));
    return bytes.toByteArray();
  }
}
