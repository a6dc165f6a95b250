package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Augmentation;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.pass.Progress;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[N,1,6,6] x) => (y)
      <float[4,1,3,3] w = random(1), float[4] b = {0}, float[4] s = {1}, float[4] o = {0}, float[4] m = {0}, float[4] a = {1},
       float[64,2] v = random(2), float[2] c = {0}>
      { h = Conv(x, w, b)  n = BatchNormalization(h, s, o, m, a)  r = Relu(n)  f = Flatten(r)  y = Gemm(f, v, c) }
      """;
  private static final int BATCH = 8;

  @TempDir
  Path folder;

  /** Images that are brighter on the left or on the right. */
  private static Samples images(int count) {
    Random random = new Random(3);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] x = new float[36];
      for (int k = 0; k < 36; k++) x[k] = random.nextFloat() + (k % 6 < 3 == (i % 2 == 0) ? 0.5f : 0);
      samples.add(new Sample(Map.of("x", Tensor.of(Shape.of(1, 1, 6, 6), x)), Tensor.scalar((long) (i % 2)), true));
    }
    return Samples.of(samples);
  }

  private static TrainingStep step() {
    return step(Loss.CROSS_ENTROPY);
  }

  private static TrainingStep step(Loss loss) {
    return TrainingStep.of(GraphText.parse(NET), Map.of("x", Shape.of(BATCH, 1, 6, 6)),
        List.of(new TrainingStep.Goal("y", loss)),
        new TrainingStep.Update(new Optimizer.AdamW(0.9, 0.999, 1e-8, 0.01)), TrainingStep::isWeight);
  }

  private static Trainer.Feed feed(Lessons lessons) {
    return at -> {
      Lessons.Batch batch = lessons.at(at);
      Map<String, Tensor> given = lessons.inputs(batch);
      given.put(TrainingStep.TARGET, lessons.labels(batch));
      return given;
    };
  }

  private static Lessons lessons() {
    return Lessons.of(images(100), new Augmentation(1, false, 0.1, 0), new Lessons.Batching(BATCH, 4, false), 9);
  }

  private Trainer.Plan plan(long steps, double rate, double seconds, boolean resume) {
    return plan(folder, steps, rate, seconds, resume);
  }

  private static Trainer.Plan plan(Path folder, long steps, double rate, double seconds, boolean resume) {
    return new Trainer.Plan(steps, 12, new Schedule.Constant(rate), folder.resolve("net.checkpoint"), seconds, resume,
        lessons().checksum());
  }

  private static Trainer.Outcome run(Trainer.Plan plan, Trainer.Feed feed, int threads) {
    try (Backend cpu = new CpuBackend()) {
      return Trainer.run(step(), plan, feed, Progress.SILENT, cpu, threads);
    }
  }

  private static void assertSame(Trainer.Outcome a, Trainer.Outcome b) {
    a.state().forEach((name, tensor) -> assertArrayEquals(tensor.bytes(), b.state().get(name).bytes(), name));
  }

  @Test
  void learnsTheSameOnAnyNumberOfThreads() {
    Trainer.Outcome one = run(plan(60, 0.01, 1e9, false), feed(lessons()), 1);
    assertEquals(5, one.losses().size());
    assertTrue(one.losses().getLast() < one.losses().getFirst() / 2, one.losses().toString());
    assertTrue(Files.exists(folder.resolve("net.checkpoint")), "no checkpoint of the last step");
    plan(60, 0.01, 1e9, false).done();
    assertSame(one, run(plan(60, 0.01, 1e9, false), feed(lessons()), 2));
  }

  /** The run ends at some step as if it were killed there; what was kept last takes it to the same bytes. */
  @Test
  void goesOnToTheSameBytes() {
    Trainer.Outcome whole = run(plan(60, 0.01, 1e9, false), feed(lessons()), 2);
    plan(60, 0.01, 1e9, false).done();
    Trainer.Feed good = feed(lessons());
    Trainer.Feed dying = at -> {
      if (at == 31) throw new IllegalStateException("killed");
      return good.at(at);
    };
    assertThrows(IllegalStateException.class, () -> run(plan(60, 0.01, 0, false), dying, 2));
    Trainer.Plan again = plan(60, 0.01, 0, true);
    Trainer.Outcome rest = run(again, feed(lessons()), 2);
    assertEquals(30, rest.from());
    assertSame(whole, rest);
    assertEquals(whole.losses().subList(2, 5), rest.losses());
    again.done();
    assertFalse(Files.exists(folder.resolve("net.checkpoint")));
  }

  /** A process of its own: {@code FOLDER SECONDS RESUME PAUSE} trains, slowed down by a pause in milliseconds, and writes what came out. */
  public static final class Run {
    private static final long STEPS = 400;

    private Run() {}

    public static void main(String[] args) {
      Path folder = Path.of(args[0]);
      Trainer.Feed feed = feed(lessons());
      Trainer.Outcome outcome = run(
          plan(folder, STEPS, 0.01, Double.parseDouble(args[1]), Boolean.parseBoolean(args[2])),
          at -> {
            LockSupport.parkNanos(1_000_000L * Long.parseLong(args[3]));
            return feed.at(at);
          }, 2);
      new Checkpoint(outcome.from(), new double[3], outcome.state()).write(folder.resolve("result.npz"), 0);
    }
  }

  private Process process(Object... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules", "jdk.incubator.vector", "-cp", System.getProperty("java.class.path"), Run.class.getName(),
        folder.toString()));
    for (Object argument : arguments) command.add(argument.toString());
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("log.txt").toFile())
        .start();
  }

  private void assertDone(Process process) throws Exception {
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running");
    assertEquals(0, process.exitValue(), Files.readString(folder.resolve("log.txt")));
  }

  /** What a run that goes on from a checkpoint ends with, beside one that ran through. */
  private void assertGoesOn() throws Exception {
    assertDone(process(1e9, true, 0));
    Checkpoint rest = Checkpoint.read(folder.resolve("result.npz"), 0);
    assertTrue(rest.step() > 0 && rest.step() < Run.STEPS, "went on from step " + rest.step());
    Trainer.Outcome whole = run(new Trainer.Plan(Run.STEPS, 12, new Schedule.Constant(0.01), null, 1e9, false, 0),
        feed(lessons()), 2);
    whole.state().forEach((name, tensor) -> assertArrayEquals(tensor.bytes(), rest.state().get(name).bytes(), name));
  }

  private void awaitCheckpoint(Process process) throws InterruptedException {
    while (!Files.exists(folder.resolve("net.checkpoint"))) {
      assertTrue(process.isAlive(), "ended before its first checkpoint");
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void killedItGoesOnInAnotherProcess() throws Exception {
    Process process = process(0.05, false, 5);
    awaitCheckpoint(process);
    process.destroyForcibly();
    process.waitFor();
    assertGoesOn();
  }

  @Test
  void askedToEndItKeepsACheckpointFirst() throws Exception {
    Path started = folder.resolve("log.txt");
    Process process = process(1e9, false, 5);
    while (process.isAlive() && process.info().totalCpuDuration().map(d -> d.toMillis() < 1500).orElse(true)) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    assertTrue(process.isAlive(), () -> "ended by itself, see " + started);
    process.destroy();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running");
    assertTrue(Files.exists(folder.resolve("net.checkpoint")), "no checkpoint: " + Files.readString(started));
    assertGoesOn();
  }

  /** The checkpoint's folder cannot be written to for a while: training ends as it would have, and says what is missing. */
  @Test
  void aCheckpointThatCannotBeWrittenCostsNoTraining() throws Exception {
    Trainer.Outcome whole = run(plan(60, 0.01, 1e9, false), feed(lessons()), 1);
    plan(60, 0.01, 1e9, false).done();
    Path missing = folder.resolve("missing");
    Trainer.Outcome outcome = run(plan(missing, 60, 0.01, 0, false), feed(lessons()), 1);
    assertSame(whole, outcome);
    assertTrue(outcome.warning().startsWith("no checkpoint since step 60: " + missing.resolve("net.checkpoint")
        + ": cannot be written"), outcome.warning());
  }

  @Test
  void aCheckpointOfAnotherJobIsNotTaken() throws Exception {
    new Checkpoint(1, new double[] {0, 0, 0}, Map.of()).write(folder.resolve("net.checkpoint"), 43);
    assertEquals(folder.resolve("net.checkpoint") + ": is of another job (model, data, settings, seed or version),"
        + " expected one of this job to resume from",
        assertThrows(InvalidInputException.class, () -> run(plan(2, 0.01, 0, true), feed(lessons()), 1)).getMessage());
    assertEquals(0, run(plan(2, 0.01, 1e9, false), feed(lessons()), 1).from());
    Files.writeString(folder.resolve("net.checkpoint"), "no checkpoint");
    assertThrows(InvalidInputException.class, () -> run(plan(2, 0.01, 1e9, false), feed(lessons()), 1));
  }

  @Test
  void whatIsNoNumberIsFoundWithItsStepAndLayer() {
    Trainer.Feed good = feed(lessons());
    Trainer.Feed bad = at -> {
      Map<String, Tensor> given = good.at(at);
      if (at == 7) given.put("x", Tensor.of(Shape.of(BATCH, 1, 6, 6), huge()));
      return given;
    };
    TrainingStoppedException stopped = assertThrows(TrainingStoppedException.class,
        () -> run(plan(20, 0.01, 1e9, false), bad, 1));
    assertTrue(stopped.getMessage().startsWith("step 7: the loss is no number, first in Conv 'h'")
        || stopped.getMessage().startsWith("step 7: the loss is no number, first in BatchNormalization"),
        stopped.getMessage());
    assertTrue(Trainer.isFinite(stopped.state().get("w")));
  }

  private static float[] huge() {
    float[] x = new float[BATCH * 36];
    Arrays.fill(x, 3e38f);
    return x;
  }

  /** Labels that nothing can learn: larger steps can only make it worse, however sums are rounded. */
  @Test
  void aLossThatGrowsBeyondAllMeasureStops() {
    Trainer.Feed lessons = feed(lessons());
    Trainer.Feed noise = at -> {
      Map<String, Tensor> given = new LinkedHashMap<>(lessons.at(at));
      given.put(TrainingStep.TARGET,
          Tensor.of(Shape.of(BATCH), new Random(at).longs(BATCH, 0, 2).toArray()));
      return given;
    };
    TrainingStoppedException stopped = assertThrows(TrainingStoppedException.class,
        () -> run(new Trainer.Plan(3000, 12, new Schedule.Cosine(10_000, 100_000, 200_000, 0), null, 1e9, false, 0),
            noise,
            1));
    assertTrue(stopped.getMessage().contains("in the first epoch; take a smaller rate"), stopped.getMessage());
    assertTrue(Trainer.isFinite(stopped.state().get("w")));
  }

  @Test
  void batchesFollowFromTheSeed() {
    Lessons a = lessons();
    Lessons b = lessons();
    assertEquals(12, a.steps());
    a.at(40);
    assertArrayEquals(b.at(3).samples(), a.at(3).samples());
    assertEquals(1, a.at(13).variant());
    assertEquals(0, a.at(49).variant());
    assertArrayEquals(a.inputs(a.at(3)).get("x").bytes(), b.inputs(b.at(3)).get("x").bytes());
    assertEquals(a.checksum(), b.checksum());
    assertNotEquals(a.checksum(),
        Lessons.of(images(100), Augmentation.NONE, new Lessons.Batching(BATCH, 4, false), 9).checksum());
    assertEquals(1, Lessons.of(images(100), Augmentation.NONE, new Lessons.Batching(BATCH, 4, false), 9).variants());
  }

  @Test
  void tooFewSamplesAreTold() {
    assertEquals("training: found 3 samples, expected at least a batch of 8",
        assertThrows(InvalidInputException.class,
            () -> Lessons.of(images(3), Augmentation.NONE, new Lessons.Batching(BATCH, 1, false), 0))
            .getMessage());
  }

  @Test
  void imagesAreShiftedAndMirrored() {
    float[] x = {1, 2, 3, 4};
    float[] y = new float[4];
    boolean mirrored = false;
    boolean plain = false;
    for (int seed = 0; seed < 40; seed++) {
      new Augmentation(0, true, 0, 0).apply(x, 0, 1, 2, 2, new SplittableRandom(seed), y, 0);
      mirrored |= y[0] == 2 && y[1] == 1 && y[2] == 4 && y[3] == 3;
      plain |= y[0] == 1 && y[1] == 2 && y[2] == 3 && y[3] == 4;
    }
    assertTrue(mirrored && plain);
    boolean shifted = false;
    for (int seed = 0; seed < 40; seed++) {
      new Augmentation(1, false, 0, 0).apply(x, 0, 1, 2, 2, new SplittableRandom(seed), y, 0);
      shifted |= y[0] == 4 && y[1] == 0 && y[2] == 0 && y[3] == 0;
    }
    assertTrue(shifted);
  }

  /** Each image of a batch is some of its own and some of one other, and so are the shares of its classes; the same whenever it is asked for. */
  @Test
  void imagesAreMixedAndSoAreTheirClasses() {
    Samples samples = images(40);
    List<float[]> images = samples.stream().map(sample -> sample.inputs().get("x").floats()).toList();
    Lessons lessons = Lessons.of(samples, new Augmentation(0, false, 0, 1), new Lessons.Batching(BATCH, 4, false), 9);
    double sum = 0;
    for (long step = 1; step <= 10; step++) {
      Lessons.Batch batch = lessons.at(step);
      float[] mixed = lessons.inputs(batch).get("x").floats();
      float[] shares = lessons.shares(batch, 2).floats();
      assertArrayEquals(mixed, lessons.inputs(batch).get("x").floats());
      for (int i = 0; i < BATCH; i++) {
        int sample = batch.samples()[i];
        float[] image = Arrays.copyOfRange(mixed, i * 36, (i + 1) * 36);
        int other = IntStream.range(0, 40)
            .filter(o -> o != sample && rest(image, images.get(sample), images.get(o)) < 1e-6)
            .findFirst().orElse(sample);
        double share = other == sample ? 1 : share(image, images.get(sample), images.get(other));
        assertTrue(share >= 0 && share <= 1, "share " + share);
        sum += share;
        double own = (sample % 2 == 0 ? share : 0) + (other % 2 == 0 ? 1 - share : 0);
        assertEquals(own, shares[2 * i], 1e-5);
        assertEquals(1 - own, shares[2 * i + 1], 1e-5);
      }
    }
    assertEquals(0.5, sum / (10 * BATCH), 0.1);
    assertNotEquals(lessons.checksum(),
        Lessons.of(samples, Augmentation.NONE, new Lessons.Batching(BATCH, 4, false), 9).checksum());
  }

  @Test
  void whatIsNoImageIsNotMixed() {
    Samples rows = Samples.of(IntStream.range(0, 20)
        .mapToObj(i -> new Sample(Map.of("x", Tensor.of(Shape.of(1, 3), new float[3])), Tensor.scalar(0L), true))
        .toList());
    assertEquals(
        "training: mixup mixes images, float[1,channels,height,width], but input 'x' is float[1,3]; leave mixup out",
        assertThrows(InvalidInputException.class,
            () -> Lessons.of(rows, new Augmentation(0, false, 0, 1), new Lessons.Batching(BATCH, 1, false), 0))
            .getMessage());
  }

  /** The share of one image in a mixture with another, by least squares. */
  private static double share(float[] mixed, float[] one, float[] other) {
    double product = 0;
    double square = 0;
    for (int k = 0; k < mixed.length; k++) {
      product += (mixed[k] - other[k]) * (double) (one[k] - other[k]);
      square += (one[k] - other[k]) * (double) (one[k] - other[k]);
    }
    return product / square;
  }

  private static double rest(float[] mixed, float[] one, float[] other) {
    double share = share(mixed, one, other);
    return IntStream.range(0, mixed.length)
        .mapToDouble(k -> Math.abs(mixed[k] - share * one[k] - (1 - share) * other[k])).max().orElse(0);
  }

  /** Of a Beta distribution of alpha twice: the mean is a half, the variance 1 / (8 alpha + 4). */
  @Test
  void sharesOfMixturesAreBetaDistributed() {
    for (double alpha : new double[] {0.2, 0.5, 1}) {
      SplittableRandom random = new SplittableRandom(5);
      double[] shares = IntStream.range(0, 20_000)
          .mapToDouble(i -> new Augmentation(0, false, 0, alpha).share(random)).toArray();
      double mean = Arrays.stream(shares).average().orElseThrow();
      double variance = Arrays.stream(shares).map(s -> (s - mean) * (s - mean)).average().orElseThrow();
      assertEquals(0.5, mean, 0.01);
      assertEquals(1 / (8 * alpha + 4), variance, 0.005);
    }
    assertEquals(1, Augmentation.NONE.share(new SplittableRandom(1)));
  }

  /** Mixtures with labels are learned as well as whole images are: the loss falls, and classes out of range are told. */
  @Test
  void mixturesAreLearned() {
    Lessons lessons = Lessons.of(images(100), new Augmentation(0, false, 0, 0.2), new Lessons.Batching(BATCH, 4, false),
        9);
    Trainer.Feed mixtures = at -> {
      Lessons.Batch batch = lessons.at(at);
      Map<String, Tensor> given = lessons.inputs(batch);
      given.put(TrainingStep.TARGET, lessons.shares(batch, 2));
      return given;
    };
    try (Backend cpu = new CpuBackend()) {
      List<Double> losses = Trainer
          .run(step(Loss.SOFT_CROSS_ENTROPY), plan(240, 0.01, 1e9, false), mixtures, Progress.SILENT, cpu, 1).losses();
      assertTrue(losses.getLast() < 0.6 * losses.getFirst(), losses.toString());
    }
    assertEquals("training: sample 1 is of class 1, expected 0 to 0 as the model has 1 classes",
        assertThrows(InvalidInputException.class, () -> lessons.shares(new Lessons.Batch(new int[] {1}, 0), 1))
            .getMessage());
  }
}
