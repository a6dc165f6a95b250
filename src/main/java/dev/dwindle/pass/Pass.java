package dev.dwindle.pass;

import dev.dwindle.graph.Graph;
import dev.dwindle.result.PassResult;

/** One step of compression. Works on the pipeline's copy of the graph and never asks which hardware it is on. */
public interface Pass {
  /** The name in recipes, such as {@code quantize}. */
  String name();

  /** The settings that a recipe may give, each with its check; an unknown or bad one is told before any work. */
  Settings.Schema settings();

  /** Whether it takes minutes or hours, since it trains: it is then not run again and again to find the best settings of passes before it. */
  default boolean trains() {
    return false;
  }

  /** The preset by which the model's file is to be packed once it is written, which is asked for at the end of a recipe; null where it is not asked for. */
  default String packing(Settings given) {
    return null;
  }

  /**
   * Changes the graph in place.
   *
   * @throws dev.dwindle.tensor.InvalidInputException where the graph or the data do not allow the pass
   */
  PassResult apply(Graph graph, PassContext context);
}
