package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.tensor.DeviceMemoryException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a pool takes of a device and what it keeps. */
class PoolTest {
  private static final long MEGA = 1 << 20;

  /** A device of 16 MiB. */
  private static final class Toy implements Pool.Source {
    final Map<Long, Long> taken = new HashMap<>();
    final List<Long> given = new ArrayList<>();
    long next = 4096;

    @Override
    public long take(long bytes) {
      if (bytes > freeAndTotal()[0]) return 0;
      taken.put(next, bytes);
      next += bytes;
      return next - bytes;
    }

    @Override
    public void give(long address) {
      taken.remove(address);
      given.add(address);
    }

    @Override
    public long[] freeAndTotal() {
      return new long[] {16 * MEGA - taken.values().stream().mapToLong(Long::longValue).sum(), 16 * MEGA};
    }
  }

  private final Toy toy = new Toy();

  @Test
  void whatIsGivenBackIsTakenAgainByWhoAsksForAboutAsMuch() {
    Pool pool = new Pool("cuda:0", toy, 0);
    long first = pool.allocate(1_000_000);
    pool.free(first);
    assertEquals(first, pool.allocate(999_999));
    assertEquals(1, toy.taken.size());
  }

  @Test
  void sizesAreRoundedUpByAnEighthAtMost() {
    Pool pool = new Pool("cuda:0", toy, 0);
    for (long bytes : new long[] {0, 1, 255, 257, 5_000, 1_000_001, 3 * MEGA + 1}) {
      long size = toy.taken.getOrDefault(pool.allocate(bytes), 0L);
      assertEquals(0, size % 256);
      assertEquals(true, size >= bytes && size <= Math.max(256, bytes * 9 / 8 + 256), bytes + " became " + size);
    }
  }

  @Test
  void whatNobodyUsesMakesRoomForOtherSizes() {
    Pool pool = new Pool("cuda:0", toy, 0);
    pool.free(pool.allocate(10 * MEGA));
    pool.allocate(12 * MEGA);
    assertEquals(List.of(4096L), toy.given);
  }

  @Test
  void moreThanThereIsIsToldWithSizesAndLeavesAllAsItWas() {
    Pool pool = new Pool("cuda:0", toy, 0);
    pool.allocate(10 * MEGA);
    assertEquals(
        "device 'cuda:0': out of memory: found 6.0 MiB free of 16.0 MiB, expected 8.0 MiB; end other programs, or take a smaller batch or model",
        assertThrows(DeviceMemoryException.class, () -> pool.allocate(8 * MEGA)).getMessage());
    pool.allocate(6 * MEGA);
  }

  @Test
  void aBoundHoldsForWhatIsInUseAndWhatIsKept() {
    Pool pool = new Pool("cuda:0", toy, 4 * MEGA);
    long first = pool.allocate(3 * MEGA);
    assertEquals(
        "device 'cuda:0': out of memory: found 1.0 MiB free of 4.0 MiB that are allowed, expected 2.0 MiB; end other programs, or take a smaller batch or model",
        assertThrows(DeviceMemoryException.class, () -> pool.allocate(2 * MEGA)).getMessage());
    pool.free(first);
    pool.allocate(2 * MEGA);
    assertEquals(List.of(first), toy.given);
  }

  @Test
  void whatWasNotAllocatedIsNotFreed() {
    assertThrows(IllegalStateException.class, () -> new Pool("cuda:0", toy, 0).free(4096));
  }
}
