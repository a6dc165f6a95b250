package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.engine.SampleFiles;
import dev.dwindle.report.JsonReport;
import dev.dwindle.result.JobResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressCommandTest {
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

  @Test
  void theSampleGetsSmallerStaysRightAndIsReported() throws IOException {
    Console console = compress("--max-drop", "1pt", "--max-size", "50%");
    assertEquals(0, console.code(), console.err());
    JobResult told = JsonReport.read("report", Files.readString(Path.of(out + ".report.json")), JobResult.class);
    assertTrue(told.compressed().bytes() * 2 < told.original().bytes());
    assertEquals(Files.size(out), told.compressed().bytes());
    assertEquals(1200, told.accuracy().getFirst().samples());
    assertTrue(told.accuracy().getFirst().original().value() > 95);
    assertEquals(2, told.gates().size());
    assertTrue(told.layers().stream().allMatch(l -> l.sqnr() > 10), told.layers().toString());
    assertTrue(console.out().contains("passed: max-drop"), console.out());
    assertTrue(console.out().contains("[") && console.out().contains("latency, median"), console.out());
  }

  @Test
  void reportsAreAPageAndARecordBesideTheOutputOrTheFilesThatWereNamed() throws IOException {
    assertEquals(0, compress("--no-measure").code());
    assertTrue(Files.readString(Path.of(out + ".report.html")).startsWith("<!doctype html>"));
    assertTrue(Files.exists(Path.of(out + ".report.json")));
    Path page = folder.resolve("told.html");
    Console console = compress("--no-measure", "--report", page, "--report", folder.resolve("told.json"));
    assertTrue(console.out().contains("report: " + page), console.out());
    assertTrue(Files.exists(folder.resolve("told.json")));
    Console refused = compress("--no-measure", "--report", folder.resolve("told.txt"));
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains("told.txt: expected a name that ends in .html or .json"), refused.err());
  }

  @Test
  void aModelThatIsNotThereIsToldAsThatAlsoWhereTheOutputIs() throws IOException {
    Files.writeString(out, "the previous file");
    Console console = Console.run("compress", folder.resolve("absent.onnx"), "-o", out, "--int8", "--no-measure",
        "--data", data);
    assertEquals(2, console.code());
    assertEquals("dwindle: " + folder.resolve("absent.onnx") + ": no such file", console.err().strip());
    assertEquals("the previous file", Files.readString(out));
  }

  @Test
  void aFailedGateExitsWithOneAndBothNumbersAndKeepsTheModel() {
    Console console = compress("--max-size", "10kB");
    assertEquals(1, console.code());
    assertTrue(console.out().contains("failed: max-size is"), console.out());
    assertTrue(console.out().contains("expected at most 10kB"), console.out());
    assertTrue(Files.exists(out));
  }

  @Test
  void theSameJobGivesTheSameBytesOnOneAndOnTwoThreads() throws IOException {
    compress("--threads", "1", "--no-measure");
    byte[] one = Files.readAllBytes(out);
    compress("--threads", "2", "--no-measure");
    assertArrayEquals(one, Files.readAllBytes(out));
  }

  @Test
  void anExclusionThatMatchesNothingIsWarnedOf() throws IOException {
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "passes: [{quantize: {exclude: [nosuch*]}}]\n");
    Console console = Console.run("compress", model, "-o", out, "--recipe", recipe, "--data", data, "--no-measure");
    assertEquals(0, console.code(), console.err());
    assertTrue(console.out().contains("warning: exclude: [nosuch*] match no node"), console.out());
  }

  @Test
  void jsonIsAllThatStandsOnStandardOutput() {
    Console console = compress("--json", "--no-report");
    JobResult told = JsonReport.read("stdout", console.out(), JobResult.class);
    assertEquals("cpu", told.target());
    assertFalse(Files.exists(Path.of(out + ".report.json")));
    assertEquals("", console.err());
  }

  @Test
  void whatWasMadeCanBeValidatedAndInspected() {
    compress("--no-measure", "--no-report");
    Console validated = Console.run("validate", model, out, "--data", data, "--runs", "10", "--seconds", "1", "--json");
    assertEquals(0, validated.code(), validated.err());
    assertEquals(1200, JsonReport.read("stdout", validated.out(), JobResult.class).accuracy().getFirst().samples());
    Console inspected = Console.run("inspect", out);
    assertTrue(inspected.out().contains("already quantized"), inspected.out());
  }

  @Test
  void whatIsMadeForAnotherTargetThanTheDeviceIsSaidSo() {
    Console console = compress("--target", "onnxruntime");
    assertEquals(0, console.code(), console.err());
    assertTrue(console.out().contains("made for onnxruntime, but measured on cpu"), console.out());
    assertEquals(2, compress("--target", "abacus").code());
  }

  @Test
  void anEarlierJobIsReplayedWithTheLayersThatItChose() throws IOException {
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "passes: [fold, {quantize: {weight_bits: 2}}]\n");
    Console chosen = Console.run("compress", model, "-o", out, "--recipe", recipe, "--data", data, "--max-drop", "1pt",
        "--runs", "10", "--seconds", "1");
    assertTrue(chosen.out().contains("chosen for max-drop 1pt: left alone ("), chosen.out());
    byte[] bytes = Files.readAllBytes(out);
    Path report = Path.of(out + ".report.json");
    Console replayed = Console.run("compress", model, "-o", folder.resolve("again.onnx"), "--replay", report, "--data",
        data, "--max-drop", "1pt", "--runs", "10", "--seconds", "1");
    assertEquals(chosen.code(), replayed.code(), replayed.err());
    assertArrayEquals(bytes, Files.readAllBytes(folder.resolve("again.onnx")));
    assertTrue(replayed.out().contains("accuracy on 600 samples of the evaluation part that no choice was made on"));
    Console other = Console.run("compress", out, "-o", folder.resolve("b.onnx"), "--replay", report, "--no-measure",
        "--data", data);
    assertEquals(2, other.code());
    assertTrue(other.err().startsWith("dwindle: " + out + ": is not the model of the job to replay, expected SHA-256 "),
        other.err());
  }
}
