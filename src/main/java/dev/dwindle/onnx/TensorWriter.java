package dev.dwindle.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Constant.Storage;
import dev.dwindle.onnx.proto.SparseTensorProto;
import dev.dwindle.onnx.proto.TensorProto;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes tensors as messages: an unchanged one in the form in which it was read, a new one as raw data. Large data is
 * left out, as in a {@link Skeleton}.
 */
final class TensorWriter {
  /** A smaller tensor stays in the model's own file. */
  private static final long LEAST_EXTERNAL_BYTES = 1024;

  private final boolean kept;
  private final ExternalData data;
  private final boolean allExternal;
  private final List<MemorySegment> blobs = new ArrayList<>();

  /**
   * @param kept whether external tensors stay in their files
   * @param data takes the external ones that do not; null where all go into the message
   * @param allExternal whether every initializer of some size is to be external
   */
  TensorWriter(boolean kept, ExternalData data, boolean allExternal) {
    this.kept = kept;
    this.data = data;
    this.allExternal = allExternal;
  }

  /** The large data of the messages made so far, for a {@link Filling}. */
  List<MemorySegment> blobs() {
    return blobs;
  }

  /** The message of an initializer. */
  TensorProto initializer(Constant constant, String name) {
    TensorProto.Builder message = message(constant,
        allExternal && constant.tensor().byteSize() >= LEAST_EXTERNAL_BYTES
            && constant.tensor().dtype() != DType.STRING);
    if (!message.getName().equals(name)) {
      message.setName(name);
    }
    return message.build();
  }

  /** The message of a tensor in an attribute. */
  TensorProto attribute(Constant constant) {
    return message(constant, false).build();
  }

  /** The message of a constant that was read from a sparse tensor or is to be written as one. */
  SparseTensorProto sparse(Constant constant) {
    if (constant.form().extras() == null) return composed(constant.tensor());
    return Messages.parse(SparseTensorProto.parser(), constant.form().extras().bytes());
  }

  SparseTensorProto sparseInitializer(Constant constant, String name) {
    SparseTensorProto message = sparse(constant);
    if (message.getValues().getName().equals(name)) {
      return message;
    }
    return message.toBuilder().setValues(message.getValues().toBuilder().setName(name)).build();
  }

  /** Each element of which not all bits are zero, with its linear index. */
  private static SparseTensorProto composed(Tensor tensor) {
    byte[] dense = tensor.bytes();
    int width = tensor.dtype().bits() / 8;
    ByteString.Output values = ByteString.newOutput();
    ByteString.Output indices = ByteString.newOutput();
    byte[] index = new byte[Long.BYTES];
    byte[] zero = new byte[width];
    long count = 0;
    for (int i = 0; i < dense.length; i += width) {
      if (Arrays.mismatch(dense, i, i + width, zero, 0, width) < 0) continue;
      values.write(dense, i, width);
      ByteBuffer.wrap(index).order(ByteOrder.LITTLE_ENDIAN).putLong(i / width);
      indices.write(index, 0, Long.BYTES);
      count++;
    }
    SparseTensorProto.Builder message = SparseTensorProto.newBuilder();
    message.getValuesBuilder().setDataType(tensor.dtype().code()).addDims(count).setRawData(values.toByteString());
    message.getIndicesBuilder().setDataType(DType.INT64.code()).addDims(count).setRawData(indices.toByteString());
    for (long dim : tensor.shape().dims()) message.addDims(dim);
    return message.build();
  }

  private TensorProto.Builder message(Constant constant, boolean external) {
    Tensor tensor = constant.tensor();
    Storage storage = constant.form() == null ? null : constant.form().storage();
    TensorProto.Builder message = storage == null || storage == Storage.SPARSE ? TensorProto.newBuilder()
        : Messages.parse(TensorProto.parser(), constant.form().extras().bytes()).toBuilder();
    if (storage == Storage.VERBATIM && !external || storage == Storage.EXTERNAL && kept) {
      return message;
    }
    describe(tensor, message);
    if (tensor.dtype() == DType.STRING) {
      message.clearStringData();
      tensor.strings().forEach(s -> message.addStringData(ByteString.copyFrom(s)));
    } else if (data != null && (external || storage == Storage.EXTERNAL)) {
      message.clearFloatData().clearInt32Data().clearInt64Data().clearDoubleData().clearUint64Data();
      data.place(tensor.segment(), message);
    } else {
      if (storage == Storage.EXTERNAL) {
        message.clearExternalData().clearDataLocation();
      }
      raw(tensor.segment(), message);
    }
    return message;
  }

  private void raw(MemorySegment bytes, TensorProto.Builder message) {
    if (bytes.byteSize() < Skeleton.LEAST_BLOB_BYTES) {
      message.setRawData(ByteString.copyFrom(bytes.toArray(ValueLayout.JAVA_BYTE)));
      return;
    }
    UnknownFieldSet.Field number = UnknownFieldSet.Field.newBuilder().addVarint(blobs.size()).build();
    message.setUnknownFields(message.getUnknownFields().toBuilder().addField(Skeleton.BLOB_FIELD, number).build());
    blobs.add(bytes);
  }

  /** Type and shape as the tensor has them; a message that says so already stays as it is. */
  private static void describe(Tensor tensor, TensorProto.Builder message) {
    if (message.getDataType() != tensor.dtype().code()) {
      message.setDataType(tensor.dtype().code());
    }
    long[] dims = tensor.shape().dims();
    boolean same = dims.length == message.getDimsCount();
    for (int i = 0; same && i < dims.length; i++) {
      same = dims[i] == message.getDims(i);
    }
    if (!same) {
      message.clearDims();
      for (long dim : dims) {
        message.addDims(dim);
      }
    }
  }
}
