// What the data plane would cost in native code: agent, gateway and relay in C with OpenSSL, a thread each, and one for the journal.
// Built and run by bench/peers.mjs as one more peer; not a part of Sluice.
//
// As in Sluice: mutual TLS 1.3, links that are kept ready and carry one session after another, the same frames, a dial, and a line of
// the journal for each session that opens or ends, chained by SHA-256, the first of them durable before `opened` is sent.
// Not as in Sluice: no policy, preamble, facts, owner of a socket or limits. A port is name and address of a resource, and whatever goes
// wrong ends the link.
#define _GNU_SOURCE
#include <errno.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { QUEUE = 256 * 1024, ROUNDS = 8 }; // bytes that may wait for a socket; reads of one connection in one turn

// A socket, as the edges of epoll have left it.
struct end {
  int fd;
  bool readable, writable, ending; // ending: nothing follows what can be read
  struct side *of;
};

// A link in one process, with the session on it. At a gateway, two sockets that are joined.
struct side {
  struct end link, plain;
  bool handshaken, dead, queued;
  SSL *ssl;
  unsigned char *out; // ciphertext that is not written yet, from `out_at` on
  size_t out_at, out_until;
  // the session
  int resource;
  bool recorded, in_journal, opened, ended_here, ended_there, shut, settled_here, settled_there;
  uint64_t sent, received;
  char request[512];
  unsigned char *waiting; // plaintext that the plain socket does not take yet, from `waiting_at` on
  size_t waiting_at, waiting_length;
  // the frame that is being read
  unsigned char head[4];
  int head_length, type;
  size_t left, body_length;
  // at a gateway, by direction: a pipe, and how many bytes are in it
  int pipes[2][2];
  size_t piped[2];
  // lists: of those to be run again, of those whose line is being written, of the dead
  struct side *next, *next_recorded, *next_dead;
};

// main.c
extern enum role { AGENT, GATEWAY, RELAY } role;
void fail(const char *what);
int dial(int port);
void watch(struct end *end, int fd, struct side *of);
void run_again(struct side *side);
void bury(struct side *side);
void link_is_ready(struct side *side); // at the agent, as the next
void link_is_new(struct side *side);

// journal.c
int open_journal(const char *file); // the descriptor that becomes readable when lines have become durable
void record(struct side *side, const char *kind, bool waits);
struct side *take_recorded(void);

// link.c
void secure(const char *pem, bool server);
void begin_link(struct side *side, int fd, bool client);
void request_session(struct side *side, int fd, int resource);
void confirm_session(struct side *side);
void run_link(struct side *side);

// gateway.c
void join(struct side *side, int from, int to);
void run_joined(struct side *side);
