package dev.dwindle.data;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/** The IDX format of MNIST: two zero bytes, a type, a rank, big-endian dimensions and elements; also as {@code .gz}. */
final class Idx {
  private Idx() {}

  /** {@code idx: {images: FILE, labels: FILE}}, the labels where there are some. */
  static Source source(Yaml settings, Places places) {
    Map<String, Yaml> keys = settings.mapping(Set.of("images", "labels"));
    if (!keys.containsKey("images")) {
      throw settings.error("found no key 'images', expected the IDX file of the images");
    }
    ArrayFile images = read(places.file(keys.get("images")));
    if (images.dtype() != DType.UINT8 || images.shape().rank() != 3) {
      throw keys.get("images").error(
          "found " + images.dtype().text() + images.shape() + " in " + images.where()
              + ", expected uint8 [N,height,width]");
    }
    Map<String, ArrayFile> arrays = new LinkedHashMap<>();
    arrays.put("image", images);
    if (keys.containsKey("labels")) {
      arrays.put("label", read(places.file(keys.get("labels"))));
    }
    return new ArraySource(arrays, Set.of("image"));
  }

  static ArrayFile read(Path file) {
    try (DataInputStream in = new DataInputStream(open(file))) {
      int magic = in.readInt();
      int rank = magic & 0xff;
      if (magic >>> 16 != 0 || rank < 1 || rank > 8) {
        throw new InvalidInputException(
            file + ": found first bytes " + String.format("%08x", magic) + ", expected an IDX header such as 00000803");
      }
      DType dtype = dtype(file, magic >>> 8 & 0xff);
      long[] dims = new long[rank];
      for (int i = 0; i < rank; i++) {
        dims[i] = Integer.toUnsignedLong(in.readInt());
      }
      int header = 4 + 4 * rank;
      ArrayFile array = new ArrayFile(file.toString(), dtype, Shape.of(dims), dtype.bits() > 8, () -> {
        InputStream data = open(file);
        data.skipNBytes(header);
        return data;
      });
      long size = Files.size(file);
      long needed = header + dtype.bytes(array.shape().size());
      if (!isPacked(file) && size != needed) {
        throw new InvalidInputException(
            file + ": found " + size + " bytes, expected " + needed + " for " + array.shape() + " and its header");
      }
      return array.requireIn(size);
    } catch (IOException e) {
      throw Places.unreadable(file, e);
    }
  }

  private static DType dtype(Path file, int code) {
    return switch (code) {
      case 0x08 -> DType.UINT8;
      case 0x09 -> DType.INT8;
      case 0x0B -> DType.INT16;
      case 0x0C -> DType.INT32;
      case 0x0D -> DType.FLOAT;
      case 0x0E -> DType.DOUBLE;
      default -> throw new InvalidInputException(
          file + ": found type code " + code + ", expected one of the IDX types 8, 9, 11 to 14");
    };
  }

  private static boolean isPacked(Path file) {
    return file.toString().endsWith(".gz");
  }

  private static InputStream open(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    if (!isPacked(file)) {
      return new BufferedInputStream(raw, 1 << 16);
    }
    try {
      return new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }
}
