package dev.dwindle.pack;

import dev.dwindle.tensor.DType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** The first bytes of a NumPy file (NPY, version 1.0). */
final class NpyHeader {
  private NpyHeader() {}

  /** The header of a tensor; where its sizes do not agree with its bytes, that of a list of bytes. */
  static byte[] of(Section tensor) {
    DType type = DType.hasCode(tensor.dtype()) ? DType.ofCode(tensor.dtype()) : DType.UINT8;
    String descr = descr(type);
    int width = Integer.parseInt(descr.substring(2));
    long elements = 1;
    for (long dim : tensor.dims()) {
      elements = dim == 0 ? 0 : elements > tensor.bytes() / dim ? tensor.bytes() + 1 : elements * dim;
    }
    if (type.bits() < 8 || elements * width != tensor.bytes()) return of("|u1", List.of(tensor.bytes()));
    return of(descr, tensor.dims());
  }

  private static byte[] of(String descr, List<Long> dims) {
    String shape = dims.stream().map(String::valueOf).collect(Collectors.joining(", ")) + (dims.size() == 1 ? "," : "");
    String text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    int padded = Math.ceilDiv(text.length() + 11, 64) * 64 - 10;
    Bytes out = new Bytes(padded + 10);
    out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.putFixed(padded, 2);
    out.put((text + " ".repeat(padded - text.length() - 1) + "\n").getBytes(StandardCharsets.US_ASCII));
    return out.toArray();
  }

  private static String descr(DType type) {
    return switch (type) {
      case FLOAT -> "<f4";
      case DOUBLE -> "<f8";
      case FLOAT16 -> "<f2";
      case COMPLEX64 -> "<c8";
      case COMPLEX128 -> "<c16";
      case BFLOAT16 -> "<u2";
      case BOOL -> "|b1";
      case INT8 -> "|i1";
      default -> type.bits() <= 8 ? "|u1" : (type.isUnsigned() ? "<u" : "<i") + type.bits() / 8;
    };
  }
}
