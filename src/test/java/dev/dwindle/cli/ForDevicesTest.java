package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.engine.SampleFiles;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.report.JsonReport;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.Gate;
import dev.dwindle.result.JobResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One file for {@code cpu} and {@code onnxruntime:CPU}. */
class ForDevicesTest {
  private static final String BOTH = "cpu,onnxruntime:CPU";

  @TempDir
  Path folder;

  private Path model;
  private Path data;
  private Path out;

  @BeforeEach
  void sample() {
    SampleFiles.copyTo(folder);
    model = folder.resolve("glyphs.onnx");
    data = folder.resolve("glyphs.yaml");
    out = folder.resolve("small.onnx");
  }

  private Console compress(Object... more) {
    Object[] begin = {"compress", model, "-o", out, "--int8", "--data", data, "--runs", "44", "--seconds", "1"};
    return Console.run(Stream.concat(Stream.of(begin), Stream.of(more)).toArray());
  }

  private JobResult told(Path file) throws IOException {
    return JsonReport.read("report", Files.readString(file), JobResult.class);
  }

  private static List<String> names(DeviceResult device) {
    return device.gates().stream().map(Gate::name).toList();
  }

  @Test
  void theFileIsHeldAgainstEachOfThem() throws IOException {
    Console console = compress("--for-devices", BOTH, "--max-drop", "1pt", "--even-if-slower");
    assertEquals(0, console.code(), console.out() + console.err());
    JobResult told = told(Path.of(out + ".report.json"));
    assertEquals("cpu,onnxruntime", told.target());
    assertEquals("cpu,onnxruntime", OnnxReader.read(out).metadata().get("dwindle.target"));
    assertEquals(List.of("cpu", "onnxruntime:CPU"), told.devices().stream().map(DeviceResult::device).toList());
    for (DeviceResult device : told.devices()) {
      assertEquals(device.device(), device.latency().device());
      assertEquals(1200, device.accuracy().getFirst().samples());
      assertTrue(device.verdict().startsWith("passed: "), device.verdict());
      assertTrue(console.out().contains("passed on " + device.device() + ": max-drop"), console.out());
    }
    assertEquals(List.of("max-drop"), names(told.devices().getFirst()));
    assertNull(told.devices().getFirst().agreement());
    assertEquals(List.of("max-drop", "right-on-device"), names(told.devices().getLast()));
    assertNotNull(told.devices().getLast().agreement());
    assertTrue(told.verdict().matches("passed: .*x smaller; on cpu .*; on onnxruntime:CPU .*"), told.verdict());
    assertEquals(List.of(), told.decisions());
    assertFalse(Files.exists(Path.of(out + ".journal")));
  }

  @Test
  void noSlowerIsAskedOnlyWhereIntegersAreToMakeItFasterAndAnyBreachEndsWithOne() throws IOException {
    Console console = compress("--for-devices", BOTH);
    JobResult told = told(Path.of(out + ".report.json"));
    assertEquals(List.of(), names(told.devices().getFirst()));
    assertEquals(List.of("no-slower", "right-on-device"), names(told.devices().getLast()));
    assertTrue(told.decisions().stream().anyMatch(decision -> decision.rule().equals("never slower")));
    boolean held = told.devices().stream().flatMap(device -> device.gates().stream())
        .allMatch(gate -> gate.outcome() == Gate.Outcome.PASSED);
    assertEquals(held ? 0 : 1, console.code(), console.out());
    assertEquals(1, compress("--for-devices", BOTH, "--max-size", "10kB", "--even-if-slower").code());
  }

  @Test
  void theSameFileIsMadeByReplayAndItsVerdictsByValidate() throws IOException {
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "passes: [fold, {quantize: {weight_bits: 2}}]\n");
    Console chosen = Console.run("compress", model, "-o", out, "--recipe", recipe, "--data", data, "--max-drop", "1pt",
        "--runs", "10", "--seconds", "1", "--for-devices", BOTH, "--even-if-slower");
    assertTrue(chosen.out().contains("chosen for max-drop 1pt: left alone ("), chosen.out() + chosen.err());
    Path again = folder.resolve("again.onnx");
    Console replayed = Console.run("compress", model, "-o", again, "--replay", out + ".report.json", "--data", data,
        "--max-drop", "1pt", "--runs", "10", "--seconds", "1", "--for-devices", BOTH, "--even-if-slower");
    assertEquals(chosen.code(), replayed.code(), replayed.err());
    assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(again));
    Console validated = Console.run("validate", model, out, "--data", data, "--runs", "10", "--seconds", "1", "--json",
        "--for-devices", BOTH);
    JobResult told = JsonReport.read("stdout", validated.out(), JobResult.class);
    assertEquals(List.of("cpu", "onnxruntime:CPU"), told.devices().stream().map(DeviceResult::device).toList());
    assertEquals("cpu,onnxruntime", told.target());
  }

  @Test
  void oneDeviceIsAsIfItWereNamedByDevice() throws IOException {
    assertEquals(0, compress("--for-devices", "onnxruntime:CPU", "--no-measure").code());
    byte[] bytes = Files.readAllBytes(out);
    assertEquals(0, compress("--device", "onnxruntime:CPU", "--no-measure").code());
    assertArrayEquals(bytes, Files.readAllBytes(out));
    Console console = compress("--for-devices", "cpu", "--json");
    JobResult told = JsonReport.read("stdout", console.out(), JobResult.class);
    assertEquals("cpu", told.target());
    assertEquals(List.of(), told.devices());
  }

  private void refused(int code, String line, Object... options) {
    Console console = compress(options);
    assertEquals(code, console.code(), console.err());
    assertEquals("dwindle: " + line, console.err().strip());
    assertFalse(Files.exists(out));
  }

  @Test
  void whatCannotBeIsToldBeforeAnyWork() {
    refused(2, "--device and --for-devices: found both, expected one of them", "--device", "cpu", "--for-devices",
        BOTH);
    refused(2, "--for-devices: found 'cpu,,cpu', expected names of devices, parted by commas", "--for-devices",
        "cpu,,cpu");
    refused(2, "--for-devices: found 'cpu, cpu', expected each device once", "--for-devices", "cpu, cpu");
    refused(2, "devices: found [cpu, cpu], expected at least one, and each once", "--for-devices", "cpu,CPU");
    refused(2, "--precision and --for-devices: found both, expected the precision behind the device, such as"
        + " openvino:CPU@bf16", "--for-devices", BOTH, "--precision", "bf16");
    refused(2, "target 'tensorrt': found beside devices [cpu, onnxruntime:CPU], expected it with one device only;"
        + " several are followed all at once", "--for-devices", BOTH, "--target", "tensorrt");
    Console none = Console.run("compress", folder.resolve("absent.onnx"), "-o", out, "--int8", "--data", data,
        "--for-devices", "cpu,abacus");
    assertEquals(3, none.code());
    assertTrue(none.err().startsWith("dwindle: device 'abacus': unknown, expected one of [cpu, "), none.err());
    Console validated = Console.run("validate", model, folder.resolve("absent.onnx"), "--data", data, "--for-devices",
        "cpu,abacus");
    assertEquals(3, validated.code());
  }
}
