// The client's side of a bench, and the service at the far end, with next to no cost of their own; load.mjs does the same where no
// compiler is. Built by measure.mjs. Each kind writes one line of JSON.
//   serve                            echoes what it gets, at a free port of loopback, which it writes first
//   sessions PORT COUNT [PAUSE_MS]   one after the other: connect, one byte, its echo, close; microseconds each
//   cold PORT COUNT                  as sessions, but none is closed before the last is open
//   echo PORT COUNT                  one connection: 64 bytes to and fro; microseconds each
//   rate PORT SECONDS PARALLEL       sessions as fast as they go
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE = 64, EVENTS = 256 };

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int new_socket(int flags) {
  int one = 1, fd = socket(AF_INET, SOCK_STREAM | flags, 0);
  if (fd < 0) fail("socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

// Opens a session: returns when the echo of its first byte is there.
static int open_session(int port) {
  struct sockaddr_in address = loopback(port);
  char byte = 'x';
  int fd = new_socket(0);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  if (write(fd, &byte, 1) != 1) fail("write");
  if (read(fd, &byte, 1) != 1) fail("a session ended before its echo");
  return fd;
}

// Ends a session in order: our end first, then the other's.
static void close_session(int fd) {
  char rest[64];
  shutdown(fd, SHUT_WR);
  while (read(fd, rest, sizeof rest) > 0);
  close(fd);
}

static int ascending(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return d < 0 ? -1 : d > 0;
}

static void report(double *took, int count) {
  qsort(took, count, sizeof *took, ascending);
  printf("{\"p50\":%.1f,\"p99\":%.1f}\n", took[count / 2], took[(int)(count * 0.99)]);
}

static void sessions(int port, int count, int pause_ms) {
  double *took = calloc(count, sizeof *took);
  for (int i = 0; i < count; i++) {
    double from = now_us();
    int fd = open_session(port);
    took[i] = now_us() - from;
    close_session(fd);
    if (pause_ms > 0) usleep(pause_ms * 1000);
  }
  report(took, count);
}

static void cold(int port, int count) {
  double *took = calloc(count, sizeof *took);
  int *held = calloc(count, sizeof *held);
  for (int i = 0; i < count; i++) {
    double from = now_us();
    held[i] = open_session(port);
    took[i] = now_us() - from;
  }
  for (int i = 0; i < count; i++) close_session(held[i]);
  report(took, count);
}

static void echo(int port, int count) {
  double *took = calloc(count, sizeof *took);
  char message[MESSAGE] = {7};
  int fd = open_session(port);
  for (int i = 0; i < count; i++) {
    double from = now_us();
    if (write(fd, message, MESSAGE) != MESSAGE) fail("write");
    for (int left = MESSAGE; left > 0;) {
      ssize_t got = read(fd, message, left);
      if (got <= 0) fail("the echo ended");
      left -= got;
    }
    took[i] = now_us() - from;
  }
  close_session(fd);
  report(took, count);
}

// One of the sessions of `rate`: connecting, then waiting for its echo, then for the other's end.
struct slot {
  int fd;
  enum { CONNECTING, ECHOING, ENDING } state;
};

static void begin(struct slot *slot, int port, int epoll) {
  struct sockaddr_in address = loopback(port);
  slot->fd = new_socket(SOCK_NONBLOCK);
  slot->state = CONNECTING;
  if (connect(slot->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) fail("connect");
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = slot};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, slot->fd, &event) < 0) fail("epoll_ctl");
}

static void rate(int port, double seconds, int parallel) {
  int epoll = epoll_create1(0), running = parallel;
  long done = 0, failed = 0;
  double until = now_us() + seconds * 1e6;
  struct slot *slots = calloc(parallel, sizeof *slots);
  for (int i = 0; i < parallel; i++) begin(&slots[i], port, epoll);
  while (running > 0) {
    struct epoll_event ready[EVENTS];
    int count = epoll_wait(epoll, ready, EVENTS, 10000);
    if (count == 0) {
      failed += running; // nothing moves any more
      break;
    }
    for (int i = 0; i < count; i++) {
      struct slot *slot = ready[i].data.ptr;
      char byte = 'x';
      ssize_t got = 0;
      if (slot->state == CONNECTING) {
        if (write(slot->fd, &byte, 1) == 1) {
          struct epoll_event event = {.events = EPOLLIN, .data.ptr = slot};
          epoll_ctl(epoll, EPOLL_CTL_MOD, slot->fd, &event);
          slot->state = ECHOING;
          continue;
        }
        got = -1;
      } else if (slot->state == ECHOING) {
        got = read(slot->fd, &byte, 1);
        if (got < 0 && errno == EAGAIN) continue;
        if (got == 1) {
          shutdown(slot->fd, SHUT_WR);
          slot->state = ENDING;
          continue;
        }
        got = -1;
      } else {
        got = read(slot->fd, &byte, 1);
        if (got < 0 && errno == EAGAIN) continue;
      }
      if (got == 0) done++;
      else failed++;
      close(slot->fd);
      if (now_us() < until) begin(slot, port, epoll);
      else running--;
    }
  }
  printf("{\"done\":%ld,\"failed\":%ld,\"perSecond\":%.1f}\n", done, failed, done / seconds);
}

static void serve(void) {
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  int listener = new_socket(SOCK_NONBLOCK), epoll = epoll_create1(0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1024) < 0) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    struct epoll_event ready[EVENTS];
    int count = epoll_wait(epoll, ready, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      int fd = ready[i].data.fd;
      if (fd == listener) {
        while ((fd = accept4(listener, NULL, NULL, 0)) >= 0) {
          int one = 1;
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          struct epoll_event more = {.events = EPOLLIN, .data.fd = fd};
          epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &more);
        }
        continue;
      }
      char bytes[65536];
      ssize_t got = read(fd, bytes, sizeof bytes);
      if (got <= 0 || write(fd, bytes, got) != got) close(fd);
    }
  }
}

int main(int argc, char **argv) {
  const char *kind = argc > 1 ? argv[1] : "";
  int given[3] = {0};
  for (int i = 0; i < 3 && i + 2 < argc; i++) given[i] = atoi(argv[i + 2]);
  if (strcmp(kind, "serve") == 0) serve();
  else if (strcmp(kind, "sessions") == 0) sessions(given[0], given[1], given[2]);
  else if (strcmp(kind, "cold") == 0) cold(given[0], given[1]);
  else if (strcmp(kind, "echo") == 0) echo(given[0], given[1]);
  else if (strcmp(kind, "rate") == 0) rate(given[0], given[1], given[2]);
  else {
    fprintf(stderr, "load: there is no kind \"%s\"\n", kind);
    return 2;
  }
  return 0;
}
