// The loop, the listeners, and the agent's pool of links:
//   relay PORT PEM JOURNAL      gateway PORT RELAY-PORT      agent RELAY-PORT PEM LISTEN:RESOURCE ...
#include "tunnel.h"
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>

enum { READY = 2, MAX_READY = 32, MAX_DIALS = 32, LISTENERS = 16, CLIENTS = 65536, EVENTS = 256 };

struct listener {
  int fd, resource;
};

enum role role;
static int epoll, relay_port, durable; // `durable`: lines of the journal are
static struct listener listening[LISTENERS];
static struct side *again, *dead;

static struct side *ready[MAX_READY];
static int ready_count, dials;
static struct listener clients[CLIENTS]; // connections that wait for a link, from `clients_from` on
static unsigned clients_from, clients_until;

void fail(const char *what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return address;
}

int dial(int port) {
  struct sockaddr_in to = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) fail("connect");
  return fd;
}

static void await(int fd, int events, void *data) {
  struct epoll_event event = {.events = events, .data.ptr = data};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

void watch(struct end *end, int fd, struct side *of) {
  int one = 1;
  *end = (struct end){.fd = fd, .readable = true, .of = of};
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  await(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, end);
}

static struct side *new_side(void) {
  struct side *side = calloc(1, sizeof *side);
  side->link.fd = side->plain.fd = -1;
  return side;
}

void run_again(struct side *side) {
  if (side->queued || side->dead) return;
  side->queued = true;
  side->next = again;
  again = side;
}

// Ends a link. It is freed at the end of the turn, because an event may still name it.
void bury(struct side *side) {
  if (side->dead) return;
  side->dead = true;
  if (side->link.fd >= 0) close(side->link.fd);
  if (side->plain.fd >= 0) close(side->plain.fd);
  for (int i = ready_count - 1; i >= 0; i--)
    if (ready[i] == side) ready[i] = ready[--ready_count];
  if (role == AGENT && !side->handshaken) dials--;
  side->next_dead = dead;
  dead = side;
}

static void free_dead(void) {
  struct side *side = dead, *next;
  for (dead = NULL; side; side = next) {
    next = side->next_dead;
    if (side->queued || side->in_journal) { // later
      side->next_dead = dead;
      dead = side;
      continue;
    }
    SSL_free(side->ssl);
    for (int i = 0; i < 4; i++)
      if (side->piped[i / 2] > 0) close(side->pipes[i / 2][i % 2]);
    free(side->waiting);
    free(side->out);
    free(side);
  }
}

// ── the agent: every connection gets a ready link, or waits for one ──

static void dial_links(void) {
  int waiting = (int)(clients_until - clients_from);
  while ((dials < waiting && dials < MAX_DIALS) || ready_count + dials < READY) {
    dials++;
    begin_link(new_side(), dial(relay_port), true);
  }
}

static void serve_clients(void) {
  while (ready_count > 0 && clients_from != clients_until) {
    struct listener client = clients[clients_from++ % CLIENTS];
    request_session(ready[--ready_count], client.fd, client.resource);
  }
  dial_links();
}

// A link whose session has ended, or whose handshake has, is used again or kept.
void link_is_ready(struct side *side) {
  if (ready_count == MAX_READY) return bury(side);
  ready[ready_count++] = side;
  serve_clients();
}

void link_is_new(struct side *side) {
  dials--;
  link_is_ready(side);
}

static void accept_one(struct listener *listener) {
  int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK);
  if (fd < 0) return;
  if (role == RELAY) return begin_link(new_side(), fd, false);
  if (role == GATEWAY) return join(new_side(), fd, dial(relay_port));
  if (clients_until - clients_from == CLIENTS) fail("too many clients wait");
  clients[clients_until++ % CLIENTS] = (struct listener){fd, listener->resource};
  serve_clients();
}

static void listen_at(struct listener *listener, int port, int resource) {
  int one = 1;
  struct sockaddr_in address = loopback(port);
  *listener = (struct listener){socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), resource};
  setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener->fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener->fd, 4096) < 0) fail("listen");
  await(listener->fd, EPOLLIN, listener);
}

static void run(struct side *side) {
  if (role == GATEWAY) run_joined(side);
  else run_link(side);
}

static void confirm_recorded(void) {
  struct side *side = take_recorded(), *next;
  for (; side; side = next) {
    next = side->next_recorded;
    side->in_journal = false;
    if (!side->dead) confirm_session(side);
  }
}

static void turn(void) {
  struct epoll_event events[EVENTS];
  int count = epoll_wait(epoll, events, EVENTS, again ? 0 : -1);
  struct side *later = again, *next;
  for (again = NULL; later; later = next) {
    next = later->next;
    later->queued = false;
    run(later);
  }
  for (int i = 0; i < count; i++) {
    struct end *end = events[i].data.ptr;
    struct listener *listener = events[i].data.ptr;
    if (listener >= listening && listener < listening + LISTENERS) accept_one(listener);
    else if (events[i].data.ptr == &durable) confirm_recorded();
    else {
      end->writable |= (events[i].events & EPOLLOUT) != 0;
      end->readable |= (events[i].events & ~EPOLLOUT) != 0;
      end->ending |= (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
      run(end->of);
    }
  }
  free_dead();
}

int main(int argc, char **argv) {
  const char *kind = argc > 3 ? argv[1] : "";
  signal(SIGPIPE, SIG_IGN);
  mallopt(M_MMAP_THRESHOLD, 1 << 25); // the buffers of a turn are used again, not unmapped
  mallopt(M_TRIM_THRESHOLD, 1 << 25);
  epoll = epoll_create1(0);
  if (strcmp(kind, "relay") == 0 && argc == 5) {
    role = RELAY;
    secure(argv[3], true);
    durable = open_journal(argv[4]);
    await(durable, EPOLLIN | EPOLLET, &durable);
    listen_at(listening, atoi(argv[2]), 0);
  } else if (strcmp(kind, "gateway") == 0 && argc == 4) {
    role = GATEWAY;
    relay_port = atoi(argv[3]);
    listen_at(listening, atoi(argv[2]), 0);
  } else if (strcmp(kind, "agent") == 0 && argc > 4 && argc <= 4 + LISTENERS) {
    role = AGENT;
    relay_port = atoi(argv[2]);
    secure(argv[3], false);
    for (int i = 4; i < argc; i++) {
      char *resource = strchr(argv[i], ':');
      if (resource == NULL) return 2;
      listen_at(&listening[i - 4], atoi(argv[i]), atoi(resource + 1));
    }
    dial_links();
  } else {
    fprintf(stderr, "relay PORT PEM JOURNAL, gateway PORT RELAY-PORT, or agent RELAY-PORT PEM LISTEN:RESOURCE ...\n");
    return 2;
  }
  for (;;) turn();
}
