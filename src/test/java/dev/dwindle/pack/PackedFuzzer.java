package dev.dwindle.pack;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.dwindle.pack.PackedMutations.Seed;
import dev.dwindle.report.JsonReport;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Damages packed files and unpacks each: {@code PackedFuzzer COUNT RESULT}. One error of one line that names the part, or the
 * model as it was; all else is a flaw, as is a mutant that takes too long or too much from the heap. The same number is the
 * same mutant each time.
 */
public final class PackedFuzzer {
  private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory
      .getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long MOST_NANOS = 2_000_000_000L;

  /** What one block may take: the model of its symbols has tables of a mebibyte each. */
  private static final long MOST_BYTES_A_BLOCK = 32 << 20;

  private final List<Seed> seeds;
  private final Path folder;
  private final Map<String, Map<String, Long>> ends = new TreeMap<>();
  private final Map<String, List<String>> flaws = new TreeMap<>();
  private long slowest;
  private String slowestOf;
  private long largest;
  private String largestOf;

  PackedFuzzer(List<Seed> seeds, Path folder) {
    this.seeds = seeds;
    this.folder = folder;
  }

  public static void main(String[] args) throws IOException {
    Path ram = Path.of("/dev/shm");
    Path folder = Files.createTempDirectory(Files.isWritable(ram) ? ram : Path.of("target"), "fuzz-packed-");
    PackedFuzzer fuzzer = new PackedFuzzer(seeds(folder), folder);
    long began = System.nanoTime();
    long count = Long.parseLong(args[0]);
    for (long i = Long.getLong("from", 0); i < count; i++) fuzzer.tryMutant(i);
    String json = fuzzer.json(count, (System.nanoTime() - began) / 1e9);
    System.out.println(json);
    if (!args[1].equals("-")) Files.writeString(Path.of(args[1]), json);
    System.exit(fuzzer.flaws.isEmpty() ? 0 : 1);
  }

  /** Every odd model with both presets. */
  static List<Seed> seeds(Path folder) throws IOException {
    List<Seed> seeds = new ArrayList<>();
    for (Map.Entry<String, byte[]> odd : OddModels.all().entrySet()) {
      for (Preset preset : Preset.values()) seeds.add(Seed.of(odd.getKey(), odd.getValue(), preset, folder));
    }
    return seeds;
  }

  Map<String, List<String>> flaws() {
    return flaws;
  }

  void tryMutant(long number) throws IOException {
    Random random = new Random(number * 0x9E3779B97F4A7C15L);
    String mutation = PackedMutations.ALL.get(random.nextInt(PackedMutations.ALL.size()));
    Seed seed = some(random);
    byte[] bytes = PackedMutations.mutant(mutation, seed, some(random), random);
    String told = "mutant " + number + " (" + seed.name() + ", " + mutation + ")";
    Path file = Files.write(folder.resolve("mutant.dwz"), bytes);
    long began = SYSTEM.getProcessCpuTime();
    long before = THREADS.getTotalThreadAllocatedBytes();
    String end;
    String flaw = null;
    try {
      end = unpack(file, number % 10 == 0);
      if (end.equals("the model")
          && !Arrays.equals(meant(seed, bytes), Files.readAllBytes(folder.resolve("model.onnx"))))
        flaw = "a wrong model";
    } catch (InvalidInputException e) {
      end = "refused: " + part(e.getMessage(), file);
      if (end.endsWith("?")) flaw = "message: " + e.getMessage();
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      end = "crash";
      flaw = "crash: " + e + " " + Arrays.stream(e.getStackTrace()).limit(3).toList();
    }
    ends.computeIfAbsent(mutation, m -> new TreeMap<>()).merge(end, 1L, Long::sum);
    long taken = SYSTEM.getProcessCpuTime() - began;
    long allocated = THREADS.getTotalThreadAllocatedBytes() - before;
    if (taken > slowest) {
      slowest = taken;
      slowestOf = told;
    }
    if (allocated > largest) {
      largest = allocated;
      largestOf = told;
    }
    if (flaw == null && taken > MOST_NANOS) flaw = "slow: " + taken / 1_000_000 + " ms";
    if (flaw == null && allocated > MOST_BYTES_A_BLOCK * (2 + bytes.length / 100)) flaw = "allocation: " + allocated;
    if (flaw != null)
      flaws.computeIfAbsent(flaw.replaceAll("\\d+", "#"), f -> new ArrayList<>()).add(told + ": " + flaw);
  }

  /** Those of several blocks take long, and are taken the less often. */
  /** The model that comes back: a splice may be the whole of another seed's file. */
  private byte[] meant(Seed seed, byte[] bytes) {
    return seeds.stream().filter(each -> Arrays.equals(each.file(), bytes)).findFirst().orElse(seed).model();
  }

  private Seed some(Random random) {
    Seed seed = seeds.get(random.nextInt(seeds.size()));
    return seed.model().length > 1 << 20 && random.nextInt(20) > 0 ? some(random) : seed;
  }

  private String unpack(Path file, boolean oneTensor) throws IOException {
    Path target = folder.resolve("model.onnx");
    Files.deleteIfExists(target);
    try (PackedFile packed = new PackedFile(file)) {
      if (oneTensor && !packed.tensors().isEmpty()) {
        Unpacking.unpackTensor(packed, packed.tensors().getFirst().name(), folder.resolve("tensor.npy"), 1);
      }
      Unpacking.unpack(packed, target, 1);
      return "the model";
    } catch (InvalidInputException e) {
      if (Files.exists(target)) throw new IllegalStateException("a file that failed leaves a model", e);
      throw e;
    }
  }

  /** The part that an error names: header, index, skeleton or a tensor; "?" where it names none in one line. */
  private static String part(String message, Path file) {
    String start = file + ": ";
    if (message.lines().count() != 1 || !message.startsWith(start)) return "?";
    String rest = message.substring(start.length());
    if (!rest.matches("(header|index|skeleton|tensor '.*'): .*(found|no room).*")) return "?";
    return rest.startsWith("tensor") ? "tensor" : rest.substring(0, rest.indexOf(':'));
  }

  private String json(long count, double seconds) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("mutants", count);
    result.put("seeds", seeds.size());
    result.put("seconds", Math.round(seconds * 10) / 10.0);
    result.put("slowestMillis", slowest / 1_000_000);
    result.put("slowest", slowestOf);
    result.put("largestAllocationBytes", largest);
    result.put("largest", largestOf);
    flaws.replaceAll((flaw, all) -> all.subList(0, Math.min(3, all.size())));
    result.put("flaws", flaws);
    result.put("outcomes", ends);
    return JsonReport.of(result);
  }
}
