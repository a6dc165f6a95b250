package dev.dwindle.report;

import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Entry;
import dev.dwindle.result.BenchResult.Rematch;
import dev.dwindle.result.BenchResult.Setting;
import dev.dwindle.result.BenchResult.Step;
import dev.dwindle.result.BenchResult.Versus;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.MachineInfo;
import dev.dwindle.result.MachineState;
import dev.dwindle.result.MachineUse;
import dev.dwindle.result.Reading;
import dev.dwindle.result.ServerRate;
import dev.dwindle.result.Tail;
import dev.dwindle.result.Timing;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Results of {@code bench} for tests of what tells them. */
public final class SampleBench {
  private static final Versus FASTER = new Versus(SampleResult.estimate(1.25, 1.21, 1.29), 1.9e-6, "faster");
  private static final Versus SAME = new Versus(SampleResult.estimate(1.002, 0.991, 1.012), 0.43, "not told apart");

  private SampleBench() {}

  private static Timing timing(double median) {
    List<Double> quantiles = IntStream.rangeClosed(0, 100).mapToObj(i -> median * (0.9 + i * i * 1e-4)).toList();
    Estimate of = SampleResult.estimate(median, median * 0.99, median * 1.01);
    return new Timing(500, 60, of, median * 1.2, median * 1.5, median * 0.9, 0.08, quantiles);
  }

  private static Entry entry(String name, double median, Versus versus, Estimate joules, List<Step> steps) {
    Estimate perSecond = SampleResult.estimate(1e3 / median, 990 / median, 1010 / median);
    Tail tail = new Tail(90, SampleResult.estimate(median * 1.2, median * 1.19, median * 1.22), median * 1.23, 38, 500,
        44);
    return new Entry(name, "input [1,3,32,32]", timing(median), tail, perSecond, versus, joules, null, steps);
  }

  private static BenchResult result(Setting setting, String noEnergy, List<Entry> models, Rematch rematch,
      String... warnings) {
    Reading load = new Reading(0.75, "", "/proc/loadavg");
    Reading clock = new Reading(2598.5, "MHz", "cpufreq");
    MachineState state = new MachineState(load, clock, Reading.missing("°C", "no sensor"),
        Reading.missing("", "no counter"));
    Reading cores = new Reading(0.98, "cores", "/proc/stat");
    return new BenchResult(BenchResult.SCHEMA, "cpu", "f32", 1, setting,
        new MachineInfo("a processor", 2, List.of("avx2"), 1L << 34, "Linux", "25", 0.1, Map.of()), state, state,
        new MachineUse(3, cores, new Reading(0.04, "cores", "/proc/stat"), new Reading(0.0, "cores", "/proc/stat")),
        138L << 20, noEnergy, noEnergy.isEmpty() ? "the processor" : "", models, rematch, List.of(warnings));
  }

  private static Setting setting(String scenario, double percent, Double bound) {
    return new Setting(scenario, 1, 1, 1, percent, bound, 0, 1.5, true);
  }

  /** One model with its steps. */
  public static BenchResult single() {
    List<Step> steps = List.of(new Step(List.of("b"), "Conv", 3), new Step(List.of("a"), "Add", 1));
    return result(setting("single-stream", 90, null), "no counter", List.of(entry("m.onnx", 0.8, null, null, steps)),
        null);
  }

  /** One model with too few runs for the percentile that was asked for. */
  public static BenchResult tooFew() {
    Entry e = entry("m.onnx", 0.8, null, null, List.of());
    Entry few = new Entry(e.model(), e.shapes(), e.timing(), new Tail(99, null, null, 0, 100, 459), e.throughput(),
        null, null,
        null, List.of());
    return result(setting("single-stream", 99, null), "no counter", List.of(few), null);
  }

  /** Three models with energy, the best measured once more. */
  public static BenchResult many() {
    Estimate joules = SampleResult.estimate(0.0121, 0.0119, 0.0124);
    List<Entry> models = List.of(entry("a, \"first\".onnx", 0.8, null, joules, List.of()),
        entry("b.onnx", 0.798, SAME, joules, List.of()),
        entry("a-rather-long-name-of-a-model-that-was-quantized-to-int8.onnx", 0.64, FASTER, joules, List.of()));
    Versus again = new Versus(SampleResult.estimate(1.22, 1.17, 1.26), 1.9e-6, "faster");
    return result(setting("single-stream", 90, null), "", models,
        new Rematch(models.getLast().model(), timing(0.81), timing(0.66), again),
        "other processes were computing: 0.50 cores");
  }

  /** All samples at once. */
  public static BenchResult offline() {
    Entry e = entry("m.onnx", 51, null, null, List.of());
    Entry whole = new Entry(e.model(), e.shapes(), e.timing(), null, SampleResult.estimate(2510, 2480, 2534), null,
        null, null, List.of());
    return result(new Setting("offline", 128, 2, 16, 99, null, 0, 1.5, true), "no counter", List.of(whole), null);
  }

  /** A server, and one that keeps its bound at no rate. */
  public static BenchResult server() {
    ServerRate rate = new ServerRate(612.5, 640, 1290, 15, 99, 1225, 3, 8, "");
    ServerRate none = new ServerRate(0, 12, 40, 15, 99, 0, 0, 7, "no rate kept P99 within 15 ms");
    Tail tail = new Tail(99, SampleResult.estimate(9.5, 9.1, 11.2), 12.25, 5, 1225, 459);
    return result(setting("server", 99, 15.0), "not measured in this scenario",
        List.of(new Entry("a.onnx", "x [1]", timing(1.9), tail, null, null, null, rate, List.of()),
            new Entry("b.onnx", "x [1]", null, null, null, null, null, none, List.of())),
        null);
  }
}
