package dev.dwindle.cli;

import dev.dwindle.tensor.InvalidInputException;

/** How many threads do work that needs no device. */
final class WorkerOptions {
  private final Argument<Integer> threads;

  WorkerOptions(Options options) {
    threads = options.option("--threads", "N", int.class, "0",
        "Worker threads; 0 for all cores (default: ${DEFAULT-VALUE}).");
  }

  int threads() {
    int given = threads.get();
    if (given < 0 || given > 1024)
      throw new InvalidInputException("--threads: found " + given + ", expected 0 to 1024");
    return given == 0 ? Runtime.getRuntime().availableProcessors() : given;
  }
}
