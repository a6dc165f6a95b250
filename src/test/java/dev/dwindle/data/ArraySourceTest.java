package dev.dwindle.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** NPY, NPZ and IDX: what is read, and that a hostile header takes no memory. */
class ArraySourceTest {
  @TempDir
  Path folder;

  @ParameterizedTest
  @CsvSource({"<f4, float, 12", "<f8, double, 24", "<f2, float16, 6", "|b1, bool, 3", "|u1, uint8, 3", "|i1, int8, 3",
      "<u2, uint16, 6", "<i2, int16, 6", "<u4, uint32, 12", "<i4, int32, 12", "<u8, uint64, 24", "<i8, int64, 24"})
  void everyCommonTypeIsKnown(String type, String dtype, int bytes) throws IOException {
    ArrayFile array = Npz.readNpy(Files.write(folder.resolve("a.npy"), NpyBytes.of(type, "(3,)", bytes)));
    assertEquals(dtype, array.dtype().text());
    assertEquals(3, array.rows());
  }

  @Test
  void rowsComeInOrderInEitherByteOrder() throws IOException {
    for (String type : new String[] {"<i4", ">i4"}) {
      ArrayFile array = Npz.readNpy(Files.write(folder.resolve("a.npy"), NpyBytes.of(type, "(2, 3)", 24)));
      try (InputStream in = array.opener().open()) {
        assertArrayEquals(new int[] {0, 1, 2}, array.next(in).ints());
        assertArrayEquals(new int[] {3, 4, 5}, array.next(in).ints());
      }
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      {'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }             | 24 | found Fortran order
      {'descr': '<c8', 'fortran_order': False, 'shape': (3,), }              | 24 | found elements of type 'c8'
      {'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }     | 12 | expected a plain array
      {'descr': '<f4', 'fortran_order': False, 'shape': (3,), }              | 11 | bytes, expected
      {'descr': '<f4', 'fortran_order': False, 'shape': (3,), }              | 13 | bytes, expected
      {'descr': '<f4', 'fortran_order': False, 'shape': (), }                | 4  | found a single number
      {'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), } | 4 | expected whole numbers
      {'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 4000000000), } | 4 | has more than 2^63
      {'descr': '<f4', 'fortran_order': False, 'shape': (1, 1000000000000), } | 4 | bytes, expected
      """)
  void aBadHeaderIsToldInOneLine(String header, int bytes, String expected) throws IOException {
    Path file = Files.write(folder.resolve("a.npy"), NpyBytes.withHeader(header, new byte[bytes]));
    String message = assertThrows(RuntimeException.class, () -> Npz.readNpy(file)).getMessage();
    assertTrue(message.contains(expected), message);
  }

  @Test
  void anArchiveHasAFieldForEachArray() throws IOException {
    Path file = npz("a", NpyBytes.of("<f4", "(2, 2)", 16), "b", NpyBytes.of("<i4", "(2,)", 8));
    Map<String, ArrayFile> arrays = Npz.read(file);
    assertEquals("[a, b]", arrays.keySet().toString());
    try (Source.Rows rows = new ArraySource(arrays, Set.of()).open()) {
      rows.next();
      Row second = rows.next();
      assertArrayEquals(new float[] {2, 3}, second.field("a").numbers().floats());
      assertArrayEquals(new int[] {1}, second.field("b").numbers().ints());
    }
  }

  @Test
  void anArchiveThatPromisesMoreThanItHoldsIsRefused() throws IOException {
    byte[] huge = NpyBytes.withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 999999999), }",
        new byte[4]);
    String message = assertThrows(InvalidInputException.class, () -> Npz.read(npz("a", huge))).getMessage();
    assertTrue(message.contains("a.npy: found 82 bytes, expected 4000000"), message);
  }

  private Path npz(Object... namesAndBytes) throws IOException {
    Path file = folder.resolve("z.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < namesAndBytes.length; i += 2) {
        zip.putNextEntry(new ZipEntry(namesAndBytes[i] + ".npy"));
        zip.write((byte[]) namesAndBytes[i + 1]);
      }
    }
    return file;
  }

  @Test
  void idxIsReadPackedAndPlain() throws IOException {
    byte[] idx = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, (byte) 255};
    Path plain = Files.write(folder.resolve("a.idx"), idx);
    Path packed = folder.resolve("a.idx.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(idx);
    }
    for (Path file : new Path[] {plain, packed}) {
      ArrayFile array = Idx.read(file);
      try (Source.Rows rows = new ArraySource(Map.of("image", array), Set.of("image")).open()) {
        rows.next();
        Field.Pixels image = rows.next().field("image").pixels("");
        assertEquals("1 3 1", image.height() + " " + image.width() + " " + image.channels());
        assertEquals(255, image.at(0, 2, 0));
      }
    }
    Files.write(plain, Arrays.copyOf(idx, 21));
    assertTrue(assertThrows(InvalidInputException.class, () -> Idx.read(plain)).getMessage()
        .contains("found 21 bytes, expected 22"));
    Files.write(plain, new byte[] {1, 2, 3, 4});
    assertTrue(assertThrows(InvalidInputException.class, () -> Idx.read(plain)).getMessage()
        .contains("found first bytes 01020304"));
  }

  @Test
  void aShortPackedFileIsToldAtTheRow() throws IOException {
    Path packed = folder.resolve("a.idx.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(new byte[] {0, 0, 8, 1, 0, 0, 0, 3, 7, 8});
    }
    ArraySource source = new ArraySource(Map.of("label", Idx.read(packed)), Set.of());
    try (Source.Rows rows = source.open()) {
      rows.next();
      rows.next();
      String message = assertThrows(InvalidInputException.class, rows::next).getMessage();
      assertTrue(message.contains("row 2: cannot be read: the data ends early"), message);
    }
  }
}
