package dev.dwindle.pack;

import dev.dwindle.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Codes the same weights, fast, until loops take vectors and longer; tells the checksum of what was coded first and last, and whether vectors were taken. */
public final class WarmCoding {
  private static final int COUNT = 100_003;
  private static final int PASSES = 60;

  private WarmCoding() {}

  public static void main(String[] args) {
    for (DType type : List.of(DType.FLOAT, DType.FLOAT16, DType.INT8)) {
      Layout layout = Layout.of(type.code(), List.of((long) COUNT));
      byte[] raw = weights(layout.width());
      byte[] first = BlockCodec.write(raw, layout, Preset.FAST);
      byte[] last = first;
      for (int i = 0; i < PASSES; i++) {
        last = BlockCodec.write(raw, layout, Preset.FAST);
        if (!Arrays.equals(raw, BlockCodec.read(last, raw.length, layout)))
          throw new IllegalStateException("pass " + i);
      }
      System.out.println(type + " " + Crc.of(first) + " " + Crc.of(last));
    }
    System.out.println("vectors " + Vectors.pay(0));
  }

  /** Of a bell in their highest bytes, so that these are coded. */
  private static byte[] weights(int width) {
    Random random = new Random(1);
    ByteBuffer bytes = ByteBuffer.allocate(COUNT * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < COUNT; i++) {
      double value = 0.1 * random.nextGaussian();
      switch (width) {
        case 1 -> bytes.put((byte) (100 * value));
        case 2 -> bytes.putShort(Float.floatToFloat16((float) value));
        default -> bytes.putFloat((float) value);
      }
    }
    return bytes.array();
  }
}
