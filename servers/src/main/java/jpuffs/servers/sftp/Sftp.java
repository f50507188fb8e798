// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.sftp;

/// The numbers of SFTP version 3 (draft-ietf-secsh-filexfer-02) and the names of OpenSSH's extensions (its
/// `PROTOCOL`, section 4).
public final class Sftp {
    /// The version spoken here.
    public static final int PROTOCOL = 3;

    // Packet types, section 3
    public static final int INIT = 1;
    public static final int VERSION = 2;
    public static final int OPEN = 3;
    public static final int CLOSE = 4;
    public static final int READ = 5;
    public static final int WRITE = 6;
    public static final int LSTAT = 7;
    public static final int FSTAT = 8;
    public static final int SETSTAT = 9;
    public static final int FSETSTAT = 10;
    public static final int OPENDIR = 11;
    public static final int READDIR = 12;
    public static final int REMOVE = 13;
    public static final int MKDIR = 14;
    public static final int RMDIR = 15;
    public static final int REALPATH = 16;
    public static final int STAT = 17;
    public static final int RENAME = 18;
    public static final int READLINK = 19;
    public static final int SYMLINK = 20;
    public static final int STATUS = 101;
    public static final int HANDLE = 102;
    public static final int DATA = 103;
    public static final int NAME = 104;
    public static final int ATTRS = 105;
    public static final int EXTENDED = 200;
    public static final int EXTENDED_REPLY = 201;

    // Status codes, section 7
    public static final int OK = 0;
    public static final int EOF = 1;
    public static final int NO_SUCH_FILE = 2;
    public static final int PERMISSION_DENIED = 3;
    public static final int FAILURE = 4;
    public static final int BAD_MESSAGE = 5;
    public static final int NO_CONNECTION = 6;
    public static final int CONNECTION_LOST = 7;
    public static final int OP_UNSUPPORTED = 8;

    // Flags of OPEN, section 6.3
    public static final int FXF_READ = 1;
    public static final int FXF_WRITE = 2;
    public static final int FXF_APPEND = 4;
    public static final int FXF_CREAT = 8;
    public static final int FXF_TRUNC = 0x10;
    public static final int FXF_EXCL = 0x20;

    public static final String POSIX_RENAME = "posix-rename@openssh.com";
    public static final String STATVFS = "statvfs@openssh.com";
    public static final String HARDLINK = "hardlink@openssh.com";
    public static final String FSYNC = "fsync@openssh.com";
    public static final String LSETSTAT = "lsetstat@openssh.com";
    public static final String LIMITS = "limits@openssh.com";
    public static final String EXPAND_PATH = "expand-path@openssh.com";
    public static final String COPY_DATA = "copy-data";
    public static final String USERS_GROUPS = "users-groups-by-id@openssh.com";

    private Sftp() {}
}
