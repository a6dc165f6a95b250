package dev.dwindle.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.data.Field.Pixels;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected bytes were computed by Pillow 12.3 on the same image. */
class ResamplingTest {
  private static Pixels image() {
    byte[] bytes = new byte[35];
    for (int i = 0; i < 35; i++) {
      bytes[i] = (byte) (i * 37 + i * i * 11);
    }
    return new Pixels(5, 7, 1, bytes);
  }

  @ParameterizedTest
  @CsvSource({
      "NEAREST,  2, 3, 232 190 236 250 56 206",
      "BILINEAR, 2, 3, 120 168 129 156 121 125",
      "BICUBIC,  2, 3, 115 175 127 160 114 126",
      "NEAREST,  9, 4, 0 118 68 106 0 118 68 106 30 200 202 36 30 200 202 36 114 80 134 20 252 14 120 58 252 14 120 58"
          + " 188 2 160 150 188 2 160 150",
      "BILINEAR, 9, 4, 26 130 135 146 59 155 158 141 114 196 197 132 138 179 179 92 155 147 146 45 202 106 131 89 228 73"
          + " 124 127 170 73 151 140 135 73 167 148",
      "BICUBIC,  9, 4, 9 130 133 148 45 158 161 144 111 206 208 132 137 194 192 81 155 151 152 36 220 96 126 82 247 58"
          + " 122 133 171 63 158 144 125 69 178 147",
      "BICUBIC,  8, 10, 0 12 50 108 194 165 59 175 169 105 3 66 135 154 193 176 126 213 164 70 22 144 243 199 191 194"
          + " 204 239 140 22 73 164 209 121 194 215 155 118 60 14 156 204 194 56 134 170 122 103 60 22 248 255 205 23 32"
          + " 78 123 197 138 45 224 188 113 5 86 145 145 173 150 112 190 130 44 0 144 210 162 142 146 157"})
  void equalsPillow(Resampling filter, int height, int width, String expected) {
    Pixels resized = filter.resize(image(), height, width);
    int[] values = new int[resized.bytes().length];
    Arrays.setAll(values, i -> resized.bytes()[i] & 0xff);
    assertEquals(expected, String.join(" ", Arrays.stream(values).mapToObj(String::valueOf).toList()));
  }

  @Test
  void theSameSizeIsTheSameImage() {
    assertArrayEquals(image().bytes(), Resampling.BICUBIC.resize(image(), 5, 7).bytes());
  }
}
