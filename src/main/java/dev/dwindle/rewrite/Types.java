package dev.dwindle.rewrite;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link ShapeInference} found about the values of a graph and its subgraphs: types, the numbers of those that can
 * be computed ahead, and symbolic contents of those that carry shapes.
 */
public final class Types {
  private final Map<Value, ValueType> types = new HashMap<>();
  private final Map<Value, Tensor> tensors = new HashMap<>();
  private final Map<Value, List<Dim>> contents = new HashMap<>();

  Types() {}

  /** The type, or null where nothing is known. */
  public ValueType type(Value value) {
    return value == null ? null : types.get(value);
  }

  /** The tensor type; never null, but element type and rank may be unknown. */
  public TensorType tensorType(Value value) {
    return type(value) instanceof TensorType t ? t : new TensorType(null, null);
  }

  /** The shape where every dimension is known, else null. */
  public Shape shape(Value value) {
    TensorType type = tensorType(value);
    return type.isStatic() ? type.shape() : null;
  }

  /** The numbers of a constant or of a small value that depends on constants only, or null. */
  public Tensor tensor(Value value) {
    Tensor known = tensors.get(value);
    return known == null && value != null ? value.tensor() : known;
  }

  /** The content of an integer scalar or vector in symbolic dimensions, or null. */
  public List<Dim> content(Value value) {
    return contents.get(value);
  }

  /** Writes the types into the graph; a declared dimension stays where nothing was found. */
  public void store() {
    types.forEach((value, type) -> value.setType(refined(type, value.type())));
  }

  void set(Value value, ValueType type, Tensor tensor, List<Dim> content) {
    set(types, value, type);
    set(tensors, value, tensor);
    set(contents, value, content);
  }

  private static <T> void set(Map<Value, T> map, Value value, T found) {
    if (found == null) {
      map.remove(value);
    } else {
      map.put(value, found);
    }
  }

  /** Whether nothing is known about a dimension. */
  static boolean isUnknown(Dim dim) {
    return dim.isNamed() && dim.toString().startsWith("?");
  }

  /** The first type, with unknown parts taken from the second. */
  static ValueType refined(ValueType found, ValueType declared) {
    if (!(found instanceof TensorType a) || !(declared instanceof TensorType b)) {
      return found == null ? declared : found;
    }
    List<Dim> dims = a.dims();
    if (dims == null) {
      dims = b.dims();
    } else if (b.dims() != null && b.rank() == dims.size()) {
      List<Dim> merged = new ArrayList<>(dims);
      for (int i = 0; i < merged.size(); i++) {
        merged.set(i, isUnknown(merged.get(i)) ? b.dim(i) : merged.get(i));
      }
      dims = merged;
    }
    return new TensorType(a.dtype() == null ? b.dtype() : a.dtype(), dims);
  }
}
