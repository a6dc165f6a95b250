package dev.dwindle.result;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A file in the making: written beside its target, and moved into place when it is whole and on disk. A run that is
 * ended by Ctrl-C removes its unfinished file; one that is killed leaves it to the next run that writes the same target.
 */
public final class OutputFile {
  /** Writes the content of a file. */
  public interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  private interface Step<T> {
    T take() throws IOException;
  }

  private static final String SUFFIX = ".dwindle-part";
  private static final AtomicLong COUNTER = new AtomicLong();
  private static final Set<Runnable> LAST = ConcurrentHashMap.newKeySet();
  private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

  static {
    // Not File.deleteOnExit, which remembers each file for as long as the program runs.
    Runtime.getRuntime().addShutdownHook(new Thread(OutputFile::end));
  }

  private static volatile boolean ending;

  private OutputFile() {}

  /**
   * Writes a file whole or not at all.
   *
   * @throws InvalidInputException where the folder cannot be written to, naming the target
   */
  public static void write(Path target, Content content) {
    Path absolute = target.toAbsolutePath();
    String prefix = "." + absolute.getFileName() + ".";
    Path part = absolute
        .resolveSibling(prefix + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + SUFFIX);
    try {
      removeLeftovers(absolute.getParent(), prefix);
      try (FileChannel channel = unlessEnding(() -> create(part))) {
        content.writeTo(channel);
        channel.force(true);
      }
      unlessEnding(
          () -> Files.move(part, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING));
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(target + ": cannot be written: folder " + absolute.getParent() + " is missing",
          e);
    } catch (IOException e) {
      throw new InvalidInputException(target + ": cannot be written: " + reason(e), e);
    } finally {
      part.toFile().delete();
      UNFINISHED.remove(part);
    }
  }

  private static FileChannel create(Path part) throws IOException {
    UNFINISHED.add(part);
    return FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** Does some last work before a program that is ended by Ctrl-C writes no files any more, such as waiting for one that is being written. */
  public static void beforeEnding(Runnable last) {
    LAST.add(last);
  }

  /** What {@link #beforeEnding} was told is not to be done any more. */
  public static void forget(Runnable last) {
    LAST.remove(last);
  }

  /** Is ready for the {@link #end} also of a program that is ended before it writes a file. */
  public static void prepare() {
    // The hook stands since the class was initialized.
  }

  /** Does what is to be done {@linkplain #beforeEnding before} the program ends, and lets no file be made any more; when it returns, that is so. Again it does nothing. */
  public static synchronized void end() {
    if (ending) return;
    LAST.forEach(Runnable::run);
    synchronized (UNFINISHED) {
      ending = true;
      UNFINISHED.forEach(part -> part.toFile().delete());
    }
  }

  /** While the program ends, threads go on: one that would make or move a file only then waits for the end instead. */
  private static <T> T unlessEnding(Step<T> step) throws IOException {
    synchronized (UNFINISHED) {
      if (!ending) return step.take();
    }
    awaitEnd();
    throw new IllegalStateException("the program has ended");
  }

  /** Waits, while the program ends, for the end; never returns. */
  public static void awaitEnd() {
    while (true) {
      LockSupport.park();
    }
  }

  /** Writes a text, as UTF-8, whole or not at all. */
  public static void write(Path target, String text) {
    write(target, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Writes the bytes that remain, whole or not at all. */
  public static void write(Path target, ByteBuffer bytes) {
    write(target, channel -> {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    });
  }

  /** What the system says of a failure, without the path, which stands before it. */
  public static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "no permission";
      case FileSystemException failed when failed.getReason() != null -> failed.getReason();
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }

  /** Removes unfinished files of the target, and of files named after it, whose process is gone. */
  private static void removeLeftovers(Path folder, String prefix) throws IOException {
    DirectoryStream.Filter<Path> ours = p -> p.getFileName().toString().startsWith(prefix)
        && p.getFileName().toString().endsWith(SUFFIX);
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, ours)) {
      for (Path leftover : leftovers) {
        String name = leftover.getFileName().toString();
        String process = name.substring(0, name.length() - SUFFIX.length()).replaceAll(".*\\.(\\d+)-\\d+", "$1");
        if (process.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(process)).isEmpty()) {
          Files.deleteIfExists(leftover);
        }
      }
    }
  }
}
