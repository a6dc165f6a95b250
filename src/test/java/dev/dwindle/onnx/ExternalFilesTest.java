package dev.dwindle.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Model;
import dev.dwindle.onnx.proto.GraphProto;
import dev.dwindle.onnx.proto.ModelProto;
import dev.dwindle.onnx.proto.StringStringEntryProto;
import dev.dwindle.onnx.proto.TensorProto;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalFilesTest {
  @TempDir
  Path root;

  private Path folder;

  @BeforeEach
  void dataFileOf24Bytes() throws IOException {
    folder = Files.createDirectory(root.resolve("folder"));
    Files.write(folder.resolve("w.bin"), Tensor.of(Shape.of(6), 1f, 2f, 3f, 4f, 5f, 6f).bytes());
    Files.write(root.resolve("outside.bin"), new byte[24]);
  }

  /** A model with a float[2] that is stored as these entries say. */
  private Path model(String... entries) throws IOException {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName("w").setDataType(1).addDims(2)
        .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    for (int i = 0; i < entries.length; i += 2) {
      tensor.addExternalData(StringStringEntryProto.newBuilder().setKey(entries[i]).setValue(entries[i + 1]));
    }
    return Files.write(folder.resolve("model.onnx"),
        ModelProto.newBuilder().setIrVersion(9).setGraph(GraphProto.newBuilder().addInitializer(tensor)).build()
            .toByteArray());
  }

  private void assertRefused(String expected, String... entries) throws IOException {
    Path model = model(entries);
    String message = assertThrows(InvalidInputException.class, () -> OnnxReader.read(model)).getMessage();
    assertTrue(message.startsWith(model + ": tensor 'w': external data: ") && message.contains(expected), message);
  }

  @Test
  void oneMessageHoldsAllTensors() throws IOException {
    Model model = OnnxReader.read(model("location", "w.bin", "offset", "8", "length", "8"));
    Path alone = root.resolve("alone.onnx");
    try (Arena arena = Arena.ofConfined()) {
      Files.write(alone, OnnxWriter.bytes(model, arena).toArray(ValueLayout.JAVA_BYTE));
    }
    assertTrue(OnnxWriter.isOneMessage(model));
    assertArrayEquals(new float[] {3, 4}, OnnxReader.read(alone).graph().value("w").tensor().floats());
  }

  @Test
  void offsetAndLengthSayWhere() throws IOException {
    Tensor tensor = OnnxReader.read(model("location", "w.bin", "offset", "8", "length", "8")).graph().value("w")
        .tensor();
    assertArrayEquals(new float[] {3, 4}, tensor.floats());
    assertTrue(tensor.segment().isMapped());
    assertArrayEquals(new float[] {1, 2},
        OnnxReader.read(model("location", "w.bin")).graph().value("w").tensor().floats());
  }

  @Test
  void placesOutsideTheFolderAreRefused() throws IOException {
    Files.createSymbolicLink(folder.resolve("link.bin"), root.resolve("outside.bin"));
    Files.createSymbolicLink(folder.resolve("up"), root);
    String expected = "expected a file inside the model's folder";
    assertRefused(expected, "location", "../outside.bin");
    assertRefused(expected, "location", "deeper/../../outside.bin");
    assertRefused(expected, "location", root.resolve("outside.bin").toString());
    assertRefused(expected, "location", "link.bin");
    assertRefused(expected, "location", "up/outside.bin");
    assertRefused(expected, "location", "");
    assertRefused("found no file", "location", "missing.bin");
    assertRefused("found no file", "location", ".");
    assertRefused("is no path", "location", "a\0b");
  }

  @Test
  void sizesAreChecked() throws IOException {
    assertRefused("found length 4, expected 8", "location", "w.bin", "length", "4");
    assertRefused("found 24 bytes in 'w.bin', expected 8 from offset 20", "location", "w.bin", "offset", "20");
    assertRefused("expected 8 from offset 9223372036854775807", "location", "w.bin", "offset", "9223372036854775807");
    assertRefused("offset is '-1', expected a number from 0", "location", "w.bin", "offset", "-1");
    assertRefused("length is 'many'", "location", "w.bin", "length", "many");
  }

  @Test
  void tensorsMayShareBytes() throws IOException {
    ModelProto one = ModelProto.parseFrom(Files.readAllBytes(model("location", "w.bin", "offset", "4", "length", "8")));
    TensorProto.Builder second = one.getGraph().getInitializer(0).toBuilder().setName("v");
    second.getExternalDataBuilder(1).setValue("8");
    Path model = Files.write(folder.resolve("shared.onnx"),
        one.toBuilder().setGraph(one.getGraph().toBuilder().addInitializer(second)).build().toByteArray());
    Model read = OnnxReader.read(model);
    assertArrayEquals(new float[] {2, 3}, read.graph().value("w").tensor().floats());
    assertArrayEquals(new float[] {3, 4}, read.graph().value("v").tensor().floats());
    Path target = root.resolve("apart.onnx");
    OnnxWriter.write(read, target);
    assertArrayEquals(new float[] {3, 4}, OnnxReader.read(target).graph().value("v").tensor().floats());
  }

  @Test
  void inTheSameFolderTheDataFileIsKept() throws IOException {
    Path model = model("location", "w.bin", "offset", "8");
    OnnxWriter.write(OnnxReader.read(model), folder.resolve("again.onnx"));
    assertArrayEquals(Files.readAllBytes(model), Files.readAllBytes(folder.resolve("again.onnx")));
    assertEquals(List.of("again.onnx", "model.onnx", "w.bin"), files(folder));
  }

  @Test
  void inAnotherFolderTheDataComesAlong() throws IOException {
    Path target = root.resolve("again.onnx");
    OnnxWriter.write(OnnxReader.read(model("location", "w.bin", "offset", "8")), target);
    assertEquals(1, files(root).stream().filter(f -> f.matches("again\\.onnx\\.[0-9a-f]{8}\\.data")).count());
    assertArrayEquals(new float[] {3, 4}, OnnxReader.read(target).graph().value("w").tensor().floats());
  }

  @Test
  void withANewTensorTheDataComesAlongToo() throws IOException {
    Model model = OnnxReader.read(model("location", "w.bin", "offset", "8"));
    model.graph().addConstant("new", Tensor.scalar(1f));
    OnnxWriter.write(model, folder.resolve("again.onnx"));
    assertEquals(4, files(folder).size());
    Files.delete(folder.resolve("w.bin"));
    assertArrayEquals(new float[] {3, 4},
        OnnxReader.read(folder.resolve("again.onnx")).graph().value("w").tensor().floats());
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void everyLargeInitializerIsMadeExternalWhenAskedFor() throws IOException {
    Model model = new Model(10, 21);
    for (int i = 0; i < 3; i++) {
      float[] values = new float[1000 + i];
      values[i] = i;
      model.graph().addConstant("c" + i, Tensor.of(Shape.of(values.length), values));
    }
    model.graph().addConstant("small", Tensor.scalar(1f));
    Path file = root.resolve("external.onnx");
    OnnxWriter.write(model, file, true);
    assertTrue(Files.size(file) < 1000);
    // Written once more over the files from which it is mapped: the same data has the same name.
    List<String> before = files(root);
    OnnxWriter.write(OnnxReader.read(file), file, true);
    assertEquals(before, files(root));
    Model again = OnnxReader.read(file);
    for (int i = 0; i < 3; i++) {
      assertTrue(model.graph().value("c" + i).tensor().contentEquals(again.graph().value("c" + i).tensor()));
    }
    assertEquals("4096", ModelProto.parseFrom(Files.readAllBytes(file)).getGraph().getInitializer(1).getExternalData(1)
        .getValue());
  }
}
