package dev.dwindle.graph;

/**
 * The compact text form of graphs, after ONNX's textual syntax: what tests of passes are written in. {@code
 * docs/adding.md} shows it.
 */
public final class GraphText {
  private GraphText() {}

  /**
   * The model that a text describes; without a header of IR version 10 and operator set 21.
   *
   * @throws dev.dwindle.tensor.InvalidInputException at the first flaw, with its line
   */
  public static Model parse(String text) {
    return new GraphParser(new TextScanner(text)).model();
  }

  /** The text of a whole model: header, main graph, functions. Metadata and carried fields have none. */
  public static String print(Model model) {
    return new GraphPrinter().print(model);
  }

  /** The text of a graph. Constants of more than 16 elements are given by their checksum, which cannot be parsed. */
  public static String print(Graph graph) {
    return new GraphPrinter().print(graph);
  }
}
