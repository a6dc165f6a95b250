package dev.dwindle.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.dwindle.onnx.proto.AttributeProto;
import dev.dwindle.onnx.proto.AttributeProto.AttributeType;
import dev.dwindle.onnx.proto.GraphProto;
import dev.dwindle.onnx.proto.ModelProto;
import dev.dwindle.onnx.proto.NodeProto;
import dev.dwindle.onnx.proto.SparseTensorProto;
import dev.dwindle.onnx.proto.TensorProto;
import dev.dwindle.onnx.proto.ValueInfoProto;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a file holds, reading it gives a model or one line that says what is wrong. */
class DamagedFilesTest {
  private static final byte[] WHOLE = WholeModel.withUnknownFields(WholeModel.message()).toByteArray();

  @TempDir
  Path folder;

  /** Reads bytes as a model; returns the error's line, or null where they are one. */
  private static String read(byte[] bytes) {
    try {
      OnnxReader.read(MemorySegment.ofArray(bytes), Path.of("model.onnx"), Arena.ofAuto());
      return null;
    } catch (InvalidInputException e) {
      String line = Messages.in(Path.of("model.onnx"), e).getMessage();
      assertFalse(line.contains("\n"), line);
      return line.substring("model.onnx: ".length());
    }
  }

  private String readFile(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"), bytes);
    String message = assertThrows(InvalidInputException.class, () -> OnnxReader.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    return message.substring((file + ": ").length());
  }

  private static byte[] model(GraphProto.Builder graph) {
    return ModelProto.newBuilder().setIrVersion(9).setGraph(graph).build().toByteArray();
  }

  private static byte[] model(TensorProto.Builder initializer) {
    return model(GraphProto.newBuilder().addInitializer(initializer.setName("w")));
  }

  @Test
  void missingFolderEmptyAndForeignFiles() throws IOException {
    Path missing = folder.resolve("missing.onnx");
    assertEquals(missing + ": no such file",
        assertThrows(InvalidInputException.class, () -> OnnxReader.read(missing)).getMessage());
    assertEquals(folder + ": is a folder, expected a file",
        assertThrows(InvalidInputException.class, () -> OnnxReader.read(folder)).getMessage());
    assertEquals("is empty", readFile(new byte[0]));
    assertTrue(readFile("<html>not a model</html>".getBytes()).startsWith("not an ONNX file, or damaged"));
    assertEquals("found no graph, expected an ONNX model", readFile(new byte[] {8, 9}));
  }

  @Test
  void truncatedFilesAreToldOrHarmless() {
    for (int length = 0; length < WHOLE.length; length += 41) {
      read(Arrays.copyOf(WHOLE, length));
    }
  }

  @Test
  void changedBytesAreToldOrHarmless() {
    Random random = new Random(1);
    for (int i = 0; i < WHOLE.length; i += 97) {
      byte[] bytes = WHOLE.clone();
      bytes[i] = (byte) random.nextInt(256);
      read(bytes);
      bytes[random.nextInt(bytes.length)] = -1;
      read(bytes);
    }
  }

  @Test
  void randomBytesAreTold() {
    Random random = new Random(2);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(200)];
      random.nextBytes(bytes);
      read(bytes);
    }
  }

  @Test
  void tensorsOfWrongSizes() {
    assertEquals("tensor 'w': tensor float[3]: found 8 bytes, expected 12",
        read(model(TensorProto.newBuilder().setDataType(1).addDims(3).setRawData(ByteString.copyFrom(new byte[8])))));
    assertEquals("tensor 'w': found 1 numbers, expected 1000000000000 for float[1000000,1000000]",
        read(model(TensorProto.newBuilder().setDataType(1).addDims(1000000).addDims(1000000).addFloatData(1))));
    assertEquals("tensor 'w': shape [-3]: found dimension -3, expected 0 or more",
        read(model(TensorProto.newBuilder().setDataType(1).addDims(-3))));
    assertEquals("tensor 'w': shape [9223372036854775807, 2]: has more than 2^63 elements",
        read(model(TensorProto.newBuilder().setDataType(1).addDims(Long.MAX_VALUE).addDims(2))));
    assertTrue(
        read(model(TensorProto.newBuilder().setDataType(11).addDims(Long.MAX_VALUE))).startsWith("tensor 'w': "));
    assertTrue(read(model(TensorProto.newBuilder().setDataType(99).addDims(1)))
        .startsWith("tensor 'w': element type: found code 99"));
    assertTrue(read(model(TensorProto.newBuilder().setDataType(8).addDims(5)))
        .startsWith("tensor 'w': tensor string[5]: found 0 strings"));
  }

  @Test
  void sparseTensorsThatPointAstray() {
    assertTrue(sparse(10, 1, 1_000_000_000_000L).contains("bytes when dense, expected at most"));
    assertTrue(sparse(10, 1, 5).contains("found index 10, expected 0 to 4"));
    assertTrue(sparse(-1, 1, 5).contains("found index -1"));
    assertTrue(sparse(0, 3, 5).contains("expected a list of values and int64 indices"));
  }

  private static String sparse(long index, int indices, long dim) {
    TensorProto.Builder positions = TensorProto.newBuilder().setDataType(7).addDims(indices);
    for (int i = 0; i < indices; i++) {
      positions.addInt64Data(index);
    }
    return read(model(GraphProto.newBuilder().addSparseInitializer(SparseTensorProto.newBuilder().addDims(dim)
        .setValues(TensorProto.newBuilder().setName("w").setDataType(1).addDims(1).addFloatData(1))
        .setIndices(positions))));
  }

  @Test
  void namesThatNothingMakes() {
    NodeProto.Builder first = NodeProto.newBuilder().setOpType("Relu").setName("first").addInput("later")
        .addOutput("a");
    NodeProto.Builder second = NodeProto.newBuilder().setOpType("Relu").addInput("a").addOutput("later");
    assertEquals("graph '': Relu 'first' reads 'later', expected an input, a constant or an output of a node before it",
        read(model(GraphProto.newBuilder().addNode(first).addNode(second))));
    assertEquals("graph '': output 'y' is made by no node",
        read(model(GraphProto.newBuilder().addOutput(ValueInfoProto.newBuilder().setName("y")))));
    ValueInfoProto a = ValueInfoProto.newBuilder().setName("a").build();
    assertEquals("graph '': Relu '' makes 'a', which exists already", read(model(GraphProto.newBuilder().addInput(a)
        .addNode(NodeProto.newBuilder().setOpType("Relu").addInput("a").addOutput("a")))));
    GraphProto.Builder body = GraphProto.newBuilder()
        .addNode(NodeProto.newBuilder().setOpType("Neg").addInput("own").addOutput("b"));
    assertTrue(read(model(GraphProto.newBuilder().addNode(NodeProto.newBuilder().setOpType("If").addOutput("own")
        .addAttribute(AttributeProto.newBuilder().setName("then_branch").setType(AttributeType.GRAPH).setG(body)))))
        .contains("reads 'own', which is made by no node before it"));
  }

  @Test
  void attributesThatHoldMoreThanTheySay() {
    TensorProto tensor = TensorProto.newBuilder().setDataType(1).addDims(500)
        .setRawData(ByteString.copyFrom(new byte[2000]))
        .build();
    for (AttributeType type : new AttributeType[] {AttributeType.GRAPH, AttributeType.GRAPHS, AttributeType.INT}) {
      String line = read(model(GraphProto.newBuilder().addNode(NodeProto.newBuilder().setOpType("If").addAttribute(
          AttributeProto.newBuilder().setName("a").setType(type).setG(GraphProto.getDefaultInstance()).setT(tensor)))));
      assertEquals("If '', attribute 'a': found a tensor or graph, expected only what type " + type + " says", line);
    }
  }

  @Test
  void namesThatAreNoText() {
    byte[] bytes = model(GraphProto.newBuilder().setName("main"));
    bytes[bytes.length - 1] = -1;
    assertTrue(read(bytes).matches("found a name at byte \\d+ that is not UTF-8; the file is damaged"));
  }

  @Test
  void nestingBeyondReason() {
    GraphProto graph = GraphProto.getDefaultInstance();
    for (int i = 0; i < 60; i++) {
      graph = GraphProto.newBuilder().addNode(NodeProto.newBuilder().setOpType("If").addAttribute(
          AttributeProto.newBuilder().setName("then_branch").setType(AttributeType.GRAPH).setG(graph))).build();
    }
    assertTrue(read(model(graph.toBuilder())).startsWith("found messages nested more than"));
  }

  @Test
  void tensorFilesAreCheckedToo() throws IOException {
    Path file = Files.write(folder.resolve("input_0.pb"),
        TensorProto.newBuilder().setDataType(1).addDims(1L << 40).setName("x").build().toByteArray());
    assertEquals(file + ": tensor 'x': found 0 numbers, expected 1099511627776 for float[1099511627776]",
        assertThrows(InvalidInputException.class, () -> OnnxTensors.read(file)).getMessage());
  }
}
