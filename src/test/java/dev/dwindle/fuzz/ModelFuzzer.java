package dev.dwindle.fuzz;

import dev.dwindle.fuzz.Mutations.Mutant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Damages model files and tries each: {@code ModelFuzzer COUNT RESULT [FOLDER OF SEEDS ...]}. The same number is the same
 * mutant each time.
 */
public final class ModelFuzzer {
  private static final int THREADS = 2;
  private static final long MOST_MILLIS = 120_000;

  private final List<Seed> seeds;
  private final double[] shares;
  private final Path folder;
  private final Tally tally = new Tally();
  private final AtomicLong next;
  private final long end;

  ModelFuzzer(List<Seed> seeds, Path folder, long from, long count) {
    this.seeds = seeds;
    this.folder = folder;
    this.next = new AtomicLong(from);
    this.end = from + count;
    // A seed is taken the less often the longer it takes.
    double sum = 0;
    shares = new double[seeds.size()];
    for (int i = 0; i < shares.length; i++) {
      sum += 1.0 / (4000 + seeds.get(i).bytes().length);
      shares[i] = sum;
    }
  }

  public static void main(String[] args) throws Exception {
    Path ram = Path.of("/dev/shm");
    Path folder = Files.createTempDirectory(Files.isWritable(ram) ? ram : Path.of("target"), "fuzz-");
    List<Seed> seeds = new ArrayList<>(Seeds.own(folder));
    Arrays.stream(args).skip(2).forEach(f -> seeds.addAll(Seeds.in(Path.of(f))));
    long began = System.nanoTime();
    Tally tally = new ModelFuzzer(seeds, folder, Long.getLong("from", 0), Long.parseLong(args[0])).run(THREADS);
    System.out.println(tally);
    if (!args[1].equals("-")) {
      Files.writeString(Path.of(args[1]), tally.json(seeds.size(), (System.nanoTime() - began) / 1_000_000_000.0));
    }
    System.exit(tally.flaws().isEmpty() ? 0 : 1);
  }

  /** Tries all mutants. */
  Tally run(int threads) throws Exception {
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(new Worker(folder.resolve("worker-" + i)));
    }
    workers.forEach(Thread::start);
    for (Worker worker : workers) {
      while (worker.isAlive()) {
        worker.join(1000);
        worker.requireProgress();
      }
    }
    return tally;
  }

  /** The mutant with a number. */
  Mutant mutant(long number) {
    Random random = new Random(number * 0x9E3779B97F4A7C15L);
    return Mutations.mutant(Mutations.OF_MODELS, some(random), some(random), random);
  }

  private Seed some(Random random) {
    int at = Arrays.binarySearch(shares, random.nextDouble() * shares[shares.length - 1]);
    return seeds.get(at < 0 ? -at - 1 : at);
  }

  /** One thread with a folder of its own. */
  private final class Worker extends Thread {
    private final Path own;
    private volatile long number = -1;
    private volatile long since = System.currentTimeMillis();

    Worker(Path own) {
      super("fuzz " + own.getFileName());
      this.own = own;
    }

    @Override
    public void run() {
      try {
        Files.createDirectories(own);
        Files.write(own.resolve("w.bin"), new byte[24]);
        ModelTrial trial = new ModelTrial(own, Tally.LIMITS);
        for (long i = next.getAndIncrement(); i < end; i = next.getAndIncrement()) {
          number = i;
          since = System.currentTimeMillis();
          Mutant mutant = mutant(i);
          Outcome outcome = trial.of(mutant.bytes(), i % 20 == 0);
          tally.add(i, mutant, outcome);
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    /** Ends the program where a mutant takes for ever; its number tells which. */
    void requireProgress() {
      if (isAlive() && System.currentTimeMillis() - since > MOST_MILLIS) {
        System.err.println("hang: mutant " + number + "\n" + Arrays.toString(getStackTrace()).replace(", ", "\n  "));
        System.exit(1);
      }
    }
  }
}
