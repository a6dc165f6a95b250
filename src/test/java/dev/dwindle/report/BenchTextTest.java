package dev.dwindle.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.result.BenchResult;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchTextTest {
  private static void assertTells(BenchResult result, String... parts) {
    String text = BenchText.of(result);
    for (String part : parts) assertTrue(text.contains(part), part + " is missing in:\n" + text);
  }

  @Test
  void stepsHaveTheirShareAndASum() {
    assertTells(SampleBench.single(), "3.0000 ms  75.0 %  Conv", "1.0000 ms  25.0 %  Add",
        "4.0000 ms 100.0 %  sum of 2 steps", "profiling adds overhead");
  }

  @Test
  void whatIsNotAvailableHasItsReason() {
    assertTells(SampleBench.single(), "temperature: not available: no sensor\n", "energy: not available: no counter\n",
        "clock: 2599 MHz before, 2599 MHz after\n", "peak memory: 138 MiB, the whole process\n",
        "cores in use: 0.98 by this process, 0.04 by others, 0.00 by the host\n");
  }

  @Test
  void percentilesAreClaimedOrSaidToTakeMoreRuns() {
    assertTells(SampleBench.single(),
        "  P90 0.960 ms [0.952, 0.976]; at most 0.9840 ms with 99 % confidence (38 of 500 slower)\n");
    assertTells(SampleBench.tooFew(),
        "  P99 cannot be told from 100 runs: it takes 459 at least, for 99 % confidence\n");
  }

  @Test
  void theBestOfManyIsToldWithBothItsMeasurements() {
    assertTells(SampleBench.many(), "  1.00x as fast as the first [0.99, 1.01], p = 0.43: not told apart\n",
        "  1.25x as fast as the first [1.21, 1.29], p = less than 0.001: faster\n", "the best of 3, a-rather-long",
        "  1.22x as fast as the first [1.17, 1.26], p = less than 0.001: faster; median 0.660 ms beside 0.810 ms\n",
        "  12.10 mJ [11.90, 12.40] a sample\n", "warning: other processes were computing");
  }

  @Test
  void offlineItIsSamplesASecond() {
    assertTells(SampleBench.offline(), "offline: queries of 128 samples, batches of 16, 2 in flight\n",
        "  2510.0 samples/s [2480.0, 2534.0]\n");
  }

  @Test
  void aServersRateOrWhyThereIsNone() {
    assertTells(SampleBench.server(), "server: P99 within 15 ms, arrivals of seed 0, 1 in flight\n",
        "  612.5 requests/s held (1,225 requests, 3 slower than the bound), 640.0 did not; 1290.0 without a pause; 8 trials\n",
        "  no rate kept P99 within 15 ms\n");
  }

  @Test
  void theTableHasOneLineForEachModelAndQuotesNames() {
    List<String> lines = Arrays.asList(BenchCsv.of(SampleBench.many()).split("\r\n"));
    assertEquals(4, lines.size());
    assertTrue(lines.getFirst()
        .startsWith("model,shapes,device,precision,threads,scenario,samples,in_flight,batch,seed,runs,median_ms,"));
    assertTrue(lines.get(1)
        .startsWith("\"a, \"\"first\"\".onnx\",\"input [1,3,32,32]\",cpu,f32,1,single-stream,1,1,1,0,500,0.8,"));
    for (BenchResult result : List.of(SampleBench.single(), SampleBench.tooFew(), SampleBench.offline(),
        SampleBench.server())) {
      for (String line : BenchCsv.of(result).split("\r\n")) {
        assertEquals(lines.getFirst().split(",").length, line.replaceAll("\"[^\"]*\"", "").split(",", -1).length, line);
      }
    }
  }

  @Test
  void theRecordIsReadBack() {
    for (BenchResult result : List.of(SampleBench.single(), SampleBench.many(), SampleBench.server())) {
      assertEquals(result, JsonReport.read("bench.json", JsonReport.of(result), BenchResult.class));
    }
  }
}
