package dev.dwindle.onnx;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("nodetests")
class NodeTestsRoundTripTest {
  @Test
  void everyNodeTestIsWrittenAsItWasRead() throws IOException {
    RoundTrip.check(Path.of(System.getProperty("dwindle.nodetests")));
  }
}
