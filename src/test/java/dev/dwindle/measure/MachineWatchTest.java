package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.dwindle.backend.EnergyCounter;
import dev.dwindle.measure.MachineWatch.Seen;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Energy;
import dev.dwindle.result.MachineState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines made up of files. */
class MachineWatchTest {
  private static final String RAPL = "sys/class/powercap/intel-rapl:0/";

  @TempDir
  Path root;

  private final FakeClock clock = new FakeClock();

  private void write(String file, String text) {
    try {
      Path path = root.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, text + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void processor(int user, int nice, int stolen, int own) {
    write("proc/stat", "cpu  " + user + " " + nice + " 0 5000 0 0 0 " + stolen + " 0 0");
    write("proc/self/stat", "1 (a (strange) name) R 1 1 1 0 -1 4194304 99 0 0 0 " + own + " 0 0 0 20 0 1 0 3364576");
  }

  private Seen watch(Runnable during) {
    MachineWatch watch = MachineWatch.begin(new SystemFiles(root), clock);
    clock.pass(10_000_000_000L);
    during.run();
    return watch.end();
  }

  @Test
  void theStateIsThatOfTheSensors() {
    write("proc/loadavg", "0.75 0.5 0.4 1/100 1234");
    write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "3000000");
    write("sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "2000000");
    write("sys/devices/system/cpu/cpufreq/boost", "1");
    write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3");
    write("sys/class/thermal/thermal_zone0/temp", "41000");
    write("sys/class/hwmon/hwmon0/temp1_input", "55500");
    write("sys/class/hwmon/hwmon0/temp2_input", "-273000");
    MachineState state = new MachineSensors(new SystemFiles(root)).read();
    assertEquals(0.75, state.load().value());
    assertEquals(2500, state.frequency().value());
    assertEquals(55.5, state.temperature().value());
    assertEquals(3, state.throttles().value());
  }

  @Test
  void whatIsMissingHasAReason() {
    write("proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 2596.5\nprocessor\t: 1\ncpu MHz\t\t: 2600.5");
    MachineState state = new MachineSensors(new SystemFiles(root)).read();
    assertEquals(2598.5, state.frequency().value());
    assertFalse(state.load().isThere() || state.temperature().isThere() || state.throttles().isThere());
    assertEquals("no sensor under /sys/class/thermal or /sys/class/hwmon", state.temperature().from());
    Seen seen = watch(() -> {});
    assertEquals("no /proc/stat", seen.use().others().from());
    assertEquals(List.of(), seen.warnings());
  }

  @Test
  void othersThatComputeAreWarnedOfAndThisProcessIsNot() {
    processor(1000, 0, 0, 100);
    Seen quiet = watch(() -> processor(1990, 50, 0, 1080));
    assertEquals(0.98, quiet.use().own().value(), 1e-9);
    assertEquals(0.06, quiet.use().others().value(), 1e-9);
    assertEquals(List.of(), quiet.warnings());
    processor(1000, 0, 0, 100);
    assertEquals(List.of("other processes were computing: 0.50 cores on average during the measurement",
        "the host took 0.03 cores from this virtual machine during the measurement"),
        watch(() -> processor(2000, 500, 30, 1100)).warnings());
  }

  @Test
  void heatIsWarnedOf() {
    write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3");
    write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "3000000");
    assertEquals(
        List.of("the processor was slowed down for its heat, 2 times",
            "the clock fell: 3000 MHz before, 1800 MHz after"),
        watch(() -> {
          write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "5");
          write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1800000");
        }).warnings());
  }

  /** What a device counts itself. */
  private static final class Meter implements EnergyCounter {
    private final String missing;
    private double microjoules = 7e9;

    Meter(String missing) {
      this.missing = missing;
    }

    @Override
    public String missing() {
      return missing;
    }

    @Override
    public double microjoules() {
      return microjoules;
    }
  }

  private Energy energy(long microjoules) {
    return energy(microjoules, null);
  }

  /** Of a load that takes as much of the processor's energy as of the device's. */
  private Energy energy(long microjoules, Meter device) {
    EnergyComparison comparison = new EnergyComparison(clock, new EnergyMeter(new SystemFiles(root), device));
    long[] counter = {900_000_000};
    return comparison.measure(1, i -> new Source() {
      @Override
      public Load open() {
        return Load.of(clock.bound(() -> {
          counter[0] = (counter[0] + microjoules) % 1_000_000_000;
          if (device != null) device.microjoules += microjoules;
          write(RAPL + "energy_uj", Long.toString(counter[0]));
          return 10_000_000;
        }));
      }

      @Override
      public void renew() {}

      @Override
      public void close() {}
    }, Progress.SILENT);
  }

  /** The counter begins again from 0 on the way; the core's part is not added to its package. */
  @Test
  void energyIsThatOfThePackages() {
    write(RAPL + "name", "package-0");
    write(RAPL + "energy_uj", "900000000");
    write(RAPL + "max_energy_range_uj", "1000000000");
    write("sys/class/powercap/intel-rapl:0:0/name", "core");
    write("sys/class/powercap/intel-rapl:0:0/energy_uj", "5");
    Energy energy = energy(1_500_000);
    assertEquals(1.5, energy.joules().getFirst().value(), 1e-9);
    assertEquals("", energy.missing());
    assertEquals("the processor", energy.of());
  }

  @Test
  void aDeviceBesideTheProcessorIsCountedWithIt() {
    write("sys/class/hwmon/hwmon0/name", "none");
    Energy alone = energy(1_500_000, new Meter(null));
    assertEquals("the device alone", alone.of());
    write(RAPL + "name", "package-0");
    write(RAPL + "energy_uj", "900000000");
    write(RAPL + "max_energy_range_uj", "1000000000");
    Energy both = energy(1_500_000, new Meter(null));
    assertEquals(3, both.joules().getFirst().value(), 1e-9);
    assertEquals("the processor and the device", both.of());
    Meter lost = new Meter(null);
    lost.microjoules = Double.NaN;
    assertEquals(new Energy(List.of(), "a counter of energy was lost or began anew while it was read", ""),
        energy(1_500_000, lost));
    // The processor's part alone would say little.
    assertEquals(new Energy(List.of(), "no counter", ""), energy(1_500_000, new Meter("no counter")));
  }

  @Test
  void withoutACounterThereIsAReason() {
    assertEquals(new Energy(List.of(), "no energy counter under /sys/class/powercap or /sys/class/hwmon", ""),
        energy(1));
  }
}
