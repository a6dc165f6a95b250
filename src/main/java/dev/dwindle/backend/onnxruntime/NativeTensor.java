package dev.dwindle.backend.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A tensor in native memory that ONNX Runtime reads or writes where it lies; strings it holds itself. */
final class NativeTensor implements AutoCloseable {
  /** What its kernels' vectors like. */
  private static final long ALIGNMENT = 64;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment bytes;
  private final Tensor view;
  private final OnnxTensor onnx;

  private NativeTensor(MemorySegment bytes, Tensor view, OnnxTensor onnx) {
    this.bytes = bytes;
    this.view = view;
    this.onnx = onnx;
  }

  /** A tensor of any type but STRING, not yet filled. */
  NativeTensor(String name, DType dtype, Shape shape) {
    // A segment of no bytes may have no address.
    MemorySegment memory = arena.allocate(Math.max(1, dtype.bytes(shape.size())), ALIGNMENT);
    bytes = memory.asSlice(0, dtype.bytes(shape.size()));
    view = Tensor.wrap(dtype, shape, bytes);
    onnx = Library.check("'" + name + "'", () -> OnnxTensor.createTensor(Library.ENVIRONMENT, bytes.asByteBuffer()
        .order(ByteOrder.nativeOrder()), shape.dims(), ElementTypes.java(dtype)));
  }

  /** A copy of a value. */
  static NativeTensor of(String name, Tensor value) {
    if (value.dtype() == DType.STRING) {
      String[] texts = value.strings().stream().map(s -> new String(s, StandardCharsets.UTF_8)).toArray(String[]::new);
      return new NativeTensor(null, value, Library.check("'" + name + "'",
          () -> OnnxTensor.createTensor(Library.ENVIRONMENT, texts, value.shape().dims())));
    }
    NativeTensor copy = new NativeTensor(name, value.dtype(), value.shape());
    copy.fill(value);
    return copy;
  }

  /** Whether a value can be put into this memory. */
  boolean takes(Tensor value) {
    return bytes != null && value.dtype() == view.dtype() && value.shape().equals(view.shape());
  }

  void fill(Tensor value) {
    MemorySegment.copy(value.segment(), 0, bytes, 0, bytes.byteSize());
  }

  OnnxTensor onnx() {
    return onnx;
  }

  /** The elements as they are now: a view that changes with the memory. */
  Tensor view() {
    return view;
  }

  /** A copy of a tensor that ONNX Runtime has made, as of an element type of the same bits. */
  static Tensor read(String name, OnnxTensor made, DType dtype) {
    Shape shape = Shape.of(made.getInfo().getShape());
    if (made.getInfo().type == OnnxJavaType.STRING) {
      List<byte[]> texts = new ArrayList<>();
      collect(Library.check("'" + name + "'", made::getValue), texts);
      return Tensor.ofStrings(shape, texts);
    }
    if (shape.size() == 0) {
      return Tensor.of(dtype, shape, new byte[0]);
    }
    ByteBuffer copy = made.getByteBuffer();
    return Tensor.wrap(dtype, shape, MemorySegment.ofBuffer(copy));
  }

  private static void collect(Object texts, List<byte[]> into) {
    if (texts instanceof Object[] array) {
      for (Object each : array) {
        collect(each, into);
      }
    } else {
      into.add(((String) texts).getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    if (!onnx.isClosed()) {
      onnx.close();
      arena.close();
    }
  }
}
