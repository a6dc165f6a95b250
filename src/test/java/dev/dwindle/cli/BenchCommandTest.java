package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.engine.SampleFiles;
import dev.dwindle.report.JsonReport;
import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  @TempDir
  Path folder;

  private Path model;

  @BeforeEach
  void sample() {
    SampleFiles.copyTo(folder);
    model = folder.resolve("glyphs.onnx");
  }

  private BenchResult bench(int models, Object... more) {
    List<Object> words = new ArrayList<>(List.of("bench", "--json", "--threads", "1", "--seconds", "2"));
    for (int i = 0; i < models; i++) words.add(model);
    words.addAll(List.of(more));
    Console console = Console.run(words.toArray());
    assertEquals(0, console.code(), console.err());
    return JsonReport.read("bench", console.out(), BenchResult.class);
  }

  @Test
  void singleStreamIsOneRequestAtATime() {
    BenchResult result = bench(2, "--runs", 120);
    assertEquals(List.of(1, 1, 1),
        List.of(result.setting().samples(), result.setting().inFlight(), result.setting().batch()));
    assertEquals(List.of(120, 120), result.models().stream().map(e -> e.timing().runs()).toList());
    assertNotNull(result.models().getFirst().tail().atMost());
    assertNull(result.models().getFirst().versus());
    assertTrue(List.of("faster", "slower", "not told apart").contains(result.models().getLast().versus().verdict()));
    assertTrue(result.before().load().isThere() && result.use().own().isThere() && result.peakMemoryBytes() > 0);
  }

  @Test
  void tooFewRunsForThePercentileAreSaid() {
    BenchResult result = bench(1, "--runs", 100, "--percentile", 99);
    assertEquals(459, result.models().getFirst().tail().needed());
    assertNull(result.models().getFirst().tail().latency());
    assertTrue(Console.run("bench", model, "--runs", 100, "--percentile", 99.9).out()
        .contains("P99.9 cannot be told from 100 runs: it takes 4,603 at least"));
  }

  @Test
  void multiStreamIsSeveralSamplesAtOnce() {
    BenchResult result = bench(1, "--scenario", "multi-stream", "--runs", 30, "--streams", 3);
    assertEquals(3, result.setting().samples());
    Entry entry = result.models().getFirst();
    assertEquals(3e3 / entry.timing().median().value(), entry.throughput().value(), 1e-6);
  }

  @Test
  void offlineTakesBatchesWhereTheModelDoes() {
    BenchResult result = bench(1, "--scenario", "offline", "--runs", 12, "--streams", 2, "--batch", 4);
    assertEquals(4, result.setting().batch());
    assertEquals(2, result.setting().inFlight());
    assertEquals(0, result.setting().samples() % 8);
    assertTrue(result.models().getFirst().shapes().startsWith("image [4,"), result.models().getFirst().shapes());
  }

  @Test
  void aServerHasARateThatHeld() {
    BenchResult result = bench(1, "--scenario", "server", "--latency-bound", "60s", "--duration", "100ms", "--streams",
        2);
    Entry entry = result.models().getFirst();
    assertTrue(entry.server().rate() > 0, entry.server().remark());
    assertTrue(entry.tail().atMost() <= 60_000);
    assertNull(entry.versus());
    BenchResult none = bench(1, "--scenario", "server", "--latency-bound", "1us", "--duration", "100ms");
    assertEquals("no rate kept P99 within 0.001 ms", none.models().getFirst().server().remark());
  }

  @Test
  void theBestOfThreeIsMeasuredAgainWhereItIsNotTheFirst() {
    BenchResult result = bench(3, "--runs", 60);
    boolean firstIsBest = result.models().stream().skip(1).allMatch(e -> e.versus().speedup().value() <= 1);
    assertEquals(firstIsBest, result.rematch() == null);
  }

  @Test
  void tablesPagesAndRecordsAreWritten() throws Exception {
    Path csv = folder.resolve("bench.csv");
    Path page = folder.resolve("bench.html");
    Path json = folder.resolve("bench.json");
    Console console = Console.run("bench", model, "--runs", 50, "--nodes", "--csv", csv, "--report", page, "--report",
        json);
    assertEquals(0, console.code(), console.err());
    assertTrue(console.out().contains("report: " + page) && console.out().contains("table: " + csv), console.out());
    assertEquals(2, Files.readAllLines(csv).size());
    assertTrue(Files.readString(page).contains("<h2>Steps</h2>"));
    assertEquals(50,
        JsonReport.read("bench", Files.readString(json), BenchResult.class).models().getFirst().timing().runs());
  }
}
