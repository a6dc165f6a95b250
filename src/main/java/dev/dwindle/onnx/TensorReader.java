package dev.dwindle.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Constant.Storage;
import dev.dwindle.graph.Constant.StoredForm;
import dev.dwindle.graph.Extras;
import dev.dwindle.onnx.proto.SparseTensorProto;
import dev.dwindle.onnx.proto.TensorProto;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Reads tensor messages in every form of storage (ONNX IR, "TensorProto"). */
final class TensorReader {
  private final List<MemorySegment> blobs;
  private final ExternalFiles external;

  /** Blobs are those of the file's skeleton. */
  TensorReader(List<MemorySegment> blobs, ExternalFiles external) {
    this.blobs = blobs;
    this.external = external;
  }

  /** The tensor and the form in which it is stored. */
  Constant read(TensorProto proto) {
    try {
      DType dtype = DType.ofCode(proto.getDataType());
      Shape shape = Shape.of(proto.getDimsList().stream().mapToLong(Long::longValue).toArray());
      if (proto.hasSegment()) {
        throw new InvalidInputException("is stored in segments, which is not supported");
      }
      return read(proto, dtype, shape);
    } catch (InvalidInputException | ArithmeticException e) {
      throw new InvalidInputException("tensor '" + proto.getName() + "': " + e.getMessage(), e);
    }
  }

  private Constant read(TensorProto proto, DType dtype, Shape shape) {
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      MemorySegment data = external.data(proto, dtype.bytes(shape.size()));
      return constant(Tensor.wrap(dtype, shape, data), Storage.EXTERNAL, proto);
    }
    UnknownFieldSet unknown = proto.getUnknownFields();
    if (unknown.hasField(Skeleton.BLOB_FIELD)) {
      long blob = unknown.getField(Skeleton.BLOB_FIELD).getVarintList().getLast();
      UnknownFieldSet others = unknown.toBuilder().clearField(Skeleton.BLOB_FIELD).build();
      Tensor tensor = Tensor.wrap(dtype, shape, blobs.get(Math.toIntExact(blob)));
      return constant(tensor, Storage.RAW, proto.toBuilder().setUnknownFields(others).clearRawData().build());
    }
    if (proto.hasRawData()) {
      Tensor tensor = Tensor.wrap(dtype, shape, MemorySegment.ofArray(proto.getRawData().toByteArray()));
      return constant(tensor, Storage.RAW, proto.toBuilder().clearRawData().build());
    }
    return constant(typed(proto, dtype, shape), Storage.VERBATIM, proto);
  }

  private static Constant constant(Tensor tensor, Storage storage, TensorProto message) {
    return new Constant(tensor, new StoredForm(storage, Messages.extras(message)));
  }

  private static Tensor typed(TensorProto proto, DType dtype, Shape shape) {
    if (dtype == DType.STRING) {
      return Tensor.ofStrings(shape, proto.getStringDataList().stream().map(ByteString::toByteArray).toList());
    }
    return Tensor.of(dtype, shape, switch (dtype) {
      case FLOAT, COMPLEX64 -> floats(proto, count(dtype, shape, proto.getFloatDataCount()));
      case DOUBLE, COMPLEX128 -> doubles(proto, count(dtype, shape, proto.getDoubleDataCount()));
      case INT64 -> longs(proto.getInt64DataList(), 8, count(dtype, shape, proto.getInt64DataCount()));
      case UINT64 -> longs(proto.getUint64DataList(), 8, count(dtype, shape, proto.getUint64DataCount()));
      case UINT32 -> longs(proto.getUint64DataList(), 4, count(dtype, shape, proto.getUint64DataCount()));
      default -> ints(proto, dtype, count(dtype, shape, proto.getInt32DataCount()));
    });
  }

  /** Checks that the list holds as many entries as the shape needs, before memory is taken; returns how many. */
  private static int count(DType dtype, Shape shape, int found) {
    long needed = switch (dtype) {
      case COMPLEX64, COMPLEX128 -> Math.multiplyExact(2, shape.size());
      default -> dtype.bits() >= 8 ? shape.size() : dtype.bytes(shape.size());
    };
    if (found != needed) {
      throw new InvalidInputException(
          "found " + found + " numbers, expected " + needed + " for " + dtype.text() + shape);
    }
    return found;
  }

  private static byte[] floats(TensorProto proto, int count) {
    ByteBuffer bytes = buffer(count, 4);
    for (int i = 0; i < count; i++) {
      // Bits, so that the payload of a NaN stays.
      bytes.putInt(Float.floatToRawIntBits(proto.getFloatData(i)));
    }
    return bytes.array();
  }

  private static byte[] doubles(TensorProto proto, int count) {
    ByteBuffer bytes = buffer(count, 8);
    for (int i = 0; i < count; i++) {
      bytes.putLong(Double.doubleToRawLongBits(proto.getDoubleData(i)));
    }
    return bytes.array();
  }

  private static byte[] longs(List<Long> values, int width, int count) {
    ByteBuffer bytes = buffer(count, width);
    for (long value : values) {
      if (width == 8) {
        bytes.putLong(value);
      } else {
        bytes.putInt((int) value);
      }
    }
    return bytes.array();
  }

  /** Narrow types stand in the low bits of 32; those below 8 bits come packed, a byte in each. */
  private static byte[] ints(TensorProto proto, DType dtype, int count) {
    int width = Math.max(1, dtype.bits() / 8);
    ByteBuffer bytes = buffer(count, width);
    for (int i = 0; i < count; i++) {
      int value = proto.getInt32Data(i);
      switch (width) {
        case 1 -> bytes.put((byte) value);
        case 2 -> bytes.putShort((short) value);
        default -> bytes.putInt(value);
      }
    }
    return bytes.array();
  }

  private static ByteBuffer buffer(int count, int width) {
    return ByteBuffer.allocate(Math.multiplyExact(count, width)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A sparse tensor, dense, with its message (ONNX IR, "SparseTensorProto"). */
  Constant read(SparseTensorProto proto) {
    try {
      Tensor values = read(proto.getValues()).tensor();
      Tensor indices = read(proto.getIndices()).tensor();
      Shape shape = Shape.of(proto.getDimsList().stream().mapToLong(Long::longValue).toArray());
      return new Constant(dense(values, indices, shape), new StoredForm(Storage.SPARSE, Messages.extras(proto)));
    } catch (InvalidInputException | ArithmeticException e) {
      throw new InvalidInputException("sparse tensor '" + proto.getValues().getName() + "': " + e.getMessage(), e);
    }
  }

  private static Tensor dense(Tensor values, Tensor indices, Shape shape) {
    DType dtype = values.dtype();
    long bytes = dtype.bytes(shape.size());
    long most = Constant.mostDenseBytes(values.byteSize());
    if (bytes > most || dtype.bits() < 8) {
      throw new InvalidInputException(
          "is " + dtype.text() + shape + ", " + bytes + " bytes when dense, expected at most " + most
              + " of a type of 8 bits or more");
    }
    int rank = indices.shape().rank() == 2 ? shape.rank() : 1;
    if (values.shape().rank() != 1 || indices.dtype() != DType.INT64 || indices.size() != values.size() * rank) {
      throw new InvalidInputException("found values " + values + " and indices " + indices
          + ", expected a list of values and int64 indices, one linear index or one coordinate row a value");
    }
    int width = dtype.bits() / 8;
    byte[] dense = new byte[(int) bytes];
    byte[] source = values.bytes();
    long[] positions = indices.longs();
    for (int i = 0; i < values.size(); i++) {
      long position = rank == 1 ? positions[i] : linear(positions, i * rank, shape);
      if (position < 0 || position >= shape.size()) {
        throw new InvalidInputException("found index " + position + ", expected 0 to " + (shape.size() - 1));
      }
      System.arraycopy(source, i * width, dense, (int) position * width, width);
    }
    return Tensor.of(dtype, shape, dense);
  }

  private static long linear(long[] coordinates, int from, Shape shape) {
    long position = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      long c = coordinates[from + axis];
      if (c < 0 || c >= shape.dim(axis)) {
        throw new InvalidInputException("found coordinate " + c + " on axis " + axis + " of " + shape);
      }
      position = position * shape.dim(axis) + c;
    }
    return position;
  }
}
