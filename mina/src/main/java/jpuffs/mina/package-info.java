/// What psshfs starts where there is no ssh: a program that takes the few arguments of ssh(1) that psshfs gives,
/// and connects its standard input and output with a subsystem or a command of the server, by Apache MINA SSHD.
///
/// It is a program and no library, with jars of its own that nothing else sees: those of MINA share packages, so
/// they cannot be modules; and a mount that does not need them starts without them. What goes wrong is one line on
/// the standard error and the exit status 255, as with ssh.
@NullMarked
package jpuffs.mina;

import org.jspecify.annotations.NullMarked;
