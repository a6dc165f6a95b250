package dev.dwindle.onnx;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("zoo")
class ZooRoundTripTest {
  @Test
  void everyModelOfTheZooIsWrittenAsItWasRead() throws IOException {
    RoundTrip.check(Path.of(System.getProperty("dwindle.zoo"), "models"));
  }
}
