package dev.dwindle.data;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Whole tensors in NumPy's {@code .npz}: a ZIP archive of NPY arrays by name. */
public final class NpzTensors {
  private static final int HEADER_MULTIPLE = 64;

  private NpzTensors() {}

  /** All arrays of an archive, in its order. */
  public static Map<String, Tensor> read(Path file) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(Places.regular(file, "an .npz archive of NumPy").toFile())) {
      for (ZipEntry entry : zip.stream().filter(e -> e.getName().endsWith(".npy")).toList()) {
        String name = entry.getName().substring(0, entry.getName().length() - ".npy".length());
        try (InputStream in = new BufferedInputStream(zip.getInputStream(entry))) {
          tensors.put(name, read(in, entry.getSize(), file + "/" + entry.getName()));
        }
      }
    } catch (IOException e) {
      throw Places.unreadable(file, e);
    }
    return tensors;
  }

  private static Tensor read(InputStream in, long size, String where) throws IOException {
    Npy npy = Npy.read(in, where);
    long needed = npy.dtype().bytes(npy.shape().size());
    if (npy.bigEndian() || size != npy.bytes() + needed || needed > Integer.MAX_VALUE - 16) {
      throw new InvalidInputException(
          where + ": found " + size + " bytes" + (npy.bigEndian() ? ", highest byte first" : "") + ", expected "
              + (npy.bytes() + needed) + ", lowest byte first, for " + npy.dtype().text() + npy.shape());
    }
    byte[] bytes = in.readNBytes((int) needed);
    if (bytes.length < needed) {
      throw new InvalidInputException(where + ": found " + bytes.length + " bytes of elements, expected " + needed);
    }
    return Tensor.of(npy.dtype(), npy.shape(), bytes);
  }

  /** Writes tensors as arrays of these names, uncompressed; the same tensors give the same bytes. */
  public static void write(Map<String, Tensor> tensors, OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(out));
    zip.setLevel(0);
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      ZipEntry file = new ZipEntry(entry.getKey() + ".npy");
      file.setTime(0);
      zip.putNextEntry(file);
      zip.write(header(entry.getKey(), entry.getValue()));
      zip.write(entry.getValue().bytes());
      zip.closeEntry();
    }
    zip.finish();
    zip.flush();
  }

  private static byte[] header(String name, Tensor tensor) {
    String dims = tensor.shape().toString().replace("[", "").replace("]", "");
    String shape = tensor.shape().rank() == 1 ? dims + "," : dims.replace(",", ", ");
    String text = "{'descr': '" + type(name, tensor.dtype()) + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    int length = Math.ceilDiv(10 + text.length() + 1, HEADER_MULTIPLE) * HEADER_MULTIPLE - 10;
    String padded = text + " ".repeat(length - text.length() - 1) + "\n";
    byte[] header = new byte[10 + length];
    byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) length, (byte) (length >> 8)};
    System.arraycopy(start, 0, header, 0, start.length);
    System.arraycopy(padded.getBytes(StandardCharsets.US_ASCII), 0, header, start.length, length);
    return header;
  }

  private static String type(String name, DType dtype) {
    for (Map.Entry<String, DType> known : Npy.TYPES.entrySet()) {
      if (known.getValue() == dtype) return (dtype.bits() == 8 ? "|" : "<") + known.getKey();
    }
    throw new InvalidInputException(
        "array '" + name + "': is of type " + dtype.text() + ", expected one that NumPy has");
  }
}
