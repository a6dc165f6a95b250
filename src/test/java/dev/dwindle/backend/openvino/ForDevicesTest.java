package dev.dwindle.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.check.Gates;
import dev.dwindle.data.DataSet;
import dev.dwindle.engine.Compression;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.Gate;
import dev.dwindle.result.JobResult;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One file for OpenVINO and for ONNX Runtime, both open at once. */
@Tag("openvino")
class ForDevicesTest {
  @TempDir
  Path folder;

  @Test
  void theSampleIsRightOnBoth() {
    InstalledOpenVino.alone().close();
    SampleFiles.copyTo(folder);
    JobResult told = Compression.of(folder.resolve("glyphs.onnx")).data(DataSet.read(folder.resolve("glyphs.yaml")))
        .devices(List.of("openvino:CPU", "onnxruntime:CPU")).gates(Gates.NONE.withMaxDrop("1pt")).threads(1)
        .effort(new Effort(44, 1)).writeTo(folder.resolve("small.onnx"));
    assertEquals("openvino,onnxruntime", told.target());
    assertEquals(List.of("openvino:CPU", "onnxruntime:CPU"),
        told.devices().stream().map(DeviceResult::device).toList());
    for (DeviceResult device : told.devices()) {
      assertEquals(List.of("max-drop", "no-slower", "right-on-device"),
          device.gates().stream().map(Gate::name).toList());
      assertTrue(device.agreement().holds(), device.toString());
      assertEquals(Gate.Outcome.PASSED, device.gates().getFirst().outcome(), device.toString());
    }
    assertTrue(told.decisions().stream().filter(decision -> decision.rule().equals("never slower"))
        .allMatch(decision -> decision.reason().contains(" on openvino:CPU and ")), told.decisions().toString());
  }
}
