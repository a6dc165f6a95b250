package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.onnx.proto.GraphProto;
import dev.dwindle.onnx.proto.ModelProto;
import dev.dwindle.onnx.proto.StringStringEntryProto;
import dev.dwindle.onnx.proto.TensorProto;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  private static final long GIB = 1L << 30;

  @TempDir
  Path folder;

  @Test
  void theHashIsComputedOnlyWhereItIsAskedFor() {
    SampleFiles.copyTo(folder);
    Path model = folder.resolve("glyphs.onnx");
    assertFalse(Console.run("inspect", model).out().contains("sha256"));
    assertTrue(Console.run("inspect", model, "--hash").out().contains("sha256 "));
    assertTrue(Console.run("inspect", model, "--json").out().contains("\"sha256\" : null"));
  }

  /** The data is a file with a hole, which would take minutes to read and cannot lie on the heap. */
  @Test
  void fourGigabytesOfWeightsAreNotRead() throws IOException {
    try (RandomAccessFile data = new RandomAccessFile(folder.resolve("w.bin").toFile(), "rw")) {
      data.setLength(4 * GIB);
    }
    TensorProto.Builder weight = TensorProto.newBuilder().setName("w").setDataType(1).addDims(GIB)
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue("w.bin"));
    Path model = Files.write(folder.resolve("large.onnx"), ModelProto.newBuilder().setIrVersion(9)
        .setGraph(GraphProto.newBuilder().addInitializer(weight)).build().toByteArray());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    Console console = Console.run("inspect", model);
    long taken = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(0, console.code(), console.err());
    assertTrue(console.out().contains("4,294,967,296 B of float"), console.out());
    assertTrue(taken < 64 << 20, taken + " bytes of heap");
  }
}
