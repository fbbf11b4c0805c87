// A link: TLS, frames, and the session that it carries.
#include "tunnel.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { OPEN = 1, OPENED, REFUSED, DATA, END, RESET, SETTLED };
enum { HEAD = 4, RECORD = 16384, CONTROL = 4096, LONGEST = 65536 };
enum { BODY = 4 * RECORD - HEAD, READS = 8 * RECORD, PIECES = 16 }; // a body fills four records with its head
enum { OUT = QUEUE + 2 * LONGEST }; // room for ciphertext: what may wait, and what one read adds to it

static SSL_CTX *context;
static BIO_METHOD *socket_method;
static unsigned char scratch[READS];
static unsigned char *spare; // a buffer for ciphertext that nobody needs

// Reads ciphertext, and does not ask a socket that has just given less than it was asked for.
static int read_socket(BIO *bio, char *bytes, int length) {
  struct side *side = BIO_get_data(bio);
  ssize_t got = -1;
  BIO_clear_retry_flags(bio);
  if (side->link.readable) {
    got = read(side->link.fd, bytes, length);
    if (got < 0 && errno != EAGAIN) return -1;
    if (got < length) side->link.readable = got >= 0 && side->link.ending;
  }
  if (got < 0) BIO_set_retry_read(bio);
  return (int)got;
}

// Keeps ciphertext for `flush`.
static int keep(BIO *bio, const char *bytes, int length) {
  struct side *side = BIO_get_data(bio);
  if (side->out == NULL) {
    side->out = spare ? spare : malloc(OUT);
    spare = NULL;
  }
  if (side->out_until + length > OUT) {
    memmove(side->out, side->out + side->out_at, side->out_until -= side->out_at);
    side->out_at = 0;
  }
  memcpy(side->out + side->out_until, bytes, length);
  side->out_until += length;
  return length;
}

static long control(BIO *bio, int command, long number, void *pointer) {
  return (void)bio, (void)number, (void)pointer, command == BIO_CTRL_FLUSH;
}

void secure(const char *pem, bool server) {
  context = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, READS);
  if (SSL_CTX_use_certificate_file(context, pem, SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, pem, SSL_FILETYPE_PEM) != 1 || SSL_CTX_load_verify_file(context, pem) != 1)
    fail(pem);
  socket_method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket");
  BIO_meth_set_read(socket_method, read_socket);
  BIO_meth_set_write(socket_method, keep);
  BIO_meth_set_ctrl(socket_method, control);
}

void begin_link(struct side *side, int fd, bool client) {
  BIO *bio = BIO_new(socket_method);
  BIO_set_data(bio, side);
  BIO_set_init(bio, 1);
  side->ssl = SSL_new(context);
  SSL_set_bio(side->ssl, bio, bio);
  if (client) SSL_set_connect_state(side->ssl);
  else SSL_set_accept_state(side->ssl);
  watch(&side->link, fd, side);
}

// ── out: frames are encrypted into `out`, and leave together ──

static size_t queued(struct side *side) { return side->out_until - side->out_at; }

static void flush(struct side *side) {
  while (queued(side) > 0 && side->link.writable) {
    ssize_t wrote = write(side->link.fd, side->out + side->out_at, queued(side));
    if (wrote < 0 && errno != EAGAIN) return bury(side);
    if (wrote < 0) side->link.writable = false;
    else side->out_at += wrote;
  }
  if (queued(side) > 0 || side->out == NULL) return;
  if (spare) free(side->out);
  else spare = side->out;
  side->out = NULL;
  side->out_at = side->out_until = 0;
}

// Encrypts a frame whose body lies behind room for its head.
static void put(struct side *side, int type, unsigned char *frame, size_t length) {
  uint32_t head = htonl((uint32_t)type << 24 | (uint32_t)length);
  memcpy(frame, &head, HEAD);
  if (SSL_write(side->ssl, frame, (int)length + HEAD) <= 0) bury(side);
}

static void say(struct side *side, int type, const char *body) {
  unsigned char frame[HEAD + CONTROL];
  size_t length = strlen(body);
  memcpy(frame + HEAD, body, length);
  put(side, type, frame, length);
}

// ── a session: open, opened, data both ways, an end of each direction, settled at both ends ──

void request_session(struct side *side, int fd, int resource) {
  static unsigned number;
  watch(&side->plain, fd, side);
  snprintf(side->request, sizeof side->request,
           "{\"resourceId\":%d,\"requestId\":\"%032u\",\"attempt\":1,\"sharedListener\":false}", resource, ++number);
  say(side, OPEN, side->request);
  flush(side);
}

void confirm_session(struct side *side) {
  side->opened = true;
  say(side, OPENED, "{}");
  flush(side);
  run_link(side);
}

static void settle(struct side *side) {
  if (!side->settled_here || !side->settled_there) return;
  if (role == RELAY) record(side, "closed", false);
  side->recorded = side->opened = side->ended_here = side->ended_there = side->shut = false;
  side->settled_here = side->settled_there = false;
  side->sent = side->received = 0;
  if (role == AGENT) link_is_ready(side);
}

// Passes on the end of a direction; once both have ended and everything was delivered, says so.
static void finish(struct side *side) {
  char counts[96];
  if (side->ended_there && !side->shut && side->waiting_length == 0) {
    side->shut = true;
    if (!side->ended_here) shutdown(side->plain.fd, SHUT_WR);
  }
  if (!side->shut || !side->ended_here || side->settled_here) return;
  close(side->plain.fd);
  side->plain.fd = -1;
  side->settled_here = true;
  snprintf(counts, sizeof counts, "{\"received\":%lu,\"sent\":%lu}", side->received, side->sent);
  say(side, SETTLED, counts);
  flush(side);
  settle(side);
}

static struct iovec pieces[PIECES]; // data that was decoded and is delivered together
static int piece_count;

static void deliver(struct side *side) {
  ssize_t wrote = 0;
  if (piece_count > 0 && side->waiting_length == 0 && side->plain.writable) {
    wrote = writev(side->plain.fd, pieces, piece_count);
    if (wrote < 0 && errno != EAGAIN) bury(side);
    if (wrote < 0) side->plain.writable = false, wrote = 0;
  }
  for (int i = 0; i < piece_count && !side->dead; i++) {
    size_t length = pieces[i].iov_len, done = (size_t)wrote < length ? (size_t)wrote : length;
    side->received += length;
    wrote -= done;
    length -= done;
    if (length == 0) continue;
    side->plain.writable = false;
    side->waiting = realloc(side->waiting, side->waiting_length + length);
    memcpy(side->waiting + side->waiting_length, (char *)pieces[i].iov_base + done, length);
    side->waiting_length += length;
  }
  piece_count = 0;
}

static void deliver_waiting(struct side *side) {
  ssize_t wrote = write(side->plain.fd, side->waiting + side->waiting_at, side->waiting_length);
  if (wrote < 0 && errno != EAGAIN) return bury(side);
  if (wrote < (ssize_t)side->waiting_length) side->plain.writable = false;
  if (wrote > 0) side->waiting_at += wrote, side->waiting_length -= wrote;
  if (side->waiting_length > 0) return;
  free(side->waiting);
  side->waiting = NULL;
  side->waiting_at = 0;
  finish(side);
}

// ── in ──

static void take(struct side *side, const char *body) {
  if (side->type == OPEN && role == RELAY && sscanf(body, "{\"resourceId\":%d", &side->resource) == 1) {
    snprintf(side->request, sizeof side->request, "%.500s", body);
    watch(&side->plain, dial(side->resource), side);
  } else if (side->type == OPENED && role == AGENT) {
    side->opened = true;
  } else if (side->type == END && side->opened) {
    side->ended_there = true;
    finish(side);
  } else if (side->type == SETTLED && side->opened) {
    side->settled_there = true;
    settle(side);
  } else bury(side);
}

static void take_head(struct side *side) {
  side->type = side->head[0];
  side->left = side->head[1] << 16 | side->head[2] << 8 | side->head[3];
  side->body_length = 0;
  if (side->left > (side->type == DATA ? LONGEST : CONTROL)) bury(side);
  if (side->type == DATA && (!side->opened || side->ended_there)) bury(side);
}

// Decodes what was read. The data of frames that follow each other is delivered together.
static void decode(struct side *side, unsigned char *at, size_t length) {
  static unsigned char body[CONTROL + 1]; // a frame that is not data comes in one record
  while (length > 0 && !side->dead) {
    bool in_head = side->head_length < HEAD;
    size_t wanted = in_head ? (size_t)(HEAD - side->head_length) : side->left;
    size_t piece = length < wanted ? length : wanted;
    if (in_head) {
      memcpy(side->head + side->head_length, at, piece);
      side->head_length += (int)piece;
      if (side->head_length == HEAD) take_head(side);
    } else if (side->type == DATA) {
      pieces[piece_count++] = (struct iovec){at, piece};
      if (piece_count == PIECES) deliver(side);
    } else {
      memcpy(body + side->body_length, at, piece);
      side->body_length += piece;
    }
    at += piece;
    length -= piece;
    if (!in_head) side->left -= piece;
    if (side->head_length < HEAD || side->left > 0) continue;
    side->head_length = 0;
    if (side->type == DATA || side->dead) continue;
    deliver(side);
    body[side->body_length] = 0;
    if (!side->dead) take(side, (char *)body);
  }
  if (!side->dead) deliver(side);
  piece_count = 0;
}

static void read_link(struct side *side) {
  size_t length = 0;
  int got = 1;
  while (length + RECORD <= READS && (got = SSL_read(side->ssl, scratch + length, (int)(READS - length))) > 0) length += got;
  bool ended = got <= 0 && SSL_get_error(side->ssl, got) != SSL_ERROR_WANT_READ;
  if (length > 0) decode(side, scratch, length);
  if (ended) bury(side);
  else if (got > 0) run_again(side); // there may be more
}

static void read_plain(struct side *side) {
  int rounds = 0;
  while (side->plain.readable && !side->ended_here && queued(side) < QUEUE && rounds++ < ROUNDS) {
    ssize_t got = read(side->plain.fd, scratch + HEAD, BODY);
    if (got < 0 && errno != EAGAIN) return bury(side);
    if (got < BODY) side->plain.readable = got > 0 && side->plain.ending;
    if (got > 0) put(side, DATA, scratch, got);
    if (got > 0) side->sent += got;
    if (got != 0) continue;
    side->ended_here = true;
    say(side, END, "");
    finish(side);
  }
  flush(side);
  if (side->plain.readable && queued(side) < QUEUE) run_again(side);
}

// Does what can be done for a link now: shakes hands, writes what waits, reads both sockets.
void run_link(struct side *side) {
  if (!side->handshaken) {
    if (side->dead || !side->link.writable) return; // not connected yet
    int done = SSL_do_handshake(side->ssl);
    bool broken = done <= 0 && SSL_get_error(side->ssl, done) != SSL_ERROR_WANT_READ;
    flush(side);
    if (broken) bury(side);
    if (done <= 0) return;
    side->handshaken = true;
    if (role == AGENT) link_is_new(side);
  }
  if (!side->dead && queued(side) > 0) flush(side);
  if (!side->dead && side->waiting_length > 0 && side->plain.writable) deliver_waiting(side);
  if (!side->dead && side->waiting_length == 0 && (side->link.readable || SSL_has_pending(side->ssl))) read_link(side);
  if (side->dead || side->plain.fd < 0) return;
  if (role == RELAY && !side->recorded && side->plain.writable) { // the resource has been reached
    side->recorded = true;
    record(side, "opened", true);
  }
  if (side->opened) read_plain(side);
}
