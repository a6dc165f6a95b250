package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
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

  /** What a command prints whose every output ends in this error. */
  private static String errorOf(Error error) {
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
    assertEquals(ExitCode.INTERNAL, Main.run(new String[] {"help"}, new PrintWriter(failing), new PrintWriter(err)));
    return err.toString().strip();
  }
}
