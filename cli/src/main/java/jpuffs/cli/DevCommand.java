// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.CharDevice;
import jpuffs.pud.DeviceServer;
import jpuffs.pud.chardev.EchoDevice;
import jpuffs.pud.chardev.LogDevice;
import jpuffs.pud.chardev.NullDevice;
import jpuffs.pud.chardev.RandomDevice;
import jpuffs.pud.chardev.RemoteSerialDevice;
import jpuffs.pud.chardev.ToggleDevice;
import jpuffs.pud.chardev.ZeroDevice;
import jpuffs.puffs.MountOptions;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;

/// `puffs dev`: serves a device under a name, lists devices and removes them.
final class DevCommand {
    /// The character devices; every other type is a block device, as [jpuffs.pud.block.DeviceSpec] has it.
    static final List<String> CHARACTER = List.of("null", "zero", "random", "echo", "log", "remote-serial", "toggle");

    private final boolean verbose;
    private final List<String> words;

    private DevCommand(List<String> words, boolean verbose) {
        this.words = words;
        this.verbose = verbose;
    }

    /// @param args what follows `dev`
    static void run(List<String> args, Ready ready, PrintStream out) throws Failure, IOException, InterruptedException {
        var words = new ArrayList<String>();
        var flags = new StringBuilder();
        for (String arg : args) {
            if (!arg.startsWith("-")) {
                words.add(arg);
            } else if (arg.equals("-f") || arg.equals("-v")) {
                flags.append(arg);
            } else {
                throw Failure.usage("unknown option " + arg + " of dev (see: puffs help dev)");
            }
        }
        boolean force = flags.indexOf("f") >= 0;
        String first = words.isEmpty() ? "" : words.getFirst();
        if (first.equals("list") && words.size() == 1) {
            out.print(Devices.table());
        } else if (first.equals("remove") && words.size() == 2) {
            Devices.remove(words.getLast(), force);
        } else if (words.size() == 1 && !first.equals("remove") && !first.equals("list")) {
            Devices.requireKnown(first, CHARACTER);
            throw Failure.usage("dev lacks the NAME of the device: puffs dev " + first + " [ARGUMENT]... NAME"
                    + " (see: puffs help dev)");
        } else if (words.size() < 2 || first.equals("list") || first.equals("remove")) {
            throw Failure.usage("say puffs dev TYPE [ARGUMENT]... NAME, puffs dev list, or puffs dev remove [-f] NAME"
                    + " (see: puffs help dev)");
        } else {
            new DevCommand(words, flags.indexOf("v") >= 0).serve(ready, out);
        }
    }

    private void serve(Ready ready, PrintStream out) throws Failure, IOException, InterruptedException {
        if (words.getLast().isEmpty()) {
            throw Failure.usage("the NAME of a device cannot be empty");
        }
        CharDevice device = character(words.getFirst(), words.subList(1, words.size() - 1));
        try (Device served = device == null ? block() : character(device)) {
            out.println(served.path());
            out.flush();
            Log.start(ready.isAwaited(), verbose);
            try (var _ = served.onSignals(ready.isAwaited())) {
                ready.ok();
                served.await();
            }
        }
    }

    private static @Nullable CharDevice character(String type, List<String> arguments) throws Failure, IOException {
        String argument = type.equals("log") ? " FILE" : type.equals("remote-serial") ? " URL" : "";
        if (CHARACTER.contains(type) && arguments.size() != (argument.isEmpty() ? 0 : 1)) {
            throw Failure.usage("say puffs dev " + type + argument + " NAME (see: puffs help dev)");
        }
        return switch (type) {
            case "null" -> new NullDevice();
            case "zero" -> new ZeroDevice();
            case "random" -> new RandomDevice();
            case "echo" -> new EchoDevice();
            case "toggle" -> new ToggleDevice();
            case "log" -> log(arguments.getFirst());
            case "remote-serial" -> remoteSerial(arguments.getFirst());
            default -> null;
        };
    }

    private static CharDevice log(String file) throws Failure {
        try {
            return new LogDevice(Files.newOutputStream(Path.of(file), CREATE, APPEND), Clock.systemUTC());
        } catch (IOException e) {
            throw new Failure(ExitCode.MOUNT, "cannot write the log: " + Reason.of(e));
        }
    }

    private static CharDevice remoteSerial(String url) throws Failure {
        try {
            return RemoteSerialDevice.of(url);
        } catch (IOException e) {
            throw Failure.usage(Reason.of(e));
        }
    }

    private Device character(CharDevice device) throws Failure {
        String name = words.getLast();
        Path path = Devices.path(name);
        boolean root = Sys.geteuid() == 0;
        MountOptions options =
                MountOptions.defaults().withFsname(words.getFirst()).withAllowOther(root);
        try {
            if (!name.contains("/") && DeviceServer.hasCuse()) {
                return new Device(DeviceServer.serveCuse(name, device, 0666));
            }
            return new Device(DeviceServer.serve(path, device, root ? 0666 : 0600, options));
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private Device block() throws Failure {
        String spec = spec();
        BlockDevice device = Devices.open(spec, false, CHARACTER);
        try {
            return Devices.serve(words.getLast(), device, spec);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private Failure failure(IOException cause) {
        return new Failure(ExitCode.MOUNT, "cannot make device " + words.getLast() + ": " + Reason.of(cause));
    }

    /// `ram size=1G` is `ram,size=1G`, `cow disk.img` is `cow:disk.img`.
    private String spec() {
        var spec = new StringBuilder(words.getFirst());
        for (String word : words.subList(1, words.size() - 1)) {
            boolean option = word.matches("[a-z]+=.*");
            spec.append(option ? ',' : ':').append(word);
        }
        return spec.toString();
    }
}
