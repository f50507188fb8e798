// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

/// Offsets and numbers of `include/uapi/linux/io_uring.h`.
final class UringRec {
    // struct io_uring_params
    static final int PARAMS_SIZE = 120;
    static final int PARAMS_SQ_ENTRIES = 0;
    static final int PARAMS_CQ_ENTRIES = 4;
    static final int PARAMS_FLAGS = 8;
    static final int PARAMS_FEATURES = 20;
    static final int PARAMS_SQ_OFF = 40;
    static final int PARAMS_CQ_OFF = 80;

    // struct io_sqring_offsets, struct io_cqring_offsets
    static final int OFF_HEAD = 0;
    static final int OFF_TAIL = 4;
    static final int OFF_RING_MASK = 8;
    static final int SQ_OFF_ARRAY = 24;
    static final int CQ_OFF_OVERFLOW = 16;
    static final int CQ_OFF_CQES = 20;

    // struct io_uring_sqe, with the 64 bytes more of IORING_SETUP_SQE128
    static final int SQE_SIZE = 128;
    static final int SQE_OPCODE = 0;
    static final int SQE_FLAGS = 1;
    static final int SQE_FD = 4;
    static final int SQE_OFF = 8;
    static final int SQE_CMD_OP = 8;
    static final int SQE_ADDR = 16;
    static final int SQE_LEN = 24;
    static final int SQE_POLL_EVENTS = 28;
    static final int SQE_USER_DATA = 32;
    static final int SQE_CMD = 48;

    // struct io_uring_cqe
    static final int CQE_SIZE = 16;
    static final int CQE_USER_DATA = 0;
    static final int CQE_RES = 8;
    static final int CQE_FLAGS = 12;

    // struct io_uring_getevents_arg
    static final int GETEVENTS_SIZE = 24;
    static final int GETEVENTS_TS = 16;

    // struct io_uring_rsrc_update
    static final int RSRC_UPDATE_DATA = 8;

    static final int OP_NOP = 0;
    static final int OP_POLL_ADD = 6;
    static final int OP_ASYNC_CANCEL = 14;
    static final int OP_READ = 22;
    static final int OP_WRITE = 23;
    static final int OP_URING_CMD = 46;
    static final int IOSQE_FIXED_FILE = 1;
    static final int IOSQE_CQE_SKIP_SUCCESS = 1 << 6;
    static final int POLL_ADD_MULTI = 1;

    static final int SETUP_SUBMIT_ALL = 1 << 7;
    static final int SETUP_SQE128 = 1 << 10;
    static final int FEAT_SINGLE_MMAP = 1;
    static final int FEAT_EXT_ARG = 1 << 8;

    static final int ENTER_GETEVENTS = 1;
    static final int ENTER_EXT_ARG = 1 << 3;
    static final int ENTER_REGISTERED_RING = 1 << 4;

    static final int REGISTER_FILES = 2;
    static final int REGISTER_RING_FDS = 20;
    static final int UNREGISTER_RING_FDS = 21;

    static final long MMAP_RINGS = 0;
    static final long MMAP_SQES = 0x10000000L;

    private UringRec() {}
}
