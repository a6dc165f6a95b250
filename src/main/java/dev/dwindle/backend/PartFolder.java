package dev.dwindle.backend;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A folder in the making, beside its place: moved there when it is whole, removed where it never is, by Ctrl-C too. One
 * whose process was killed is removed by the next.
 */
final class PartFolder implements AutoCloseable {
  private static final String SUFFIX = ".dwindle-part";
  private static final long PATIENCE_SECONDS = 20;

  private final Path target;
  private final Path part;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean ending;

  PartFolder(Path target) throws IOException {
    this.target = target;
    Files.createDirectories(target.getParent());
    String prefix = "." + target.getFileName() + ".";
    removeLeftovers(target.getParent(), prefix);
    part = Files.createDirectory(target.resolveSibling(prefix + ProcessHandle.current().pid() + SUFFIX));
    Thread worker = Thread.currentThread();
    hook = new Thread(() -> end(worker));
    Runtime.getRuntime().addShutdownHook(hook);
  }

  Path path() {
    return part;
  }

  /** Moves the folder into its place; what was there goes. */
  void moveIntoPlace() throws IOException {
    delete(target);
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The program ends: lets the worker stop and clean up, and waits for that. */
  private void end(Thread worker) {
    ending = true;
    worker.interrupt();
    try {
      closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try {
      delete(part);
    } catch (IOException e) {
      // the next installation removes it
    }
    closed.countDown();
    while (ending) LockSupport.park();
    if (interrupted) Thread.currentThread().interrupt();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      while (true) LockSupport.park();
    }
  }

  private static void removeLeftovers(Path folder, String prefix) throws IOException {
    DirectoryStream.Filter<Path> ours = p -> p.getFileName().toString().startsWith(prefix)
        && p.getFileName().toString().endsWith(SUFFIX);
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, ours)) {
      for (Path leftover : leftovers) {
        String process = leftover.getFileName().toString().replace(prefix, "").replace(SUFFIX, "");
        boolean alive = process.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(process)).isPresent();
        if (!alive) delete(leftover);
      }
    }
  }

  /** Deletes a folder and everything in it; links are not followed. */
  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) return;
    List<Path> inside;
    try (Stream<Path> files = Files.walk(folder)) {
      inside = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : inside) Files.deleteIfExists(path);
  }
}
