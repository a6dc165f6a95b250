package dev.dwindle.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.proto.GraphProto;
import dev.dwindle.onnx.proto.ModelProto;
import dev.dwindle.onnx.proto.NodeProto;
import dev.dwindle.onnx.proto.TypeProto;
import dev.dwindle.onnx.proto.ValueInfoProto;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LosslessTest {
  @TempDir
  Path folder;

  private Path write(Message message) throws IOException {
    return Files.write(folder.resolve("model.onnx"), message.toByteArray());
  }

  private void assertUnchanged(Message message) throws IOException {
    Path file = write(message);
    assertTrue(RoundTrip.check(file, Files.readAllBytes(file)));
    OnnxWriter.write(OnnxReader.read(file), folder.resolve("again.onnx"));
    assertEquals(-1, Files.mismatch(file, folder.resolve("again.onnx")));
  }

  @Test
  void everyFieldOfEveryMessageSurvives() throws IOException {
    assertUnchanged(WholeModel.message());
  }

  @Test
  void unknownFieldsInEveryMessageSurvive() throws IOException {
    assertUnchanged(WholeModel.withUnknownFields(WholeModel.message()));
  }

  @Test
  void typesThatAreNoTensorsSurvive() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder();
    TypeProto tensor = TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(1)).build();
    List<TypeProto> types = List.of(tensor,
        TypeProto.newBuilder().setSequenceType(TypeProto.Sequence.newBuilder().setElemType(tensor)).build(),
        TypeProto.newBuilder().setOptionalType(TypeProto.Optional.newBuilder().setElemType(tensor)).build(),
        TypeProto.newBuilder().setMapType(TypeProto.Map.newBuilder().setKeyType(7).setValueType(tensor)).build(),
        TypeProto.newBuilder().setOpaqueType(TypeProto.Opaque.newBuilder().setDomain("d").setName("n")).build(),
        TypeProto.newBuilder().setSparseTensorType(TypeProto.SparseTensor.newBuilder().setElemType(1)).build(),
        TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(27)).build(),
        TypeProto.getDefaultInstance());
    for (int i = 0; i < types.size(); i++) {
      graph.addInput(ValueInfoProto.newBuilder().setName("x" + i).setType(types.get(i)));
    }
    assertUnchanged(ModelProto.newBuilder().setIrVersion(9).setGraph(graph).build());
  }

  @Test
  void anOutputThatStandsTwiceKeepsBothDeclarations() throws IOException {
    ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName("x");
    assertUnchanged(ModelProto.newBuilder().setIrVersion(9).setGraph(GraphProto.newBuilder().addInput(info)
        .addOutput(info.clone().setDocString("first")).addOutput(info.clone().setDocString("second"))).build());
  }

  @Test
  void aDeclaredOutputKeepsItsDeclarationThoughAnotherValueTakesItsPlace() throws IOException {
    TypeProto type = TypeProto.newBuilder().setDenotation("TENSOR")
        .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1)).build();
    ValueInfoProto output = ValueInfoProto.newBuilder().setName("y").setDocString("scores").setType(type).build();
    GraphProto.Builder graph = GraphProto.newBuilder().addInput(output.toBuilder().setName("x")).addOutput(output)
        .addNode(NodeProto.newBuilder().setOpType("Relu").addInput("x").addOutput("h"))
        .addNode(NodeProto.newBuilder().setOpType("Identity").addInput("h").addOutput("y"));
    Model model = OnnxReader.read(write(ModelProto.newBuilder().setIrVersion(9).setGraph(graph).build()));
    Node identity = model.graph().nodes().getLast();
    model.graph().replaceUses(identity.output(), identity.input(0));
    model.graph().remove(identity);
    OnnxWriter.write(model, folder.resolve("again.onnx"));
    GraphProto again = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("again.onnx"))).getGraph();
    assertEquals(List.of(output), again.getOutputList());
  }

  @Test
  void theModelSeesWhatTheFileSays() throws IOException {
    Graph graph = OnnxReader.read(write(WholeModel.message())).graph();
    assertEquals(List.of("x", "w"), graph.inputs().stream().map(Value::name).toList());
    assertEquals(List.of("x"), graph.requiredInputs().stream().map(Value::name).toList());
    assertEquals("[2.0]", Arrays.toString(graph.value("w").tensor().floats()));
    assertEquals("[0.0, 5.0, 0.0, 0.0, 0.0, 6.0]",
        Arrays.toString(graph.value("sparse").tensor().floats()));
    Node relu = graph.nodes().getFirst();
    assertEquals(3, relu.subgraphs().size());
    assertEquals("float[2,3]",
        ((Attribute.TensorValue) relu.attribute("sparse").value()).constant().tensor().toString());
    // Read by Add, and by the three subgraphs of Relu.
    assertEquals(4, graph.value("w").uses().size());
    assertEquals(18, graph.model().function(graph.nodes().getLast()).opsets().get(""));
  }

  @Test
  void whatIsChangedIsWrittenAnewAndTheRestStays() throws IOException {
    Model model = OnnxReader.read(write(WholeModel.message()));
    Graph graph = model.graph();
    model.opsets().put("", 22);
    model.metadata().put("new", "entry");
    graph.rename(graph.value("h"), "renamed");
    graph.replaceUses(graph.value("large"), graph.value("w"));
    graph.removeConstant(graph.value("large"));
    graph.addConstant("fresh", Tensor.of(Shape.of(2), 1f, 2f));
    OnnxWriter.write(model, folder.resolve("changed.onnx"));

    ModelProto changed = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("changed.onnx")));
    ModelProto before = WholeModel.message();
    assertEquals(22, changed.getOpsetImport(0).getVersion());
    assertEquals(before.getOpsetImport(2), changed.getOpsetImport(2));
    assertEquals("entry", changed.getMetadataProps(1).getValue());
    assertEquals("renamed", changed.getGraph().getNode(0).getOutput(0));
    assertEquals("renamed", changed.getGraph().getNode(1).getInput(0));
    assertEquals(List.of("nothing has this name", "renamed", "y"),
        changed.getGraph().getValueInfoList().stream().map(ValueInfoProto::getName).toList());
    assertEquals(List.of("w", "small", "fresh"),
        changed.getGraph().getInitializerList().stream().map(t -> t.getName()).toList());
    assertEquals(before.getGraph().getNode(2), changed.getGraph().getNode(2));
    assertEquals(before.getTrainingInfoList(), changed.getTrainingInfoList());
  }

  @Test
  void aTypeThatHasChangedIsDeclaredAnew() throws IOException {
    Model model = OnnxReader.read(write(WholeModel.message()));
    Value input = model.graph().value("x");
    input.setType(new TensorType(DType.FLOAT16,
        List.of(Dim.of(3), Dim.symbol("M"), Dim.unknown())));
    OnnxWriter.write(model, folder.resolve("changed.onnx"));
    ValueInfoProto info = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("changed.onnx"))).getGraph()
        .getInput(0);
    assertEquals(10, info.getType().getTensorType().getElemType());
    assertEquals(3, info.getType().getTensorType().getShape().getDim(0).getDimValue());
    assertEquals("M", info.getType().getTensorType().getShape().getDim(1).getDimParam());
    assertEquals("", info.getType().getTensorType().getShape().getDim(2).getDimParam());
    assertEquals("IMAGE", info.getType().getDenotation());
    assertEquals("doc", info.getDocString());
  }
}
