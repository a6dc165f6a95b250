package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.graph.GraphText;
import dev.dwindle.tensor.DeviceUnavailableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found with drivers that stand in for NVIDIA's, and why nothing is found with others. */
@Tag("compiler")
class ProbeTest {
  @TempDir
  Path folder;

  /** The path of a library that a C compiler makes of a file. */
  private String library(Path source, String... options) throws Exception {
    Path made = folder.resolve("libcuda.so.1");
    List<String> command = new ArrayList<>(
        List.of("gcc", "-shared", "-fPIC", "-o", made.toString(), source.toString()));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return made.toString();
  }

  private String driver(int init, int version, int count, int capability) throws Exception {
    return library(Path.of("src/test/native/driver.c"), "-DINIT=" + init, "-DVERSION=" + version, "-DCOUNT=" + count,
        "-DCAPABILITY=" + capability);
  }

  private static String refusal(String library, int number) {
    return assertThrows(DeviceUnavailableException.class, () -> new Probe(library, number).gpu()).getMessage();
  }

  @Test
  void eachGpuIsToldByItsNumber() throws Exception {
    String driver = driver(0, 13010, 2, 90);
    assertEquals(new Gpu("Toy GPU 40", 90, 40L << 30, 13010), new Probe(driver, 0).gpu());
    Gpu second = new Probe(driver, 1).gpu();
    assertEquals(new DeviceInfo("cuda:1", "Toy GPU 41", 41L << 30,
        Map.of("compute capability", "9.0", "driver", "CUDA 13.1", "precisions", "f32, tf32, bf16, f16")),
        second.info("cuda:1"));
    assertEquals("NVIDIA's driver finds 2 GPUs, cuda:0 to cuda:1", refusal(driver, 2));
  }

  /** Turing's tensor cores know FP16 alone. */
  @Test
  void precisionsAreThoseOfTheTensorCores() throws Exception {
    String driver = driver(0, 13010, 1, 75);
    assertEquals("f32, f16", new Probe(driver, 0).gpu().info("cuda:0").facts().get("precisions"));
    try (Backend backend = new CudaBackend(0, new Probe(driver, 0))) {
      assertEquals(List.of(Precision.F32, Precision.F16), backend.precisions());
    }
  }

  @Test
  void aDriverMayFindNoGpu() throws Exception {
    assertEquals("NVIDIA's driver finds no GPU", refusal(driver(0, 13000, 0, 90), 0));
  }

  @Test
  void aNumberTooHighIsAnsweredWithTheOneThatThereIs() throws Exception {
    assertEquals("NVIDIA's driver finds one GPU, cuda:0", refusal(driver(0, 13000, 1, 90), 3));
  }

  @Test
  void aDriverIsTooOld() throws Exception {
    assertEquals("NVIDIA's driver is one for CUDA 12.4, expected 13.0 or newer; install a newer driver",
        refusal(driver(0, 12040, 1, 90), 0));
  }

  @Test
  void aGpuIsTooOld() throws Exception {
    assertEquals("Toy GPU 40 has compute capability 7.0, expected 7.5 or more", refusal(driver(0, 13000, 1, 70), 0));
  }

  @Test
  void aDriverThatDoesNotBeginIsToldWithItsCode() throws Exception {
    assertEquals("NVIDIA's driver failed: cuInit: code 999, CUDA_ERROR_UNKNOWN", refusal(driver(999, 13000, 1, 90), 0));
  }

  @Test
  void aCodeMayHaveNoName() throws Exception {
    assertEquals("NVIDIA's driver failed: cuInit: code 12345", refusal(driver(12345, 13000, 1, 90), 0));
  }

  @Test
  void aLibraryThatIsNoDriver() throws Exception {
    String other = library(Files.writeString(folder.resolve("other.c"), "int other;\n"));
    assertEquals("no NVIDIA driver: " + other + " has no function cuInit", refusal(other, 0));
  }

  @Test
  void noLibraryAndOneThatDoesNotLoad() throws Exception {
    String none = folder.resolve("libcuda.so.1").toString();
    String expected = "no NVIDIA driver: " + none + " was not found, or does not load";
    assertEquals(expected, refusal(none, 0));
    library(Files.writeString(folder.resolve("other.c"), "void missing(void);\nvoid (*other)(void) = missing;\n"));
    assertEquals(expected, refusal(none, 0));
  }

  @Test
  void aBackendTellsWhatIsMissingAndIsNotAvailable() throws Exception {
    String before = System.setProperty("dwindle.cache", folder.toString());
    try (Backend backend = new CudaBackend(1, new Probe(driver(0, 13000, 2, 90), 1))) {
      assertEquals("cuda:1", backend.name());
      String reason = "Toy GPU 41 is there; NVRTC 13.1.115 is not installed; run 'dwindle install cuda'";
      assertEquals(new Availability.No(reason), backend.availability());
      assertEquals("Toy GPU 41", backend.device().description());
      var graph = GraphText.parse("net (float[2] x) => (float[2] y) { y = Relu (x) }").graph();
      assertEquals("device 'cuda:1': " + reason, assertThrows(DeviceUnavailableException.class,
          () -> backend.compile(graph, CompileOptions.DEFAULT)).getMessage());
    } finally {
      System.setProperty("dwindle.cache", before);
    }
  }

  @Test
  void aBackendWithoutADriverTellsThat() {
    try (Backend backend = new CudaBackend(0, new Probe(folder + "/libcuda.so.1", 0))) {
      assertEquals(
          new Availability.No("no NVIDIA driver: " + folder + "/libcuda.so.1 was not found, or does not load"),
          backend.availability());
    }
  }
}
