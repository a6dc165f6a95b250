/** Intel's OpenVINO as a device, through its C API: installed on demand, one class that calls it, compiled models and requests. */
package dev.dwindle.backend.openvino;
