package dev.dwindle.op;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
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

  /** The tensor of an input that must be there. */
  public Tensor required(int index) {
    if (input(index) == null) {
      throw invalid("input " + index + " is missing");
    }
    return input(index);
  }

  public DType dtype(int input) {
    return required(input).dtype();
  }

  public Shape shape(int input) {
    return required(input).shape();
  }

  /** Checks the shape of an input where it is given; a negative dimension may be anything. */
  public void requireShape(int input, long... dims) {
    if (!has(input)) {
      return;
    }
    Shape found = shape(input);
    boolean fits = found.rank() == dims.length;
    for (int i = 0; fits && i < dims.length; i++) {
      fits = dims[i] < 0 || found.dim(i) == dims[i];
    }
    if (!fits) {
      throw invalid("input " + input + " has shape " + found + ", expected "
          + Arrays.toString(dims).replaceAll("-\\d+", "?").replace(" ", ""));
    }
  }

  /** The elements of a numeric input, widened to float. */
  public float[] floats(int input) {
    return Elements.floats(required(input));
  }

  /** The elements of a numeric input, widened to double. */
  public double[] doubles(int input) {
    return Elements.doubles(required(input));
  }

  /** The elements of an integer or BOOL input. */
  public long[] longs(int input) {
    return Elements.longs(required(input));
  }

  /** The single element of an integer or BOOL input. */
  public long scalarLong(int input) {
    requireScalar(input);
    return longs(input)[0];
  }

  /** The single element of a numeric input. */
  public float scalarFloat(int input) {
    requireScalar(input);
    return floats(input)[0];
  }

  /** The single element of a numeric input. */
  public double scalarDouble(int input) {
    requireScalar(input);
    return doubles(input)[0];
  }

  private void requireScalar(int input) {
    if (shape(input).size() != 1) {
      throw invalid("input " + input + " has shape " + shape(input) + ", expected a single element");
    }
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
