// The gateway: two sockets are joined, and the kernel moves the bytes through a pipe that is lent while it is needed.
#include "tunnel.h"
#include <fcntl.h>

enum { SPARE = 64 };

static int spare[SPARE][2], spares;

void join(struct side *side, int from, int to) {
  watch(&side->link, from, side);
  watch(&side->plain, to, side);
}

static void lend(int pipe[2]) {
  if (spares > 0) memcpy(pipe, spare[--spares], sizeof spare[0]);
  else if (pipe2(pipe, O_NONBLOCK) < 0 || fcntl(pipe[0], F_SETPIPE_SZ, QUEUE) < 0) fail("pipe");
}

static void give_back(int pipe[2]) {
  if (spares < SPARE) memcpy(spare[spares++], pipe, sizeof spare[0]);
  else close(pipe[0]), close(pipe[1]);
}

static void move(struct side *side, struct end *from, struct end *to, int way) {
  int *pipe = side->pipes[way];
  int rounds = 0;
  if (side->piped[way] == 0) lend(pipe);
  while (!side->dead && rounds++ < ROUNDS && (side->piped[way] > 0 ? to->writable : from->readable)) {
    bool in = side->piped[way] == 0;
    ssize_t moved = in ? splice(from->fd, NULL, pipe[1], NULL, QUEUE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK)
                       : splice(pipe[0], NULL, to->fd, NULL, side->piped[way], SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (moved == 0 || (moved < 0 && errno != EAGAIN)) bury(side); // a link is never half-closed
    else if (moved < 0) *(in ? &from->readable : &to->writable) = false;
    else side->piped[way] = in ? (size_t)moved : side->piped[way] - moved;
  }
  if (side->piped[way] == 0) give_back(pipe);
  if (rounds > ROUNDS) run_again(side);
}

void run_joined(struct side *side) {
  if (!side->dead) move(side, &side->link, &side->plain, 0);
  if (!side->dead) move(side, &side->plain, &side->link, 1);
}
