package dev.dwindle.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.dwindle.onnx.proto.AttributeProto;
import dev.dwindle.onnx.proto.AttributeProto.AttributeType;
import dev.dwindle.onnx.proto.DeviceConfigurationProto;
import dev.dwindle.onnx.proto.FunctionProto;
import dev.dwindle.onnx.proto.GraphProto;
import dev.dwindle.onnx.proto.IntIntListEntryProto;
import dev.dwindle.onnx.proto.ModelProto;
import dev.dwindle.onnx.proto.NodeDeviceConfigurationProto;
import dev.dwindle.onnx.proto.NodeProto;
import dev.dwindle.onnx.proto.OperatorSetIdProto;
import dev.dwindle.onnx.proto.ShardedDimProto;
import dev.dwindle.onnx.proto.ShardingSpecProto;
import dev.dwindle.onnx.proto.SimpleShardedDimProto;
import dev.dwindle.onnx.proto.SparseTensorProto;
import dev.dwindle.onnx.proto.StringStringEntryProto;
import dev.dwindle.onnx.proto.TensorAnnotation;
import dev.dwindle.onnx.proto.TensorProto;
import dev.dwindle.onnx.proto.TensorShapeProto;
import dev.dwindle.onnx.proto.TrainingInfoProto;
import dev.dwindle.onnx.proto.TypeProto;
import dev.dwindle.onnx.proto.ValueInfoProto;
import java.util.List;
import java.util.stream.Stream;

/** A model message that uses every field of every message of ONNX, and unknown ones in each. */
final class WholeModel {
  private WholeModel() {}

  static ModelProto message() {
    return ModelProto.newBuilder().setIrVersion(11).setProducerName("test").setProducerVersion("").setDomain("d")
        .setModelVersion(0).setDocString("doc").setGraph(graph("main", true))
        .addOpsetImport(opset("", 21)).addOpsetImport(opset("ai.onnx", 21)).addOpsetImport(opset("local", 1))
        .addMetadataProps(entry("a", "1")).addMetadataProps(entry("a", "2"))
        .addTrainingInfo(TrainingInfoProto.newBuilder().setInitialization(graph("init", false))
            .setAlgorithm(graph("step", false)).addInitializationBinding(entry("w", "y"))
            .addUpdateBinding(entry("w", "z")))
        .addFunctions(function())
        .addConfiguration(DeviceConfigurationProto.newBuilder().setName("two").setNumDevices(2).addDevice("a")
            .addDevice("b"))
        .build();
  }

  /** The same message with an unknown field of each wire type in every message inside. */
  static <T extends Message> Message withUnknownFields(T message) {
    Message.Builder builder = message.toBuilder();
    for (FieldDescriptor field : message.getAllFields().keySet()) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && field.isRepeated()) {
        for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
          builder.setRepeatedField(field, i, withUnknownFields((Message) message.getRepeatedField(field, i)));
        }
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        builder.setField(field, withUnknownFields((Message) message.getField(field)));
      }
    }
    UnknownFieldSet group = UnknownFieldSet.newBuilder()
        .addField(5,
            UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.copyFromUtf8("no tensor")).build())
        .build();
    return builder.setUnknownFields(UnknownFieldSet.newBuilder()
        .addField(3000, UnknownFieldSet.Field.newBuilder().addVarint(7).addVarint(-1)
            .addLengthDelimited(ByteString.copyFromUtf8("new")).addFixed32(5).addFixed64(6).addGroup(group).build())
        .build()).build();
  }

  private static GraphProto graph(String name, boolean whole) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName(name).setDocString("doc")
        .addInput(info("x", dims())).addInput(info("w", dims())).addOutput(info("y", dims())).addOutput(info("z", null))
        .addValueInfo(info("nothing has this name", dims())).addValueInfo(info("h", null)).addValueInfo(info("y", null))
        .addValueInfo(info("large", null))
        .addInitializer(TensorProto.newBuilder().setName("w").setDataType(1).addDims(1).addFloatData(2))
        .addInitializer(TensorProto.newBuilder().setName("large").setDataType(1).addDims(1000).setDocString("doc")
            .setRawData(ByteString.copyFrom(new byte[4000])).addMetadataProps(entry("k", "v"))
            .setDataLocation(TensorProto.DataLocation.DEFAULT))
        .addInitializer(
            TensorProto.newBuilder().setName("small").setDataType(3).addDims(0).setRawData(ByteString.EMPTY))
        .addQuantizationAnnotation(TensorAnnotation.newBuilder().setTensorName("x")
            .addQuantParameterTensorNames(entry("SCALE_TENSOR", "w")))
        .addMetadataProps(entry("k", ""));
    if (whole) {
      graph.addSparseInitializer(sparse("sparse"));
    }
    return graph.addNode(node("Relu", "x", "h").addAllAttribute(attributes(whole)))
        .addNode(node("Add", "h", "y").addInput("").addInput("w").setName("").setDomain("ai.onnx"))
        .addNode(node("twice", "y", "z").setDomain("local").setOverload("o").addOutput("")).build();
  }

  private static NodeProto.Builder node(String operator, String input, String output) {
    return NodeProto.newBuilder().setOpType(operator).addInput(input).addOutput(output).setName(operator + "_node")
        .setDomain("").setDocString("doc").setOverload("").addMetadataProps(entry("k", "v"))
        .addDeviceConfigurations(NodeDeviceConfigurationProto.newBuilder().setConfigurationId("two").setPipelineStage(1)
            .addShardingSpec(ShardingSpecProto.newBuilder().setTensorName(input).addDevice(0).addDevice(-1)
                .addIndexToDeviceGroupMap(IntIntListEntryProto.newBuilder().setKey(-1).addValue(0).addValue(1))
                .addShardedDim(ShardedDimProto.newBuilder().setAxis(0)
                    .addSimpleSharding(SimpleShardedDimProto.newBuilder().setDimValue(2).setNumShards(2))
                    .addSimpleSharding(SimpleShardedDimProto.newBuilder().setDimParam("N").setNumShards(2)))));
  }

  private static List<AttributeProto> attributes(boolean graphs) {
    AttributeProto.Builder tensors = attribute("tensors", AttributeType.TENSORS)
        .addTensors(TensorProto.newBuilder().setDataType(6).addInt32Data(5))
        .addTensors(
            TensorProto.newBuilder().setDataType(1).addDims(500).setRawData(ByteString.copyFrom(new byte[2000])));
    List<AttributeProto> plain = List.of(attribute("f", AttributeType.FLOAT).setF(1).build(),
        attribute("f0", AttributeType.FLOAT).setF(-0f).build(), attribute("f absent", AttributeType.FLOAT).build(),
        attribute("i", AttributeType.INT).setI(0).build(), attribute("s", AttributeType.STRING).build(),
        attribute("s0", AttributeType.STRING).setS(ByteString.EMPTY).build(),
        attribute("bytes", AttributeType.STRING).setS(ByteString.copyFrom(new byte[] {-1, 0, -2})).build(),
        AttributeProto.newBuilder().setName("no type").setI(3).build(),
        attribute("t", AttributeType.TENSOR).setT(
            TensorProto.newBuilder().setName("named").setDataType(7).addDims(200)
                .setRawData(ByteString.copyFrom(new byte[1600])))
            .build(),
        attribute("floats", AttributeType.FLOATS).addFloats(1).addFloats(Float.NaN).setDocString("doc").build(),
        attribute("ints", AttributeType.INTS).addInts(-1).build(), attribute("none", AttributeType.INTS).build(),
        attribute("strings", AttributeType.STRINGS).addStrings(ByteString.copyFromUtf8("a")).build(), tensors.build(),
        attribute("sparse", AttributeType.SPARSE_TENSOR).setSparseTensor(sparse("")).build(),
        attribute("sparses", AttributeType.SPARSE_TENSORS).addSparseTensors(sparse("")).build(),
        attribute("type", AttributeType.TYPE_PROTO).setTp(dims()).build(),
        attribute("types", AttributeType.TYPE_PROTOS).addTypeProtos(dims()).build());
    return graphs ? Stream.concat(plain.stream(), Stream.of(
        attribute("graph", AttributeType.GRAPH).setG(subgraph()).build(),
        attribute("graphs", AttributeType.GRAPHS).addGraphs(subgraph()).addGraphs(subgraph()).build())).toList()
        : plain;
  }

  private static GraphProto subgraph() {
    return GraphProto.newBuilder().addOutput(info("inner", null))
        .addInitializer(TensorProto.newBuilder().setName("large_inside").setDataType(1).addDims(300)
            .setRawData(ByteString.copyFrom(new byte[1200])))
        .addNode(NodeProto.newBuilder().setOpType("Neg").addInput("w").addOutput("inner")).build();
  }

  private static AttributeProto.Builder attribute(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  private static SparseTensorProto sparse(String name) {
    return SparseTensorProto.newBuilder()
        .setValues(TensorProto.newBuilder().setName(name).setDataType(1).addDims(2).addFloatData(5).addFloatData(6))
        .setIndices(TensorProto.newBuilder().setDataType(7).addDims(2).addDims(2).addInt64Data(0).addInt64Data(1)
            .addInt64Data(1).addInt64Data(2))
        .addDims(2).addDims(3).build();
  }

  private static FunctionProto function() {
    AttributeProto reference = AttributeProto.newBuilder().setName("alpha").setRefAttrName("a")
        .setType(AttributeType.FLOAT)
        .build();
    return FunctionProto.newBuilder().setName("twice").setDomain("local").setOverload("o").addInput("v").addOutput("w")
        .addAttribute("a").addAttributeProto(attribute("b", AttributeType.INT).setI(2)).setDocString("doc")
        .addNode(NodeProto.newBuilder().setOpType("Elu").addInput("v").addOutput("u").addAttribute(reference)
            .addAttribute(AttributeProto.newBuilder().setName("body").setRefAttrName("g").setType(AttributeType.GRAPH)))
        .addNode(NodeProto.newBuilder().setOpType("Add").addInput("u").addInput("u").addOutput("w"))
        .addOpsetImport(opset("", 18)).addValueInfo(info("u", dims())).addMetadataProps(entry("k", "v")).build();
  }

  private static TypeProto dims() {
    return TypeProto.newBuilder().setDenotation("IMAGE")
        .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1).setShape(TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(-1).setDenotation("DATA_BATCH"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("N"))
            .addDim(TensorShapeProto.Dimension.newBuilder())))
        .build();
  }

  private static ValueInfoProto info(String name, TypeProto type) {
    ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(name).setDocString("doc")
        .addMetadataProps(entry("k", "v"));
    return (type == null ? info : info.setType(type)).build();
  }

  private static OperatorSetIdProto opset(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
