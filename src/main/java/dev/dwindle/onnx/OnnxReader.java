package dev.dwindle.onnx;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Extras;
import dev.dwindle.graph.Function;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.proto.AttributeProto;
import dev.dwindle.onnx.proto.FunctionProto;
import dev.dwindle.onnx.proto.ModelProto;
import dev.dwindle.onnx.proto.OperatorSetIdProto;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads ONNX files without loss: what a graph does not model is carried in its extras. Large tensors stay in the mapped
 * file.
 */
public final class OnnxReader {
  private OnnxReader() {}

  /** Reads a model whose mapped file is released when the model is garbage. */
  public static Model read(Path file) {
    return read(file, Arena.ofAuto());
  }

  /**
   * Reads a model.
   *
   * @param arena owns the mapped file; once it is closed, the model's large tensors cannot be read
   * @throws InvalidInputException where the file is missing, damaged or breaks the specification; it names the file
   */
  public static Model read(Path file, Arena arena) {
    try {
      Model model = read(map(file, arena), file, arena);
      model.setSource(file);
      return model;
    } catch (InvalidInputException e) {
      throw Messages.in(file, e);
    }
  }

  /** Reads a model from the bytes of a file; external data is looked for beside the file. */
  static Model read(MemorySegment bytes, Path file, Arena arena) {
    Skeleton skeleton = Skeleton.of(bytes, Skeleton.Kind.MODEL);
    ModelProto proto = Messages.parse(ModelProto.parser(), skeleton.bytes());
    if (!proto.hasGraph()) {
      throw new InvalidInputException("found no graph, expected an ONNX model");
    }
    TensorReader tensors = new TensorReader(skeleton.blobs(), new ExternalFiles(file, arena));
    return read(proto, new GraphReader(tensors));
  }

  /** Maps a file whole. */
  static MemorySegment map(Path file, Arena arena) {
    if (Files.isDirectory(file)) {
      throw new InvalidInputException("is a folder, expected a file");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      // Opening a pipe would wait for whoever writes into it.
      throw new InvalidInputException("is a device or a pipe, expected a file");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() == 0) {
        throw new InvalidInputException("is empty");
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (NoSuchFileException e) {
      throw new InvalidInputException("no such file", e);
    } catch (IOException e) {
      throw new InvalidInputException("cannot be read: " + e.getMessage(), e);
    }
  }

  private static Model read(ModelProto proto, GraphReader graphs) {
    Model model = new Model(proto.getIrVersion(), 0);
    model.opsets().putAll(opsets(proto.getOpsetImportList()));
    proto.getMetadataPropsList().forEach(entry -> model.metadata().put(entry.getKey(), entry.getValue()));
    for (FunctionProto function : proto.getFunctionsList()) {
      model.functions().add(read(function, model, graphs));
    }
    graphs.read(proto.getGraph(), model.graph());
    GraphVerifier.verify(model.graph());
    // Operator sets and metadata stay with the rest too: it keeps their order and form.
    model.setExtras(Messages.extras(proto.toBuilder().clearIrVersion().clearGraph().clearFunctions().build()));
    return model;
  }

  /** Versions by domain; where a domain stands twice, the last holds. */
  static Map<String, Integer> opsets(List<OperatorSetIdProto> imports) {
    Map<String, Integer> opsets = new LinkedHashMap<>();
    for (OperatorSetIdProto opset : imports) {
      if (opset.getVersion() < 0 || opset.getVersion() > Integer.MAX_VALUE) {
        throw new InvalidInputException(
            "operator set '" + opset.getDomain() + "': found version " + opset.getVersion() + ", expected 1 or more");
      }
      opsets.put(domain(opset.getDomain()), (int) opset.getVersion());
    }
    return opsets;
  }

  /** ONNX's own domain has two names. */
  static String domain(String name) {
    return name.equals("ai.onnx") ? "" : name;
  }

  private static Function read(FunctionProto proto, Model model, GraphReader graphs) {
    Function function = new Function(proto.getDomain(), proto.getName(), proto.getOverload(), model,
        opsets(proto.getOpsetImportList()));
    try {
      proto.getAttributeList()
          .forEach(name -> function.attributes().add(new Attribute(name, new Attribute.Foreign(), Extras.NONE)));
      for (AttributeProto attribute : proto.getAttributeProtoList()) {
        function.attributes().add(graphs.attributes().read(attribute));
      }
      Graph body = function.body();
      for (String input : proto.getInputList()) {
        body.addInput(body.addValue(input, null));
      }
      graphs.readNodes(body, proto.getNodeList());
      for (String output : proto.getOutputList()) {
        Value value = body.value(output);
        if (value == null) {
          throw new InvalidInputException("output '" + output + "' is made by no node");
        }
        body.addOutput(value);
      }
      graphs.readDeclarations(body, proto.getValueInfoList());
      GraphVerifier.verify(body);
    } catch (InvalidInputException e) {
      throw new InvalidInputException("function '" + proto.getName() + "': " + e.getMessage(), e);
    }
    FunctionProto.Builder rest = proto.toBuilder().clearInput().clearOutput().clearAttribute().clearAttributeProto()
        .clearNode().clearValueInfo().clearName();
    if (!function.domain().isEmpty()) {
      rest.clearDomain();
    }
    if (!proto.getOverload().isEmpty()) {
      rest.clearOverload();
    }
    function.setExtras(Messages.extras(rest.build()));
    return function;
  }
}
