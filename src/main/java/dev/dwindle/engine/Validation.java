package dev.dwindle.engine;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.check.Gates;
import dev.dwindle.check.Limit;
import dev.dwindle.data.DataSet;
import dev.dwindle.data.Samples;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.measure.Machine;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Decision;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.PackedModel;
import dev.dwindle.result.PassResult;
import dev.dwindle.result.Version;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;

/** Measures a compressed model against its original, both as files, on the same devices and samples. */
public final class Validation {
  /**
   * How to measure.
   *
   * @param devices as users write them, at least one and each once; the result must hold on all of them
   * @param threads worker threads; 0 for all cores
   * @param command the command line, for the report
   */
  public record Plan(List<String> devices, int threads, Gates gates, Effort effort, String command, Progress progress) {
    public static final Plan STANDARD = new Plan(List.of("cpu"), 0, Gates.NONE, Effort.STANDARD, "", Progress.SILENT);

    public Plan {
      devices = List.copyOf(devices);
      if (devices.isEmpty() || devices.size() > Set.copyOf(devices).size()) {
        throw new InvalidInputException("devices: found " + devices + ", expected at least one, and each once");
      }
    }

    public Plan withDevices(List<String> other) { return new Plan(other, threads, gates, effort, command, progress); }

    public Plan withThreads(int other) { return new Plan(devices, other, gates, effort, command, progress); }

    public Plan withGates(Gates other) { return new Plan(devices, threads, other, effort, command, progress); }

    public Plan withEffort(Effort other) { return new Plan(devices, threads, gates, other, command, progress); }

    public Plan withCommand(String other) { return new Plan(devices, threads, gates, effort, other, progress); }

    public Plan withProgress(Progress other) { return new Plan(devices, threads, gates, effort, command, other); }
  }

  /**
   * What came before, for the report: how the compressed file was made.
   *
   * @param target whose profile the passes followed; null where it is not known
   * @param recipe its text; empty where it is not known
   * @param packed the compressed file, packed; null where it was not
   * @param bound percent of the original's bytes that the packed file may take, or null
   * @param noSlower whether the model must be no slower on devices that integers are to make faster
   */
  record Origin(String target, String recipe, long seed, List<PassResult> passes, List<Decision> decisions,
      PackedModel packed, Limit bound, boolean noSlower, Instant started) {
    static Origin unknown() {
      return new Origin(null, "", 0, List.of(), List.of(), null, null, false, Instant.now());
    }

    /** The bounds that hold on a device. */
    Gates gates(Plan plan, String device) {
      return noSlower && TargetProfile.of(device).gainsSpeed() ? plan.gates().withNoSlower() : plan.gates();
    }
  }

  private Validation() {}

  /** Compares two model files. */
  public static JobResult run(Path original, Path compressed, DataSet data, Plan plan) {
    return run(original, compressed, data, plan, Origin.unknown());
  }

  static JobResult run(Path original, Path compressed, DataSet data, Plan asked, Origin origin) {
    Preflight.requireDecidable(asked.gates(), data, true);
    Plan plan = asked.withDevices(Devices.names(asked.devices()));
    ModelPair models = ModelPair.read(original, compressed);
    Preflight.requireReadable(compressed, models.after(), plan.devices());
    for (Samples part : List.of(data.calibration(), data.evaluation())) {
      Preflight.requireInputs(data, part, Preflight.given(part), models.before().graph());
    }
    Measurement measurement = new Measurement(models, data, plan);
    List<Measured> measured = plan.devices().stream().map(measurement::on).toList();
    return result(measured, ModelFiles.describe(original, models.before()),
        ModelFiles.describe(compressed, models.after()).withPacked(origin.packed()), plan, origin);
  }

  /** The result of what was measured on each device. */
  static JobResult result(List<Measured> measured, ModelFile before, ModelFile after, Plan plan, Origin origin) {
    List<Judged> judged = measured.stream()
        .map(each -> Judged.of(each, before, after, origin.gates(plan, each.device()), origin.bound())).toList();
    Judged worst = Verdict.worst(before, after, judged);
    Measured there = worst.measured();
    List<DeviceResult> devices = judged.size() == 1 ? List.of()
        : judged.stream().map(each -> each.result(before, after)).toList();
    double seconds = ChronoUnit.MILLIS.between(origin.started(), Instant.now()) / 1e3;
    return new JobResult(
        JobResult.SCHEMA, Version.text(), plan.command(), origin.started().truncatedTo(ChronoUnit.SECONDS).toString(),
        seconds,
        origin.target() == null ? TargetProfile.of(plan.devices()).name() : origin.target(), origin.recipe(),
        origin.seed(), measured.getFirst().machine().withDevice(there.machine().device()), before, after,
        origin.passes(), there.accuracy(), there.latency(), there.layers(), Machine.peakMemoryBytes(), worst.gates(),
        origin.decisions(), there.agreement(), Verdict.of(before, after, judged), devices);
  }
}
