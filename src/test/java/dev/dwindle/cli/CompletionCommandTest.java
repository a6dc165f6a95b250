package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The completion script, asked in a real shell. */
class CompletionCommandTest {
  @TempDir
  Path folder;

  private Path script;

  @BeforeEach
  void script() throws IOException {
    Console console = Console.run("completion", "bash");
    assertEquals(0, console.code(), console.err());
    script = Files.writeString(folder.resolve("completion.sh"), console.out());
  }

  /** What bash proposes for the last of these words. */
  private String proposals(String... words) throws Exception {
    String ask = "source " + script + "; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD="
        + (words.length - 1) + "; _complete_dwindle; printf '%s\\n' \"${COMPREPLY[@]}\" | sort | tr '\\n' ' '";
    Process bash = new ProcessBuilder("bash", "-c", ask).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String answer = new String(bash.getInputStream().readAllBytes());
    assertEquals(0, bash.waitFor(), answer);
    return answer.strip();
  }

  @Test
  void commandsAndOptionsAreCompleted() throws Exception {
    assertEquals("inspect install", proposals("dwindle", "ins"));
    assertEquals("--max-drop --max-latency --max-size", proposals("dwindle", "compress", "--max"));
    assertEquals("bash zsh", proposals("dwindle", "completion", "''").replace(" --debug", ""));
  }
}
