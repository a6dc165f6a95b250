package dev.dwindle.engine;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Constant.Storage;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.Sha256;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Facts about model files: sizes, hashes, and a walk over all nodes. */
final class ModelFiles {
  private ModelFiles() {}

  /** Sizes and hash of a file and of the model that was read from it. */
  static ModelFile describe(Path file, Model model) {
    return describe(file, model, true);
  }

  /** The same; without the hash where it is not asked for, since it alone reads the whole file. */
  static ModelFile describe(Path file, Model model, boolean hash) {
    try {
      long[] external = new long[1];
      forEachConstant(
          model.graph(),
          c -> external[0] += c.form() != null && c.form().storage() == Storage.EXTERNAL ? c.tensor().byteSize() : 0);
      return new ModelFile(
          file.toString(), Files.size(file) + external[0], weightBytes(model), hash ? Sha256.of(file) : null,
          model.irVersion(), model.graph().opset(""));
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /** Bytes of all constants, subgraphs and Constant nodes included. */
  static long weightBytes(Model model) {
    long[] sum = new long[1];
    forEachConstant(model.graph(), c -> sum[0] += c.tensor().byteSize());
    return sum[0];
  }

  /** Every tensor that stands in the model: initializers and tensor attributes. */
  static void forEachConstant(Graph graph, Consumer<Constant> each) {
    for (Value value : graph.constants()) {
      each.accept(value.constant());
    }
    for (Node node : graph.nodes()) {
      for (Attribute attribute : node.attributes()) {
        if (attribute.value() instanceof Attribute.TensorValue t) {
          each.accept(t.constant());
        }
      }
      node.subgraphs().forEach(g -> forEachConstant(g, each));
    }
  }

  /** All nodes of a graph and of its subgraphs. */
  static List<Node> allNodes(Graph graph) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.add(node);
      node.subgraphs().forEach(g -> nodes.addAll(allNodes(g)));
    }
    return nodes;
  }
}
