package dev.dwindle.pass;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.data.Samples;

/**
 * What a pass may use.
 *
 * @param settings the recipe step's settings, checked against the pass's schema
 * @param target what the target supports and gains by
 * @param backend runs graphs for calibration
 * @param calibration samples to observe; none where the user gave no data
 * @param threads worker threads; 0 for all cores
 * @param seed of everything random
 * @param progress told how far the work is
 * @param memory of other tries on the same graph
 * @param training what passes that train use
 */
public record PassContext(
    Settings settings,
    TargetProfile target,
    Backend backend,
    Samples calibration,
    int threads,
    long seed,
    Progress progress,
    Memory memory,
    Training training) {
  /** A context of which nothing is kept, with nothing to train on. */
  public PassContext(Settings settings, TargetProfile target, Backend backend, Samples calibration, int threads,
      long seed, Progress progress) {
    this(settings, target, backend, calibration, threads, seed, progress, Memory.NONE, Training.NONE);
  }

  public PassContext withSettings(Settings other) {
    return new PassContext(other, target, backend, calibration, threads, seed, progress, memory, training);
  }

  public PassContext withBackend(Backend other) {
    return new PassContext(settings, target, other, calibration, threads, seed, progress, memory, training);
  }

  public PassContext withCalibration(Samples other) {
    return new PassContext(settings, target, backend, other, threads, seed, progress, memory, training);
  }

  public PassContext withProgress(Progress other) {
    return new PassContext(settings, target, backend, calibration, threads, seed, other, memory, training);
  }

  public PassContext withMemory(Memory other) {
    return new PassContext(settings, target, backend, calibration, threads, seed, progress, other, training);
  }

  public PassContext withTraining(Training other) {
    return new PassContext(settings, target, backend, calibration, threads, seed, progress, memory, other);
  }
}
