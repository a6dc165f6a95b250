package dev.dwindle.onnx;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.onnx.proto.TensorShapeProto;
import dev.dwindle.onnx.proto.TypeProto;
import dev.dwindle.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** Types of values to and from their messages (ONNX IR, "TypeProto"). */
final class Types {
  private Types() {}

  /** The type that a message says, or null where it says none. */
  static ValueType read(TypeProto proto) {
    return switch (proto.getValueCase()) {
      case TENSOR_TYPE -> tensor(proto.getTensorType());
      case SEQUENCE_TYPE -> new ValueType.SequenceType(read(proto.getSequenceType().getElemType()));
      case OPTIONAL_TYPE -> new ValueType.OptionalType(read(proto.getOptionalType().getElemType()));
      case MAP_TYPE, OPAQUE_TYPE, SPARSE_TENSOR_TYPE -> new ValueType.ForeignType();
      case VALUE_NOT_SET -> null;
    };
  }

  private static ValueType tensor(TypeProto.Tensor proto) {
    if (proto.getElemType() != 0 && !DType.hasCode(proto.getElemType())) {
      // A newer type than ours is carried along.
      return new ValueType.ForeignType();
    }
    DType dtype = proto.getElemType() == 0 ? null : DType.ofCode(proto.getElemType());
    if (!proto.hasShape()) {
      return new TensorType(dtype, null);
    }
    List<Dim> dims = new ArrayList<>();
    for (TensorShapeProto.Dimension d : proto.getShape().getDimList()) {
      dims.add(dim(d));
    }
    return new TensorType(dtype, dims);
  }

  /** Old exporters write -1 for a dimension that is not known. */
  private static Dim dim(TensorShapeProto.Dimension proto) {
    if (proto.hasDimValue() && proto.getDimValue() >= 0) {
      return Dim.of(proto.getDimValue());
    }
    String name = proto.getDimParam();
    return name.isEmpty() || name.startsWith("?") ? Dim.unknown() : Dim.symbol(name);
  }

  /** The message of a type; null gives an empty one. */
  static TypeProto write(ValueType type) {
    TypeProto.Builder proto = TypeProto.newBuilder();
    switch (type) {
      case TensorType tensor -> proto.setTensorType(tensor(tensor));
      case ValueType.SequenceType s -> proto.getSequenceTypeBuilder().setElemType(write(s.element()));
      case ValueType.OptionalType o -> proto.getOptionalTypeBuilder().setElemType(write(o.element()));
      case ValueType.ForeignType f -> throw new IllegalStateException("a foreign type has no message but its own");
      case null -> {
      }
    }
    return proto.build();
  }

  private static TypeProto.Tensor tensor(TensorType type) {
    TypeProto.Tensor.Builder proto = TypeProto.Tensor.newBuilder();
    if (type.dtype() != null) {
      proto.setElemType(type.dtype().code());
    }
    if (type.hasRank()) {
      TensorShapeProto.Builder shape = proto.getShapeBuilder();
      for (Dim dim : type.dims()) {
        TensorShapeProto.Dimension.Builder d = shape.addDimBuilder();
        if (dim.isKnown()) {
          d.setDimValue(dim.size());
        } else if (!dim.toString().contains("?")) {
          d.setDimParam(dim.toString());
        }
      }
    }
    return proto.build();
  }
}
