package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Support;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.op.Quantization;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.ModelSummary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Looks into a model file without changing or running it. */
public final class Inspection {
  private Inspection() {}

  /**
   * What is in the file, and which of its nodes the device does not run. No weight is read, so that the size of a model
   * costs no time.
   *
   * @param hash whether the file's hash is computed, which reads all of it
   */
  public static ModelSummary inspect(Path file, Backend backend, boolean hash) {
    Model model = OnnxReader.read(file);
    Map<String, Integer> operators = new TreeMap<>();
    Map<String, String> unsupported = new LinkedHashMap<>();
    for (Node node : ModelFiles.allNodes(model.graph())) {
      operators.merge(node.domain().isEmpty() ? node.operator() : node.domain() + "." + node.operator(), 1,
          Integer::sum);
      if (model.function(node) == null && backend.supports(node) instanceof Support.No(String reason)) {
        unsupported.put(node.label(), reason);
      }
    }
    long[] parameters = new long[1];
    Map<String, Long> bytes = new TreeMap<>();
    ModelFiles.forEachConstant(
        model.graph(),
        c -> {
          parameters[0] += c.tensor().size();
          bytes.merge(c.tensor().dtype().text(), c.tensor().byteSize(), Long::sum);
        });
    ModelFile described = ModelFiles.describe(file, model, hash);
    return new ModelSummary(
        described, new LinkedHashMap<>(model.opsets()), types(model.graph().requiredInputs()),
        types(model.graph().outputs()),
        operators, parameters[0], bytes, unsupported, notes(model),
        new LinkedHashMap<>(model.metadata()));
  }

  private static Map<String, String> types(List<Value> values) {
    Map<String, String> types = new LinkedHashMap<>();
    values.forEach(v -> types.put(v.name(), String.valueOf(v.type() == null ? "?" : v.type())));
    return types;
  }

  private static List<String> notes(Model model) {
    List<String> notes = new ArrayList<>();
    if (ModelFiles.allNodes(model.graph()).stream().anyMatch(Quantization::has)) {
      notes.add("already quantized in parts: those are carried along and left alone");
    }
    Set<String> foreign = new TreeSet<>();
    ModelFiles.allNodes(model.graph()).forEach(n -> foreign.add(n.domain()));
    foreign.removeIf(d -> d.isEmpty() || d.startsWith("ai.onnx"));
    if (!foreign.isEmpty()) {
      notes.add("operators of foreign domains " + foreign + ": carried along and left alone");
    }
    if (!model.functions().isEmpty()) {
      notes.add(model.functions().size() + " functions of its own");
    }
    return notes;
  }
}
