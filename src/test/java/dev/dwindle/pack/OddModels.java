package dev.dwindle.pack;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.dwindle.onnx.proto.AttributeProto;
import dev.dwindle.onnx.proto.GraphProto;
import dev.dwindle.onnx.proto.ModelProto;
import dev.dwindle.onnx.proto.NodeProto;
import dev.dwindle.onnx.proto.SparseTensorProto;
import dev.dwindle.onnx.proto.TensorProto;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Model files that keep tensors in every place and form. */
final class OddModels {
  private OddModels() {}

  static Map<String, byte[]> all() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("no tensors", model(GraphProto.newBuilder().setName("g")));
    all.put("raw", model(GraphProto.newBuilder().addInitializer(raw("w", 1, "normal", 40_000, 100, 100))));
    all.put("two blocks and a byte", model(GraphProto.newBuilder()
        .addInitializer(raw("w", 3, "steps", 2 * BlockCodec.MOST_BYTES + 1, 2 * BlockCodec.MOST_BYTES + 1))));
    all.put("float and double lists", model(GraphProto.newBuilder().addInitializer(floats("f", 5000))
        .addInitializer(doubles("d", 3000))));
    all.put("integer lists", model(GraphProto.newBuilder().addInitializer(integers("i", 5000))));
    all.put("empty tensors", model(GraphProto.newBuilder().addInitializer(raw("e", 1, "zeros", 0, 0))
        .addInitializer(TensorProto.newBuilder().setName("n").setDataType(1).addDims(0))
        .addInitializer(raw("w", 1, "sparse", 4000, 1000))));
    all.put("neighbours without a gap", model(GraphProto.newBuilder()
        .addInitializer(raw("", 1, "normal", 4000, 10, 100)).addInitializer(raw("", 1, "palette", 4000, 10, 100))));
    all.put("subgraph, constant, lists and sparse", model(nested()));
    all.put("unknown fields", unknown());
    all.put("wrong sizes and types", model(GraphProto.newBuilder().addInitializer(raw("a", 1, "random", 4001, 7, -3))
        .addInitializer(raw("b", 777, "normal", 4000, 1)).addInitializer(raw("c", -1, "text", 3000, 1L << 62))));
    all.put("names twice, long and in all letters", model(GraphProto.newBuilder()
        .addInitializer(raw("w", 1, "normal", 4000, 1000)).addInitializer(raw("w", 1, "sparse", 4000, 1000))
        .addInitializer(raw("ü".repeat(5000), 2, "steps", 4000, 4000))));
    all.put("two raw fields in one tensor", twice());
    return all;
  }

  private static byte[] model(GraphProto.Builder graph) {
    return ModelProto.newBuilder().setIrVersion(8).setGraph(graph).setProducerName("odd").build().toByteArray();
  }

  private static TensorProto.Builder raw(String name, int type, String kind, int bytes, long... dims) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type)
        .setRawData(ByteString.copyFrom(Contents.of(kind, bytes)));
    for (long dim : dims) tensor.addDims(dim);
    return tensor;
  }

  private static TensorProto.Builder floats(String name, int count) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(1).addDims(count);
    Random random = new Random(1);
    for (int i = 0; i < count; i++) tensor.addFloatData((float) random.nextGaussian());
    return tensor;
  }

  private static TensorProto.Builder doubles(String name, int count) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(11).addDims(count);
    for (int i = 0; i < count; i++) tensor.addDoubleData(i / 3.0);
    return tensor;
  }

  private static TensorProto.Builder integers(String name, int count) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(6).addDims(count);
    for (int i = 0; i < count; i++) tensor.addInt32Data(i * 77 - 5000);
    return tensor;
  }

  private static GraphProto.Builder nested() {
    GraphProto.Builder inner = GraphProto.newBuilder().setName("then")
        .addInitializer(raw("in", 1, "palette", 8000, 2000))
        .addSparseInitializer(SparseTensorProto.newBuilder().setValues(raw("s", 1, "normal", 2000, 500))
            .setIndices(raw("i", 7, "steps", 4000, 500)).addDims(10_000));
    return GraphProto.newBuilder().addNode(NodeProto.newBuilder().setOpType("If").addOutput("y")
        .addAttribute(AttributeProto.newBuilder().setName("then_branch").setG(inner)))
        .addNode(NodeProto.newBuilder().setOpType("Constant").addOutput("c").addAttribute(
            AttributeProto.newBuilder().setName("value").setT(raw("", 10, "normal", 3000, 1500))))
        .addNode(NodeProto.newBuilder().setOpType("Odd").addOutput("o").addAttribute(AttributeProto.newBuilder()
            .setName("values").addTensors(raw("p", 16, "normal", 3000, 1500))
            .addTensors(raw("q", 22, "random", 999, 1998))));
  }

  private static byte[] unknown() {
    UnknownFieldSet unknown = UnknownFieldSet.newBuilder().addField(900, UnknownFieldSet.Field.newBuilder()
        .addFixed32(7).addVarint(9).addLengthDelimited(ByteString.copyFromUtf8("strange"))
        .addGroup(UnknownFieldSet.newBuilder().addField(9,
            UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.copyFrom(new byte[500])).build()).build())
        .build()).build();
    return ModelProto.newBuilder().setUnknownFields(unknown).setGraph(GraphProto.newBuilder().setUnknownFields(unknown)
        .addInitializer(raw("w", 1, "normal", 5000, 1250).setUnknownFields(unknown))).build().toByteArray();
  }

  private static byte[] twice() {
    byte[] first = raw("w", 1, "normal", 2000, 500).build().toByteArray();
    byte[] second = TensorProto.newBuilder().setRawData(ByteString.copyFrom(Contents.of("steps", 900))).build()
        .toByteArray();
    ByteString both = ByteString.copyFrom(first).concat(ByteString.copyFrom(second));
    UnknownFieldSet tensor = UnknownFieldSet.newBuilder().addField(5,
        UnknownFieldSet.Field.newBuilder().addLengthDelimited(both).build()).build();
    UnknownFieldSet graph = UnknownFieldSet.newBuilder().addField(7,
        UnknownFieldSet.Field.newBuilder().addLengthDelimited(tensor.toByteString()).build()).build();
    return graph.toByteArray();
  }
}
