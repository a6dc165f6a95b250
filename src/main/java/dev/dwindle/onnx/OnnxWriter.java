package dev.dwindle.onnx;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Constant.Storage;
import dev.dwindle.graph.Function;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.proto.FunctionProto;
import dev.dwindle.onnx.proto.ModelProto;
import dev.dwindle.onnx.proto.OperatorSetIdProto;
import dev.dwindle.onnx.proto.StringStringEntryProto;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes ONNX files. What was read and not changed since is written as it was; equal models give equal bytes. A file
 * appears whole or not at all.
 */
public final class OnnxWriter {
  /** A protobuf message ends at 2 GiB; this leaves room for all that is not a tensor. */
  private static final long MOST_INLINE_BYTES = 1_900_000_000L;

  private OnnxWriter() {}

  /**
   * Writes a model. One that had external tensors keeps them so: in their file where it is written into the folder that
   * it came from and no tensor is new, else in {@code <file>.<checksum>.data}. All large ones go there where one file
   * could not hold them.
   *
   * @throws InvalidInputException where the file cannot be written
   */
  public static void write(Model model, Path file) {
    write(model, file, inlineBytes(model.graph()) > MOST_INLINE_BYTES);
  }

  /**
   * Writes a model; {@code external} puts every initializer of 1 KiB or more into {@code <file>.<checksum>.data}. A run
   * that is killed leaves the previous model and its data whole, for other data has another name.
   */
  public static void write(Model model, Path file, boolean external) {
    boolean kept = !external && sameFolder(model.source(), file)
        && tensors(model.graph()).allMatch(c -> c.form() != null && c.form().extras() != null);
    ExternalData data = new ExternalData("");
    TensorWriter tensors = new TensorWriter(kept, data, external);
    ModelProto proto = message(model, new GraphWriter(tensors));
    if (!data.isEmpty()) {
      // Once more, for the name of the data file follows from what is in it.
      data = new ExternalData(file.getFileName() + "." + data.checksum() + ".data");
      tensors = new TensorWriter(kept, data, external);
      proto = message(model, new GraphWriter(tensors));
      OutputFile.write(file.resolveSibling(data.location()), data::writeTo);
    }
    ModelProto whole = proto;
    List<MemorySegment> blobs = tensors.blobs();
    OutputFile.write(file, channel -> Filling.write(whole, Skeleton.Kind.MODEL, blobs, channel));
  }

  /** Whether a model's tensors fit into one message, as {@link #bytes} makes it. */
  public static boolean isOneMessage(Model model) {
    return tensors(model.graph()).mapToLong(c -> c.tensor().byteSize()).sum() <= MOST_INLINE_BYTES;
  }

  /**
   * Writes a model into one file, also tensors that another file held.
   *
   * @throws InvalidInputException where {@linkplain #isOneMessage they do not fit}
   */
  public static void writeOneFile(Model model, Path file) {
    if (!isOneMessage(model)) {
      throw new InvalidInputException(
          file + ": the tensors take more than " + MOST_INLINE_BYTES + " bytes, which one file cannot hold");
    }
    TensorWriter tensors = new TensorWriter(false, null, false);
    ModelProto whole = message(model, new GraphWriter(tensors));
    List<MemorySegment> blobs = tensors.blobs();
    OutputFile.write(file, channel -> Filling.write(whole, Skeleton.Kind.MODEL, blobs, channel));
  }

  /** A model as one message with all of its tensors, in memory of this arena. */
  public static MemorySegment bytes(Model model, Arena arena) {
    TensorWriter tensors = new TensorWriter(false, null, false);
    return Filling.write(message(model, new GraphWriter(tensors)), Skeleton.Kind.MODEL, tensors.blobs(), arena);
  }

  private static boolean sameFolder(Path source, Path target) {
    try {
      return source != null
          && Files.isSameFile(source.toAbsolutePath().getParent(), target.toAbsolutePath().getParent());
    } catch (IOException e) {
      return false;
    }
  }

  private static long inlineBytes(Graph graph) {
    return tensors(graph).filter(c -> c.form() == null || c.form().storage() != Storage.EXTERNAL)
        .mapToLong(c -> c.tensor().byteSize()).sum();
  }

  /** The constants of a graph and of its subgraphs, and the tensors of their attributes. */
  private static Stream<Constant> tensors(Graph graph) {
    Stream<Constant> inside = graph.nodes().stream().flatMap(n -> n.attributes().stream()).flatMap(
        a -> a.value() instanceof Attribute.TensorValue v ? Stream.of(v.constant())
            : a.graphs().stream().flatMap(OnnxWriter::tensors));
    return Stream.concat(graph.constants().stream().map(Value::constant), inside);
  }

  static ModelProto message(Model model, GraphWriter graphs) {
    ModelProto.Builder proto = Messages.parse(ModelProto.parser(), model.extras().bytes()).toBuilder();
    if (model.irVersion() != 0) {
      proto.setIrVersion(model.irVersion());
    }
    List<OperatorSetIdProto> imports = opsets(model.opsets(), proto.getOpsetImportList());
    proto.clearOpsetImport().addAllOpsetImport(imports);
    Map<String, String> known = new LinkedHashMap<>();
    proto.getMetadataPropsList().forEach(entry -> known.put(entry.getKey(), entry.getValue()));
    if (!List.copyOf(known.entrySet()).equals(List.copyOf(model.metadata().entrySet()))) {
      proto.clearMetadataProps();
      model.metadata().forEach((key, value) -> proto
          .addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    }
    model.functions().forEach(f -> proto.addFunctions(write(f, graphs)));
    return proto.setGraph(graphs.write(model.graph())).build();
  }

  /** The imports of the file with the versions of today: those that are gone left out, new ones behind. */
  private static List<OperatorSetIdProto> opsets(Map<String, Integer> versions, List<OperatorSetIdProto> before) {
    if (OnnxReader.opsets(before).equals(versions)) {
      return before;
    }
    Map<String, Integer> missing = new LinkedHashMap<>(versions);
    List<OperatorSetIdProto> imports = new ArrayList<>();
    for (OperatorSetIdProto opset : before) {
      String domain = OnnxReader.domain(opset.getDomain());
      Integer version = versions.get(domain);
      if (version != null) {
        imports.add(opset.getVersion() == version ? opset : opset.toBuilder().setVersion(version).build());
      }
      missing.remove(domain);
    }
    missing.forEach((domain, version) -> imports
        .add(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build()));
    return imports;
  }

  private static FunctionProto write(Function function, GraphWriter graphs) {
    FunctionProto.Builder proto = Messages.parse(FunctionProto.parser(), function.extras().bytes()).toBuilder();
    proto.setName(function.name());
    if (!function.domain().isEmpty()) {
      proto.setDomain(function.domain());
    }
    if (!function.overload().isEmpty()) {
      proto.setOverload(function.overload());
    }
    List<OperatorSetIdProto> imports = opsets(function.opsets(), proto.getOpsetImportList());
    proto.clearOpsetImport().addAllOpsetImport(imports);
    for (Attribute attribute : function.attributes()) {
      if (attribute.value() instanceof Attribute.Foreign && attribute.extras().isEmpty()) {
        proto.addAttribute(attribute.name());
      } else {
        proto.addAttributeProto(graphs.attributes().write(attribute));
      }
    }
    Graph body = function.body();
    body.inputs().forEach(v -> proto.addInput(v.name()));
    body.outputs().forEach(v -> proto.addOutput(v.name()));
    body.nodes().forEach(n -> proto.addNode(graphs.write(n)));
    return proto.addAllValueInfo(graphs.inner(body)).build();
  }
}
