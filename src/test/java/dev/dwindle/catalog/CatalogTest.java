package dev.dwindle.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.pass.Pass;
import dev.dwindle.tensor.DeviceUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CatalogTest {
  @Test
  void namesAreUnique() {
    assertEquals(Passes.names().size(), new HashSet<>(Passes.names()).size());
    assertEquals(Backends.names().size(), new HashSet<>(Backends.names()).size());
  }

  @Test
  void everyBackendAnswersHasAProfileAndIsHeldToTheContract() throws Exception {
    for (Backend backend : Backends.all()) {
      try (backend) {
        if (backend.availability() instanceof Availability.No(String reason))
          assertTrue(reason.length() > 10, backend.name());
        else
          assertEquals(backend.name(), backend.device().name());
        TargetProfile.of(backend.name());
        String type = backend.getClass().getSimpleName();
        try (Stream<Path> tests = Files.walk(Path.of("src", "test", "java"))) {
          boolean held = tests.filter(p -> p.toString().endsWith(".java")).anyMatch(p -> holds(p, type));
          assertTrue(held, type + " has no test that extends BackendContract");
        }
      }
    }
  }

  private static boolean holds(Path test, String type) {
    try {
      String text = Files.readString(test);
      return text.contains("extends BackendContract") && text.contains(type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyPassTellsItsSettingsInTheDocument() throws Exception {
    String document = Files.readString(Path.of("docs", "recipes.md"));
    for (Pass pass : Passes.all()) {
      assertTrue(document.contains("## " + pass.name()), pass.name());
      pass.settings().settings()
          .forEach(s -> assertTrue(document.contains("| `" + s.name() + "` |"), pass.name() + "." + s.name()));
    }
  }

  @Test
  void devicesAreNamedInUpperOrLowerCase() {
    assertEquals("cpu", Backends.open("CPU").name());
    assertEquals("cpu", Backends.open("cpu@F32").name());
    assertEquals("onnxruntime:CPU", Backends.open("OnnxRuntime:cpu").name());
    assertEquals("onnxruntime", TargetProfile.of("OnnxRuntime:cpu").name());
  }

  @Test
  void aNumberedDeviceIsAnsweredWithItsOwnReason() {
    var e = assertThrows(DeviceUnavailableException.class, () -> Backends.open("openvino:cpu.7"));
    assertTrue(e.getMessage().startsWith("device 'openvino:CPU.7': "), e.getMessage());
    assertFalse(e.getMessage().contains("unknown"), e.getMessage());
    e = assertThrows(DeviceUnavailableException.class, () -> Backends.open("CUDA:107"));
    assertTrue(e.getMessage().startsWith("device 'cuda:107': "), e.getMessage());
    assertFalse(e.getMessage().contains("unknown"), e.getMessage());
  }

  @Test
  void anUnknownDeviceIsAnsweredWithTheKnownOnes() {
    var e = assertThrows(DeviceUnavailableException.class, () -> Backends.open("gpu"));
    assertEquals("device 'gpu': unknown, expected one of " + Backends.names(), e.getMessage());
  }
}
