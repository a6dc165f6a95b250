package dev.dwindle.backend.openvino;

import dev.dwindle.backend.NodeRefusedException;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.result.Sha256;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Compiles one graph for several combinations of shapes. The library takes a graph whole or refuses it whole; which node it is for is found out
 * here, and remembered.
 *
 * @param device by its name
 * @param graph a copy that nobody changes
 * @param settings all that the answer depends on, beside the graph
 * @param library compiles an ONNX model in memory
 * @param discard of a model that was compiled to see whether it would be
 */
record Compilation<M>(
    String device, Graph graph, String settings, Refusals refusals, Function<MemorySegment, M> library,
    Consumer<M> discard) {
  /**
   * Compiles the graph whole.
   *
   * @param shapes of inputs, as far as they are known
   * @throws NodeRefusedException where just this was refused before
   * @throws OpenVino.Failure where it is refused
   */
  M compile(Map<String, Shape> shapes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = ModelBytes.of(graph, shapes, arena);
      Refusals.InGraph known = refusals.of(() -> key(bytes));
      Node node = known == null || graph.value(known.value()) == null ? null : graph.value(known.value()).producer();
      if (node != null) throw new NodeRefusedException(device, node, known.reason(), null);
      return library.apply(bytes);
    }
  }

  /** Compiles the graph whole, or finds out which node is refused and throws a {@link NodeRefusedException}. */
  M compileOrBlame(Map<String, Shape> shapes) {
    try {
      return compile(shapes);
    } catch (OpenVino.Failure failure) {
      throw blame(shapes, failure);
    }
  }

  private RuntimeException blame(Map<String, Shape> shapes, OpenVino.Failure failure) {
    Guilt guilt = Guilt.find(graph, shapes, part -> isRefused(part, shapes));
    if (guilt == null) {
      return new InvalidInputException(
          device + ": refused a graph, and not when asked again: " + failure.getMessage() + "; try once more", failure);
    }
    try (Arena arena = Arena.ofConfined()) {
      refusals.add(guilt, key(ModelBytes.of(graph, shapes, arena)), failure.getMessage());
    }
    return new NodeRefusedException(device, guilt.node(), failure.getMessage(), failure);
  }

  private boolean isRefused(Graph part, Map<String, Shape> shapes) {
    try (Arena arena = Arena.ofConfined()) {
      discard.accept(library.apply(ModelBytes.of(part, shapes, arena)));
      return false;
    } catch (OpenVino.Failure failure) {
      return true;
    }
  }

  private String key(MemorySegment bytes) {
    return Sha256.of(ByteBuffer.wrap(settings.getBytes(StandardCharsets.UTF_8)), bytes.asByteBuffer());
  }
}
