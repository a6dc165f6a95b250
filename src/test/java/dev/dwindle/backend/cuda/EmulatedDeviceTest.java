package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.BackendContract;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The emulator finds what a GPU would get wrong now and then. */
@Tag("compiler")
class EmulatedDeviceTest {
  private static final class WithoutBarriers extends BackendContract {
    private final Device device = EmulatedDevice.withoutBarriers();

    @Override
    protected Backend backend() {
      return new CudaBackend("cuda:0", device);
    }
  }

  @Test
  void aKernelWithoutItsBarriersFails() {
    AssertionError wrong = assertThrows(AssertionError.class, () -> new WithoutBarriers().holdAll());
    assertTrue(wrong.getMessage().contains("MatMul"), wrong.getMessage());
  }

  @Test
  void aBarrierThatNotAllThreadsReachIsToldWithItsLine() {
    String said = assertThrows(IllegalStateException.class, () -> run("halfway", 64)).getMessage();
    assertTrue(said.matches("halfway: .*faulty\\.cu:\\d+: found 32 threads of a block at a barrier, expected all 64"),
        said);
  }

  @Test
  void aBarrierOfAWarpThatNotAllItsLanesReachIsTold() {
    String said = assertThrows(IllegalStateException.class, () -> run("odd_lanes", 32)).getMessage();
    assertTrue(said.matches("odd_lanes: .*found 16 threads of a block at a barrier, expected all 32"), said);
  }

  @Test
  void writingBesideTheMemoryIsTold() {
    String said = assertThrows(IllegalStateException.class, () -> run("one_too_many", 32)).getMessage();
    assertTrue(said.endsWith("wrote beside its memory"), said);
  }

  @Test
  void sharedMemoryIsNotANumberBeforeItIsWritten() {
    for (float y : run("unwritten", 32)) assertTrue(Float.isNaN(y));
  }

  @Test
  void lanesExchangeWhatTheyBring() {
    float[] y = run("exchanges", 64);
    for (int i = 0; i < 64; i++) assertEquals((i ^ 5) + 100 * (i / 32 * 32 + 3), y[i]);
  }

  /** What a kernel of faulty.cu leaves in as many floats as there are threads in one block. */
  private static float[] run(String kernel, int threads) {
    try (EmulatedDevice device = EmulatedDevice.of(Path.of("src/test/native/faulty.cu"));
        Arena arena = Arena.ofConfined()) {
      long memory = device.allocate(4L * threads);
      MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS);
      pointers.set(ValueLayout.ADDRESS, 0, arena.allocateFrom(ValueLayout.JAVA_LONG, memory));
      device.launch(new Launch(new Kernel("faulty", kernel), Grid.ofBlocks(1, threads), pointers));
      float[] values = new float[threads];
      device.copyOut(memory, MemorySegment.ofArray(values));
      return values;
    }
  }
}
