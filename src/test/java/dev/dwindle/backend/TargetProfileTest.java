package dev.dwindle.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.DType;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TargetProfileTest {
  @Test
  void devicesOfOneBackendHaveItsProfile() {
    assertSame(TargetProfile.of("openvino"), TargetProfile.of(List.of("openvino:CPU")));
    assertSame(TargetProfile.of("openvino"), TargetProfile.of(List.of("openvino:CPU", "openvino:GPU")));
  }

  @Test
  void severalDevicesGainByWhatAllOfThemGainByAndGetWhatAnyOfThemNeeds() {
    TargetProfile all = TargetProfile.of(List.of("openvino:CPU", "onnxruntime:CPU"));
    assertEquals("openvino,onnxruntime", all.name());
    assertEquals(TargetProfile.of("openvino").int8Operators(), all.int8Operators());
    assertEquals(TargetProfile.of("openvino").int8Carriers(), all.int8Carriers());
    assertEquals(Set.of("Conv", "MatMul", "AveragePool", "GlobalAveragePool"), all.int8Outputs(),
        "ONNX Runtime has no integer kernel without it, OpenVINO rounds to integers in any case");
    assertEquals(TargetProfile.of("onnxruntime").int8Unasked(), all.int8Unasked());
    assertFalse(all.dynamicProducts(), "OpenVINO gains nothing by it");
    assertTrue(all.gainsSpeed());
    assertEquals(DType.UINT8, all.activation());
  }

  @Test
  void whatOneOfThemDoesNotGainByIsNotDoneForTheOthers() {
    TargetProfile all = TargetProfile.of(List.of("onnxruntime:CPU", "cpu"));
    assertEquals(Set.of("Conv", "MatMul", "Gemm"), all.int8Operators());
    assertEquals(Set.of(), all.int8Carriers());
    assertTrue(all.dynamicProducts());
    assertTrue(all.gainsSpeed(), "one of them is to");
    assertEquals(26, all.maxOpset());
  }

  @Test
  void typesThatDifferBecomeWhatEveryTargetTakes() {
    TargetProfile all = TargetProfile.of(List.of("openvino", "tensorrt"));
    assertEquals(DType.INT8, all.activation());
    assertTrue(all.symmetricActivations());
    assertEquals(23, all.maxOpset());
  }
}
