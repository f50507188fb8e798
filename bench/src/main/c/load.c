// SPDX-License-Identifier: BSD-2-Clause
//
// load: the client side of "puffs bench". It does one thing over and over and says how long it took:
//
//   load OP PATH CLIENTS MILLIS     OP is stat, miss, create, open, readdir, randread, directread, seqread or seqwrite;
//                                   PATH a directory that holds f0 to f15, for the last three a file
//   load run STATPATH COMMAND...    runs COMMAND once, its output dropped, then stats STATPATH unless that is "-"
//
// It prints one line, "ops=N ns=N p50=N p99=N": operations by all clients together, the wall time they took, and
// percentiles of the time of one of them. CLIENTS processes start together. Status 1 and a message on any error.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CLIENTS = 16, MAX_SAMPLES = 1 << 20, FILES = 16, SMALL = 4096, BIG = 1 << 20 };

struct client {
	const char *path;
	int number;
	int fd;
	uint64_t random;
	uint64_t blocks; // of the operation's size, in the file
	char *buffer;
	char name[4096];
};

struct result {
	uint64_t ops, nanos;
	uint32_t samples[MAX_SAMPLES]; // nanoseconds
};

struct shared {
	pthread_barrier_t start;
	struct result results[MAX_CLIENTS];
};

static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

// xorshift64: the same sequence in each run.
static uint64_t next(struct client *c)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	return c->random;
}

// A name in the directory, by its whole path, as programs say it: the way there is part of the work.
static const char *at(struct client *c, const char *format, uint64_t i)
{
	int length = snprintf(c->name, sizeof c->name, "%s/", c->path);
	snprintf(c->name + length, sizeof c->name - length, format, c->number, (unsigned long long)i);
	return c->name;
}

static const char *existing(struct client *c, uint64_t i)
{
	snprintf(c->name, sizeof c->name, "%s/f%d", c->path, (int)(i % FILES));
	return c->name;
}

static void op_stat(struct client *c, uint64_t i)
{
	struct stat st;
	if (lstat(existing(c, i), &st) < 0)
		fail(c->name);
}

static void op_miss(struct client *c, uint64_t i)
{
	struct stat st;
	if (lstat(at(c, "none%d-%llu", i % FILES), &st) == 0)
		errno = EEXIST;
	if (errno != ENOENT)
		fail(c->name);
}

static void op_create(struct client *c, uint64_t i)
{
	int fd = open(at(c, "new%d-%llu", i), O_CREAT | O_EXCL | O_WRONLY, 0644);
	if (fd < 0 || close(fd) < 0 || unlink(c->name) < 0)
		fail(c->name);
}

static void op_open(struct client *c, uint64_t i)
{
	int fd = open(existing(c, i), O_RDONLY);
	if (fd < 0 || close(fd) < 0)
		fail(c->name);
}

static void op_readdir(struct client *c, uint64_t i)
{
	(void)i;
	DIR *d = opendir(c->path);
	if (!d)
		fail("opendir");
	errno = 0;
	int count = 0;
	while (readdir(d))
		count++;
	if (errno || count < 3)
		fail("readdir");
	closedir(d);
}

static void op_randread(struct client *c, uint64_t i)
{
	(void)i;
	if (pread(c->fd, c->buffer, SMALL, next(c) % c->blocks * SMALL) != SMALL)
		fail("read of 4 KiB");
}

static void op_seqread(struct client *c, uint64_t i)
{
	if (pread(c->fd, c->buffer, BIG, i % c->blocks * BIG) != BIG)
		fail("read of 1 MiB");
}

static void op_seqwrite(struct client *c, uint64_t i)
{
	if (pwrite(c->fd, c->buffer, BIG, i % c->blocks * BIG) != BIG)
		fail("write of 1 MiB");
}

static const struct op {
	const char *name;
	void (*run)(struct client *, uint64_t);
	int flags;   // of open(2) of the path; each client holds it open
	size_t size; // of a read or write, 0 for the others
} ops[] = {
	{ "stat", op_stat, O_PATH, 0 },
	{ "miss", op_miss, O_PATH, 0 },
	{ "create", op_create, O_PATH, 0 },
	{ "open", op_open, O_PATH, 0 },
	{ "readdir", op_readdir, O_PATH, 0 },
	{ "randread", op_randread, O_RDONLY, SMALL },
	{ "directread", op_randread, O_RDONLY | O_DIRECT, SMALL },
	{ "seqread", op_seqread, O_RDONLY, BIG },
	{ "seqwrite", op_seqwrite, O_WRONLY, BIG },
};

static void work(const struct op *op, struct client *c, struct shared *shared, uint64_t limit)
{
	struct result *r = &shared->results[c->number];
	c->random = 88172645463325252ULL + c->number;
	c->fd = open(c->path, op->flags | O_CLOEXEC);
	if (c->fd < 0 || posix_memalign((void **)&c->buffer, SMALL, BIG))
		fail(c->path);
	memset(c->buffer, 'x', BIG);
	if (op->size) {
		c->blocks = lseek(c->fd, 0, SEEK_END) / op->size;
		if (c->blocks == 0)
			fail("file too small");
	}
	pthread_barrier_wait(&shared->start);
	uint64_t begin = now(), before = begin, i = 0;
	do {
		op->run(c, i);
		uint64_t after = now();
		r->samples[i % MAX_SAMPLES] = after - before;
		before = after;
		i++;
	} while (before - begin < limit);
	r->ops = i;
	r->nanos = before - begin;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static void print(struct shared *shared, int clients)
{
	uint64_t all = 0, nanos = 0, count = 0;
	uint32_t *samples = malloc(sizeof *samples * MAX_SAMPLES * clients);
	if (!samples)
		fail("malloc");
	for (int n = 0; n < clients; n++) {
		struct result *r = &shared->results[n];
		uint64_t kept = r->ops < MAX_SAMPLES ? r->ops : MAX_SAMPLES;
		memcpy(samples + count, r->samples, kept * sizeof *samples);
		count += kept;
		all += r->ops;
		nanos = r->nanos > nanos ? r->nanos : nanos;
	}
	qsort(samples, count, sizeof *samples, by_value);
	printf("ops=%llu ns=%llu p50=%u p99=%u\n", (unsigned long long)all, (unsigned long long)nanos,
	       samples[count / 2], samples[count * 99 / 100]);
}

static void repeat(const struct op *op, const char *path, int clients, uint64_t limit)
{
	struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		fail("mmap");
	pthread_barrierattr_t attr;
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->start, &attr, clients);
	pid_t parent = getpid();
	for (int n = 0; n < clients; n++) {
		pid_t pid = fork();
		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(1);
			struct client c = { .path = path, .number = n };
			work(op, &c, shared, limit);
			_exit(0);
		}
	}
	for (int n = 0; n < clients; n++) {
		int status;
		// The others may wait at the barrier for one that failed: they end with us.
		if (wait(&status) < 0 || status != 0)
			exit(1);
	}
	print(shared, clients);
}

static void run(const char *stat_path, char **argv)
{
	extern char **environ;
	pid_t pid;
	int status;
	struct stat st;
	uint64_t begin = now();
	posix_spawn_file_actions_t quiet;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	errno = posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ);
	if (errno)
		fail(argv[0]);
	if (waitpid(pid, &status, 0) < 0 || status != 0) {
		fprintf(stderr, "load: %s ended with status %d\n", argv[0], WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		exit(1);
	}
	if (strcmp(stat_path, "-") != 0 && stat(stat_path, &st) < 0)
		fail(stat_path);
	uint64_t nanos = now() - begin;
	printf("ops=1 ns=%llu p50=%llu p99=%llu\n", (unsigned long long)nanos, (unsigned long long)nanos,
	       (unsigned long long)nanos);
}

int main(int argc, char **argv)
{
	if (argc >= 4 && strcmp(argv[1], "run") == 0) {
		run(argv[2], argv + 3);
		return 0;
	}
	for (size_t i = 0; argc == 5 && i < sizeof ops / sizeof *ops; i++) {
		int clients = atoi(argv[3]), millis = atoi(argv[4]);
		if (strcmp(ops[i].name, argv[1]) == 0 && clients > 0 && clients <= MAX_CLIENTS && millis > 0) {
			repeat(&ops[i], argv[2], clients, millis * 1000000ULL);
			return 0;
		}
	}
	fprintf(stderr, "usage: load OP PATH CLIENTS MILLIS | load run STATPATH COMMAND...\n");
	return 2;
}
