package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MainTest {
  @Test
  void saysInOneLineThatMemoryRanOut() {
    assertEquals("dwindle: out of memory: Java heap space; give more with DWINDLE_OPTS=-Xmx8g",
        errorOf(new OutOfMemoryError("Java heap space")));
  }

  @Test
  void saysInOneLineThatTheStackRanOut() {
    assertEquals("dwindle: out of stack: the model nests too deep; give more with DWINDLE_OPTS=-Xss64m",
        errorOf(new StackOverflowError()));
  }

  @Test
  void namesNoHeapWhereOtherMemoryRanOut() {
    assertEquals(
        "dwindle: out of memory: Unable to allocate 90338536 bytes; end other programs, or take a smaller batch"
            + " or model",
        errorOf(new OutOfMemoryError("Unable to allocate 90338536 bytes")));
  }

  @Test
  void saysInOneLineThatALibraryCannotBeUsed() {
    assertEquals("dwindle: a native library cannot be used: 'int a.b.c()'; install it again, or take another device"
        + " ('dwindle devices' lists them)", errorOf(new UnsatisfiedLinkError("'int a.b.c()'"), ExitCode.DEVICE));
  }

  @Test
  void saysInOneLineThatAClassIsMissing() {
    assertEquals(
        "dwindle: the program or a jar beside it is damaged: NoClassDefFoundError: a/B; build or fetch it again",
        errorOf(new NoClassDefFoundError("a/B")));
    assertEquals("dwindle: internal error: IllegalStateException: why",
        errorOf(new ExceptionInInitializerError(new IllegalStateException("why"))));
  }

  @Test
  void showsStackTracesOfErrorsWhereTheyAreWanted() {
    assertTrue(errorOf(new NoClassDefFoundError("a/B"), ExitCode.INTERNAL, "--debug").contains("\tat "));
  }

  /** What a command prints whose every output ends in this error. */
  private static String errorOf(Error error) {
    return errorOf(error, ExitCode.INTERNAL);
  }

  private static String errorOf(Error error, int code, String... more) {
    Writer failing = new Writer() {
      @Override
      public void write(char[] text, int from, int count) {
        throw error;
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    StringWriter err = new StringWriter();
    List<String> args = new ArrayList<>(List.of(more));
    args.add("help");
    assertEquals(code, Main.run(args.toArray(String[]::new), new PrintWriter(failing), new PrintWriter(err)));
    return err.toString().strip();
  }
}
