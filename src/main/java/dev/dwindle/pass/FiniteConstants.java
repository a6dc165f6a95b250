package dev.dwindle.pass;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;

/**
 * A check that the constants a pass is to quantize hold finite numbers only: a scale that covers infinity leaves nothing of
 * the others. Each constant is read once, however many layers share it.
 */
public final class FiniteConstants {
  private static final int CHUNK = 4096;
  private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Set<Value> seen = new HashSet<>();

  /**
   * Checks a FLOAT constant that a layer reads.
   *
   * @param remedy how the recipe leaves the layer out
   * @throws InvalidInputException naming the constant, and how many of its numbers are not finite
   */
  public void require(Value constant, Node layer, String remedy) {
    if (!seen.add(constant)) return;
    long found = countOthers(constant.tensor());
    if (found > 0) {
      throw new InvalidInputException("constant '" + constant.name() + "': found " + found + " of "
          + constant.tensor().size() + " numbers NaN or infinite, expected finite ones; mend the model, or leave out "
          + layer.label() + " by " + remedy);
    }
  }

  /** Whether all numbers of a FLOAT tensor are finite. */
  public static boolean holds(Tensor tensor) {
    return countOthers(tensor) == 0;
  }

  /** How many numbers of a FLOAT tensor are NaN or infinite. */
  static long countOthers(Tensor tensor) {
    MemorySegment bytes = tensor.segment();
    int[] chunk = new int[CHUNK];
    long count = 0;
    for (long at = 0; at < tensor.size(); at += CHUNK) {
      int length = (int) Math.min(CHUNK, tensor.size() - at);
      MemorySegment.copy(bytes, BITS, at * Float.BYTES, MemorySegment.ofArray(chunk), ValueLayout.JAVA_INT, 0, length);
      count += countOthers(chunk, length);
    }
    return count;
  }

  /** Exponents of all ones carry into the sign; a sum of integers in a plain loop becomes vector code. */
  private static int countOthers(int[] bits, int length) {
    int count = 0;
    for (int i = 0; i < length; i++) {
      count += (bits[i] & 0x7f80_0000) + 0x0080_0000 >>> 31;
    }
    return count;
  }
}
