package dev.dwindle.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.dwindle.onnx.proto.TensorProto;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorReaderTest {
  @TempDir
  Path folder;

  private static Tensor read(TensorProto.Builder proto) {
    return new TensorReader(List.of(), null).read(proto.build()).tensor();
  }

  private static TensorProto.Builder proto(DType dtype, long... dims) {
    TensorProto.Builder proto = TensorProto.newBuilder().setDataType(dtype.code());
    for (long dim : dims) {
      proto.addDims(dim);
    }
    return proto;
  }

  @Test
  void listsOfWideNumbers() {
    assertArrayEquals(new float[] {1.5f, -2},
        read(proto(DType.FLOAT, 2).addFloatData(1.5f).addFloatData(-2)).floats());
    assertArrayEquals(new double[] {1.5, -2},
        read(proto(DType.DOUBLE, 2).addDoubleData(1.5).addDoubleData(-2)).doubles());
    assertArrayEquals(new long[] {1, Long.MIN_VALUE},
        read(proto(DType.INT64, 2).addInt64Data(1).addInt64Data(Long.MIN_VALUE)).longs());
    assertArrayEquals(new long[] {1, -1},
        Elements.longs(read(proto(DType.UINT64, 2).addUint64Data(1).addUint64Data(-1))));
    assertArrayEquals(new long[] {1, 0xffff_ffffL},
        Elements.longs(read(proto(DType.UINT32, 2).addUint64Data(1).addUint64Data(0xffff_ffffL))));
    assertEquals(16, read(proto(DType.COMPLEX64, 2).addFloatData(1).addFloatData(2).addFloatData(3).addFloatData(4))
        .byteSize());
  }

  @Test
  void narrowNumbersStandInListsOf32Bits() {
    assertArrayEquals(new int[] {-7}, read(proto(DType.INT32, 1).addInt32Data(-7)).ints());
    assertArrayEquals(new long[] {-7, 8}, Elements.longs(read(proto(DType.INT16, 2).addInt32Data(-7).addInt32Data(8))));
    assertArrayEquals(new long[] {65535}, Elements.longs(read(proto(DType.UINT16, 1).addInt32Data(65535))));
    assertArrayEquals(new long[] {-128, 127},
        Elements.longs(read(proto(DType.INT8, 2).addInt32Data(-128).addInt32Data(127))));
    assertArrayEquals(new long[] {200}, Elements.longs(read(proto(DType.UINT8, 1).addInt32Data(200))));
    assertArrayEquals(new long[] {1, 0}, Elements.longs(read(proto(DType.BOOL, 2).addInt32Data(1).addInt32Data(0))));
    assertArrayEquals(new float[] {1, -2},
        Elements.floats(read(proto(DType.FLOAT16, 2).addInt32Data(0x3c00).addInt32Data(0xc000))));
    assertArrayEquals(new float[] {1}, Elements.floats(read(proto(DType.BFLOAT16, 1).addInt32Data(0x3f80))));
    assertArrayEquals(new float[] {1}, Elements.floats(read(proto(DType.FLOAT8E4M3FN, 1).addInt32Data(0x38))));
  }

  @Test
  void typesBelowEightBitsArePackedLowBitsFirst() {
    assertArrayEquals(new long[] {-1, 2, 3},
        Elements.longs(read(proto(DType.INT4, 3).addInt32Data(0x2f).addInt32Data(3))));
    assertArrayEquals(new long[] {15, 2, 3},
        Elements.longs(read(proto(DType.UINT4, 3).addInt32Data(0x2f).addInt32Data(3))));
    assertArrayEquals(new long[] {0, 1, -2, -1, 1},
        Elements.longs(read(proto(DType.INT2, 5).addInt32Data(0xe4).addInt32Data(1))));
    assertArrayEquals(new float[] {0.5f, 1}, Elements.floats(read(proto(DType.FLOAT4E2M1, 2).addInt32Data(0x21))));
  }

  @Test
  void strings() {
    Tensor tensor = read(
        proto(DType.STRING, 2).addStringData(ByteString.copyFromUtf8("a")).addStringData(ByteString.EMPTY));
    assertEquals("a", new String(tensor.strings().getFirst()));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void aWrittenTensorIsReadAgain(DType dtype) throws IOException {
    Shape shape = Shape.of(5, 3);
    Tensor tensor = dtype == DType.STRING
        ? Tensor.ofStrings(Shape.of(2), List.of("x".getBytes(), new byte[] {-1}))
        : Tensor.of(dtype, shape, new byte[(int) dtype.bytes(15)]);
    Path file = folder.resolve("tensor.pb");
    OnnxTensors.write("name", tensor, file);
    OnnxTensors.Named named = OnnxTensors.readNamed(file);
    assertEquals("name", named.name());
    assertTrue(named.tensor().contentEquals(tensor), named.tensor().toString());
    assertEquals(dtype.code(), TensorProto.parseFrom(Files.readAllBytes(file)).getDataType());
  }

  @Test
  void largeDataStaysInTheMappedFile() throws IOException {
    Path file = folder.resolve("tensor.pb");
    OnnxTensors.write("", Tensor.of(Shape.of(1000), new float[1000]), file);
    assertTrue(OnnxTensors.read(file).segment().isMapped());
  }
}
