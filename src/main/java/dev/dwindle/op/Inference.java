package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** A node during shape inference: types of the inputs, and their numbers where those are known. */
public final class Inference extends Call {
  /** What is known about values while inference walks a graph. */
  public interface Knowledge {
    /** The type, or null. */
    ValueType type(Value value);

    /** The numbers of a constant or computed value, or null. */
    Tensor tensor(Value value);

    /** The content of an integer scalar or vector in symbolic dimensions, or null. */
    List<Dim> content(Value value);

    /** Infers a subgraph whose inputs have these types (null entries: unknown) and returns its output types. */
    List<ValueType> infer(Graph body, List<ValueType> inputs);
  }

  private static final int MOST_AXES = 64;

  private final Knowledge knowledge;

  public Inference(Node node, Knowledge knowledge) {
    super(node);
    this.knowledge = knowledge;
  }

  /** The type of an input, or null where it is omitted or unknown. */
  public ValueType type(int input) {
    return has(input) ? knowledge.type(node().input(input)) : null;
  }

  /** The tensor type of an input; never null, but element type and rank may be unknown. */
  public TensorType tensor(int input) {
    return type(input) instanceof TensorType t ? t : new TensorType(null, null);
  }

  /** The element type of an input, or null where unknown. */
  public DType dtype(int input) {
    return tensor(input).dtype();
  }

  /** Whether the rank of an input is known. */
  public boolean hasRank(int input) {
    return tensor(input).hasRank();
  }

  /** Checks the rank of an input where it is known. */
  public void requireRank(int input, int least, int most) {
    if (hasRank(input) && (dims(input).size() < least || dims(input).size() > most)) {
      throw invalid("input " + input + " has shape " + dims(input) + ", expected " + least
          + (least == most ? "" : most == Integer.MAX_VALUE ? " or more" : " to " + most) + " axes");
    }
  }

  /** The dimensions of an input, or null where not even the rank is known. */
  public List<Dim> dims(int input) {
    return tensor(input).dims();
  }

  /** The numbers of an input where they are known, else null. */
  public Tensor known(int input) {
    return has(input) ? knowledge.tensor(node().input(input)) : null;
  }

  /** The content of an integer scalar or vector input in symbolic dimensions, or null where unknown. */
  public List<Dim> content(int input) {
    if (!has(input)) {
      return null;
    }
    List<Dim> content = knowledge.content(node().input(input));
    if (content != null) {
      return content;
    }
    Tensor tensor = known(input);
    if (tensor == null || !tensor.dtype().isInteger() || tensor.shape().rank() > 1 || tensor.size() > 64) {
      return null;
    }
    List<Dim> dims = new ArrayList<>();
    for (long v : dev.dwindle.quant.Elements.longs(tensor)) {
      dims.add(Dim.of(v));
    }
    return dims;
  }

  /** The known integers of an input (such as axes or pads), or null. */
  public long[] integers(int input) {
    Tensor tensor = known(input);
    return tensor == null ? null : dev.dwindle.quant.Elements.longs(tensor);
  }

  /** The output types of a subgraph for these input types. */
  public List<ValueType> infer(Graph body, List<ValueType> inputs) {
    return knowledge.infer(body, inputs);
  }

  /** One output of the same type as an input. */
  public List<ValueType> same(int input) {
    return List.of(tensor(input));
  }

  /** One output of this element type and the dims of an input. */
  public List<ValueType> same(int input, DType dtype) {
    return List.of(tensor(input).with(dtype));
  }

  /** One output of which only element type and dims are known; dims may be null. */
  public static List<ValueType> one(DType dtype, List<Dim> dims) {
    return List.of(new TensorType(dtype, dims));
  }

  /** One output of a known shape. */
  public static List<ValueType> one(DType dtype, Shape shape) {
    return List.of(TensorType.of(dtype, shape));
  }

  /**
   * As many unknown dimensions as a vector of sizes has elements; null where that is not known, or beyond reason: the number
   * stands in the file.
   */
  public List<Dim> dimsCountedBy(int input) {
    Dim count = hasRank(input) && tensor(input).rank() == 1 ? tensor(input).dim(0) : Dim.unknown();
    return count.isKnown() && count.size() <= MOST_AXES ? unknownDims((int) count.size()) : null;
  }

  /** A list of as many unknown dimensions. */
  public static List<Dim> unknownDims(int rank) {
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      dims.add(Dim.unknown());
    }
    return dims;
  }

  /** The dims to which the inputs broadcast, or null where a rank is unknown. */
  public List<Dim> broadcast(int... inputs) {
    List<Dim> result = List.of();
    for (int input : inputs) {
      List<Dim> dims = dims(input);
      if (dims == null) {
        return null;
      }
      result = broadcast(result, dims);
    }
    return result;
  }

  /** The dims to which two lists broadcast; where that depends on what is not known, a new unknown dimension. */
  public List<Dim> broadcast(List<Dim> a, List<Dim> b) {
    int rank = Math.max(a.size(), b.size());
    List<Dim> dims = new ArrayList<>(rank);
    for (int i = 0; i < rank; i++) {
      int ia = i - (rank - a.size());
      int ib = i - (rank - b.size());
      dims.add(ia < 0 ? b.get(ib) : ib < 0 ? a.get(ia) : broadcast(a.get(ia), b.get(ib), a, b));
    }
    return dims;
  }

  private Dim broadcast(Dim x, Dim y, List<Dim> a, List<Dim> b) {
    if (x.equals(y) || y.is(1)) {
      return x;
    }
    if (x.is(1)) {
      return y;
    }
    if (x.isKnown() && y.isKnown()) {
      throw invalid("inputs of shapes " + a + " and " + b + " do not broadcast, expected equal dimensions or 1");
    }
    return x.isKnown() ? x : y.isKnown() ? y : Dim.unknown();
  }
}
