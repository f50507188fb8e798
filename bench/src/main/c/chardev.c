// SPDX-License-Identifier: BSD-2-Clause
// chardev SECONDS DEVICE: how long a read(2) and a write(2) of 4 KiB take, in microseconds: "READ WRITE".
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 4096, BATCH = 16 };

static char bytes[SIZE];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static double measure(int fd, double seconds, int writes)
{
	double start = now(), end = start;
	long done = 0;

	while (end - start < seconds) {
		for (int i = 0; i < BATCH; i++)
			if ((writes ? write(fd, bytes, SIZE) : read(fd, bytes, SIZE)) != SIZE)
				err(1, writes ? "write" : "read");
		done += BATCH;
		end = now();
	}
	return (end - start) / done * 1e6;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: chardev SECONDS DEVICE");
	int fd = open(argv[2], O_RDWR);
	if (fd < 0)
		err(1, "%s", argv[2]);
	memset(bytes, 'x', SIZE);
	double seconds = atof(argv[1]);
	double writing = measure(fd, seconds, 1); // first: what is read has to be there
	double reading = measure(fd, seconds, 0);
	printf("%.2f %.2f\n", reading, writing);
	return 0;
}
