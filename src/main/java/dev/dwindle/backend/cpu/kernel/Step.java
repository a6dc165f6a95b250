package dev.dwindle.backend.cpu.kernel;

/**
 * A kernel bound to its memory: all that is left to do is run it, again and again, without
 * allocating. Belongs to one thread at a time, which brings the workers.
 */
@FunctionalInterface
public interface Step {
  void run(Workers workers);
}
