package dev.dwindle.op;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** A node during evaluation: the tensors of its inputs, and a way to run its subgraphs. */
public final class Evaluation extends Call {
  /** Runs a subgraph of the node on these inputs; it sees the values of the graphs around it. */
  public interface Subgraphs {
    List<Tensor> run(Graph body, List<Tensor> inputs);
  }

  private final List<Tensor> inputs;
  private final Subgraphs subgraphs;

  /** Inputs in the order of the node's; an omitted one is null. */
  public Evaluation(Node node, List<Tensor> inputs, Subgraphs subgraphs) {
    super(node);
    this.inputs = inputs;
    this.subgraphs = subgraphs;
  }

  /** The tensor of an input, or null where it is omitted. */
  public Tensor input(int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  public DType dtype(int input) {
    return input(input).dtype();
  }

  public Shape shape(int input) {
    return input(input).shape();
  }

  /** The elements of a numeric input, widened to float. */
  public float[] floats(int input) {
    return Elements.floats(input(input));
  }

  /** The elements of a numeric input, widened to double. */
  public double[] doubles(int input) {
    return Elements.doubles(input(input));
  }

  /** The elements of an integer or BOOL input. */
  public long[] longs(int input) {
    return Elements.longs(input(input));
  }

  /** The single element of an integer or BOOL input. */
  public long scalarLong(int input) {
    return longs(input)[0];
  }

  /** The single element of a numeric input. */
  public float scalarFloat(int input) {
    return floats(input)[0];
  }

  /** One output of a floating-point type. */
  public static List<Tensor> one(DType dtype, Shape shape, float[] values) {
    return List.of(Elements.ofFloats(dtype, shape, values));
  }

  /** Runs a subgraph of this node. */
  public List<Tensor> run(Graph body, List<Tensor> bodyInputs) {
    return subgraphs.run(body, bodyInputs);
  }
}
