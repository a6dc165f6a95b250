package dev.dwindle.graph;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The type of a tensor value.
 *
 * @param dtype element type, or null where unknown
 * @param dims dimensions, or null where not even the rank is known
 */
public record TensorType(DType dtype, List<Dim> dims) implements ValueType {
  public TensorType {
    dims = dims == null ? null : List.copyOf(dims);
  }

  public static TensorType of(DType dtype, Shape shape) {
    List<Dim> dims = new ArrayList<>(shape.rank());
    for (int i = 0; i < shape.rank(); i++) {
      dims.add(Dim.of(shape.dim(i)));
    }
    return new TensorType(dtype, dims);
  }

  public static TensorType of(Tensor tensor) {
    return of(tensor.dtype(), tensor.shape());
  }

  /** Element type known, rank not. */
  public static TensorType unranked(DType dtype) {
    return new TensorType(dtype, null);
  }

  public boolean hasRank() {
    return dims != null;
  }

  /** Number of axes; fails where it is not known. */
  public int rank() {
    return dims.size();
  }

  /** The dimension of an axis; negative axes count from the end; fails plainly where there is no such axis. */
  public Dim dim(int axis) {
    if (axis < -dims.size() || axis >= dims.size()) {
      throw new InvalidInputException("type " + this + ": has " + dims.size() + " axes, expected an axis " + axis);
    }
    return dims.get(axis < 0 ? axis + dims.size() : axis);
  }

  /** Whether every dimension is known. */
  public boolean isStatic() {
    return dims != null && dims.stream().allMatch(Dim::isKnown);
  }

  /** The shape of a static type. */
  public Shape shape() {
    return Shape.of(dims.stream().mapToLong(Dim::size).toArray());
  }

  /** Whether a tensor is of this type; what is unknown takes all. */
  public boolean accepts(Tensor value) {
    if (dtype != null && dtype != value.dtype()) {
      return false;
    }
    boolean accepts = !hasRank() || rank() == value.shape().rank();
    for (int i = 0; accepts && hasRank() && i < rank(); i++) {
      accepts = !dim(i).isKnown() || dim(i).size() == value.shape().dim(i);
    }
    return accepts;
  }

  /** Whether nothing that is known tells the shape from that of another type. */
  public boolean mayHaveShapeOf(TensorType other) {
    if (!hasRank() || !other.hasRank()) return true;
    if (rank() != other.rank()) return false;
    for (int i = 0; i < rank(); i++) {
      if (dim(i).isKnown() && other.dim(i).isKnown() && !dim(i).equals(other.dim(i))) return false;
    }
    return true;
  }

  public TensorType with(DType other) {
    return new TensorType(other, dims);
  }

  public TensorType withDims(List<Dim> other) {
    return new TensorType(dtype, other);
  }

  /** {@code float[batch,3,224,224]}. */
  @Override
  public String toString() {
    String name = dtype == null ? "?" : dtype.text();
    return dims == null ? name + "[?]" : name + dims.toString().replace(" ", "");
  }
}
